//! One at a time for each account or session: two transactions of this process that change the same rows would only
//! make one another start again. Other processes are not held up; against them the database decides.

use std::collections::HashMap;
use std::sync::Arc;

use doorward_sql::columns::Id;
use parking_lot::Mutex;
use tokio::sync::{Mutex as Turnstile, OwnedMutexGuard};

/// Who waits behind whom.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<Id, Arc<Turnstile<()>>>>);

/// It is somebody's turn until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    of: Id,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits until nobody else of this process is at it. First come, first served.
    pub(crate) async fn take(&self, of: impl Into<Id>) -> Turn<'_> {
        let of = of.into();
        let turnstile = Arc::clone(self.0.lock().entry(of).or_default());
        // Made before waiting: whoever gives up in the queue leaves nothing behind either.
        let mut turn = Turn { turns: self, of, guard: None };
        turn.guard = Some(turnstile.lock_owned().await);
        turn
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut turns = self.turns.0.lock();
        self.guard = None;
        // Those who wait hold the turnstile as well, and new ones come only through the map.
        if turns.get(&self.of).is_some_and(|turnstile| Arc::strong_count(turnstile) == 1) {
            turns.remove(&self.of);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use doorward_testkit::sample;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_waits_for_the_other_and_nobody_for_somebody_elses() {
        let turns = Turns::default();
        let first = turns.take(sample::user_id(1)).await;
        let other = timeout(Duration::from_secs(1), turns.take(sample::user_id(2))).await;
        assert!(other.is_ok());
        assert!(timeout(Duration::from_secs(1), turns.take(sample::user_id(1))).await.is_err());
        drop(first);
        assert!(timeout(Duration::from_secs(1), turns.take(sample::user_id(1))).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_left_of_those_who_are_done_or_gave_up() {
        let turns = Turns::default();
        let first = turns.take(sample::user_id(1)).await;
        assert!(timeout(Duration::from_secs(1), turns.take(sample::user_id(1))).await.is_err());
        drop(first);
        assert!(turns.0.lock().is_empty());
    }
}
