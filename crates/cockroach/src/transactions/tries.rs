//! When a step is run again, after what pause, and when it is not.

use std::time::Duration;

use diesel::result::Error;
use doorward_sql::Failure;
use doorward_sql::steps::Try;
use metrics::counter;
use tokio::time::sleep;

use crate::connect::GetError;
use crate::error::{Class, Trouble, classify, is_consequence};
use crate::operation::Operation;
use crate::store::{CockroachSettings, CockroachStore};

/// Most of the pause before the second try; before the third it is twice that, and so on.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// One try came to nothing.
#[derive(Debug)]
pub(super) struct Failed {
    trouble: Trouble,
    class: Class,
    at_commit: bool,
}

impl Failed {
    /// `COMMIT` was sent, and answered with an error or not at all.
    pub(super) fn at_commit(error: Error) -> Self {
        let class = classify(&error);
        let trouble = match class {
            Class::Retry => Trouble::Transaction(error),
            _ => Trouble::Ambiguous(error),
        };
        Self { trouble, class, at_commit: true }
    }

    /// Whether the connection is as good as before.
    pub(super) fn leaves_connection(&self) -> bool {
        matches!(self.class, Class::Retry | Class::Permanent | Class::Overloaded)
    }

    /// Whether it got into another transaction's way.
    pub(super) fn is_collision(&self) -> bool {
        self.class == Class::Retry
    }

    /// Says that there is another try, and why.
    fn tell(&self, operation: Operation) {
        let (operation, error) = (operation.as_str(), &self.trouble as &dyn std::error::Error);
        if matches!(&self.trouble, Trouble::Transaction(error) if is_consequence(error)) {
            tracing::warn!(operation, error, "a statement failed and nobody heard why");
        }
        tracing::debug!(operation, error, "tried again");
    }

    /// Whether another try may go better.
    fn may_pass(&self) -> bool {
        matches!(self.class, Class::Retry | Class::Reset | Class::StalePlan)
    }

    /// Whether the database may have carried the step out all the same: the error may be the connection's alone.
    fn may_be_done(&self) -> bool {
        self.at_commit && self.class != Class::Retry
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { class: classify(&error), trouble: Trouble::Transaction(error), at_commit: false }
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Statement(error) => error.into(),
            row @ Failure::Row(_) => {
                Self { trouble: Trouble::Failure(row), class: Class::Permanent, at_commit: false }
            }
        }
    }
}

impl From<GetError> for Failed {
    /// Another host may answer, or the same one in a moment. Where every connection is in use, opening one takes long
    /// already or the server has no room for one, more who ask would only make it worse.
    fn from(error: GetError) -> Self {
        let class = match &error {
            GetError::Connect(reason) if reason.is_permanent() => Class::Permanent,
            GetError::Connect(reason) if !reason.is_shortage() => Class::Reset,
            _ => Class::Overloaded,
        };
        Self { trouble: error.into(), class, at_commit: false }
    }
}

/// The tries of one operation.
pub(super) struct Tries<'a> {
    store: &'a CockroachStore,
    operation: Operation,
    failed: u32,
    kind: Try,
}

impl<'a> Tries<'a> {
    pub(super) fn new(store: &'a CockroachStore, operation: Operation) -> Self {
        Self { store, operation, failed: 0, kind: Try::First }
    }

    /// What the next try is told.
    pub(super) fn kind(&self) -> Try {
        self.kind
    }

    /// How many there were that came to nothing.
    pub(super) fn failed(&self) -> u32 {
        self.failed
    }

    /// Waits until it is time for the next try; an error where there is none.
    pub(super) async fn after(&mut self, failed: Failed) -> Result<(), Trouble> {
        self.failed += 1;
        if failed.may_be_done() {
            self.kind = Try::PerhapsDoneBefore;
        }
        let CockroachSettings { tries, tries_of_lost, .. } = *self.store.settings();
        let most = if failed.is_collision() { tries } else { tries_of_lost };
        if !failed.may_pass() || self.failed >= most {
            return Err(failed.trouble);
        }
        self.store.counters().retry(self.operation);
        counter!("doorward_database_retries_total", "operation" => self.operation.as_str()).increment(1);
        failed.tell(self.operation);
        sleep(pause(self.failed, self.store.chance())).await;
        Ok(())
    }
}

/// Anything from nothing to the most there is after so many failures ("full jitter"): those who got into each other's
/// way come back at different times. `chance` is drawn from the whole range of `u64`.
fn pause(failed: u32, chance: u64) -> Duration {
    let most = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(failed.saturating_sub(1))).min(LONGEST_PAUSE);
    let micros = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(chance % micros.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_bound() {
        let longest = |failed, most: u64| (0..=most).map(|chance| pause(failed, chance)).max().unwrap();
        assert_eq!(longest(1, 5_000), FIRST_PAUSE);
        assert_eq!(longest(3, 20_000), 4 * FIRST_PAUSE);
        assert_eq!(longest(40, 250_000), LONGEST_PAUSE);
        assert_eq!(pause(1, 0), Duration::ZERO);
        assert!(pause(7, u64::MAX) <= LONGEST_PAUSE);
    }
}
