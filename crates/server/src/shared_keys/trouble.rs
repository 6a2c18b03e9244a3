//! A keeper that does not get on is told of in the log: once, and once more when it does again.

use std::time::Duration;

use tokio::time::Instant;

use super::error::LookFailed;
use crate::causes::with_causes;

/// How long nothing is said: a database that is restarted is back by then.
const PATIENCE: Duration = Duration::from_secs(30);

/// Since when nothing was seen of keys and register.
#[derive(Debug)]
pub(super) struct Trouble {
    last_success: Instant,
    is_told: bool,
}

/// What is to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Begun,
    Over,
}

impl Trouble {
    /// None so far.
    pub(super) fn none(now: Instant) -> Self {
        Self { last_success: now, is_told: false }
    }

    /// Takes note of how a look ended, and logs what an operator should know of it.
    pub(super) fn note(&mut self, failure: Option<&LookFailed>, now: Instant) {
        if let Some(panic @ LookFailed::Task(_)) = failure {
            tracing::error!(error = with_causes(panic), "the keys of tokens were not looked at");
        }
        match (self.word(failure.is_none(), now), failure.map(|error| with_causes(error))) {
            (Some(Word::Begun), error) => tracing::warn!(
                error,
                "for half a minute it was not seen how the keys of tokens stand: a key that is retired meanwhile is \
                 still accepted here"
            ),
            (Some(Word::Over), _) => tracing::warn!("it is seen again how the keys of tokens stand"),
            (None, Some(error)) => tracing::debug!(error, "it was not seen how the keys of tokens stand"),
            (None, None) => {}
        }
    }

    fn word(&mut self, is_success: bool, now: Instant) -> Option<Word> {
        if is_success {
            self.last_success = now;
            return std::mem::take(&mut self.is_told).then_some(Word::Over);
        }
        if self.is_told || now.duration_since(self.last_success) < PATIENCE {
            return None;
        }
        self.is_told = true;
        Some(Word::Begun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_once_after_half_a_minute_and_once_when_it_is_over() {
        let begun = Instant::now();
        let mut trouble = Trouble::none(begun);
        let mut at = |seconds, is_success| trouble.word(is_success, begun + Duration::from_secs(seconds));
        assert_eq!([at(2, true), at(4, false), at(31, false)], [None; 3]);
        assert_eq!([at(32, false), at(34, false), at(3_600, false)], [Some(Word::Begun), None, None]);
        assert_eq!([at(3_602, true), at(3_604, true)], [Some(Word::Over), None]);
        // What passes soon is nothing.
        assert_eq!([at(3_630, false), at(3_632, true), at(3_640, false)], [None; 3]);
        assert_eq!([at(3_661, false), at(3_662, false)], [None, Some(Word::Begun)]);
    }
}
