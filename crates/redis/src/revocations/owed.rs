//! Changes of which neither Redis nor the database could be told.

use std::collections::HashMap;
use std::time::Duration;

use doorward_domain::port::Revoked;
use doorward_domain::user::UserId;
use parking_lot::Mutex;
use tokio::time::sleep;

use super::RedisRevocations;

/// How long it takes until it is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// How many accounts are remembered. Where it is more, nothing that is known of any account counts any more.
const MOST: usize = 10_000;

/// What is still to be told.
#[derive(Default)]
pub(super) struct Owed(Mutex<Debt>);

#[derive(Default)]
struct Debt {
    accounts: HashMap<UserId, Vec<Revoked>>,
    /// More accounts than are remembered.
    everything: bool,
    /// Somebody is telling.
    is_being_told: bool,
}

enum Next {
    Account(UserId, Vec<Revoked>),
    Everything,
    Nothing,
}

impl Owed {
    /// Whether the caller is the one to tell.
    fn add(&self, user: UserId, revoked: &[Revoked]) -> bool {
        let mut debt = self.0.lock();
        if debt.accounts.len() < MOST || debt.accounts.contains_key(&user) {
            debt.accounts.entry(user).or_default().extend_from_slice(revoked);
        } else {
            debt.everything = true;
        }
        !std::mem::replace(&mut debt.is_being_told, true)
    }

    fn next(&self) -> Next {
        let mut debt = self.0.lock();
        if debt.everything {
            return Next::Everything;
        }
        let user = debt.accounts.keys().next().copied();
        if let Some((user, revoked)) = user.and_then(|user| debt.accounts.remove_entry(&user)) {
            return Next::Account(user, revoked);
        }
        debt.is_being_told = false;
        Next::Nothing
    }

    fn everything_is_told(&self) {
        let mut debt = self.0.lock();
        debt.everything = false;
        debt.accounts.clear();
    }
}

impl RedisRevocations {
    /// Tells later, as soon as anybody can be told.
    pub(super) fn tell_later(&self, user: UserId, revoked: &[Revoked]) {
        if self.owed.add(user, revoked) {
            tokio::spawn(self.clone().tell_what_is_owed());
        }
    }

    async fn tell_what_is_owed(self) {
        loop {
            match self.owed.next() {
                Next::Nothing => return,
                Next::Account(user, revoked) => {
                    if self.tell(user, &revoked).await.is_ok() {
                        continue;
                    }
                    self.owed.add(user, &revoked);
                }
                Next::Everything => {
                    if self.trust.end_present().await.is_ok() {
                        self.owed.everything_is_told();
                        continue;
                    }
                }
            }
            sleep(PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use doorward_domain::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn user(number: usize) -> UserId {
        UserId::new(Uuid::from_u128(number as u128))
    }

    #[test]
    fn one_task_tells_all_of_it() {
        let owed = Owed::default();
        let revoked = |number| Revoked { id: Uuid::from_u128(number), until: Timestamp::from_millis(1) };
        assert!(owed.add(user(1), &[revoked(1)]));
        assert!(!owed.add(user(1), &[revoked(2)]));
        let Next::Account(id, told) = owed.next() else { panic!("somebody is to be told of") };
        assert_eq!((id, told.len()), (user(1), 2));
        assert!(!owed.add(user(2), &[]), "the task has not ended");
        assert!(matches!(owed.next(), Next::Account(..)));
        assert!(matches!(owed.next(), Next::Nothing));
        assert!(owed.add(user(3), &[]), "the task has ended");
    }

    #[test]
    fn more_accounts_than_are_remembered_are_all_accounts() {
        let owed = Owed::default();
        for number in 0..MOST {
            owed.add(user(number), &[]);
        }
        owed.add(user(0), &[]);
        assert!(matches!(owed.next(), Next::Account(..)));
        owed.add(user(MOST), &[]);
        owed.add(user(MOST + 1), &[]);
        assert!(matches!(owed.next(), Next::Everything));
        owed.everything_is_told();
        assert!(matches!(owed.next(), Next::Nothing));
    }
}
