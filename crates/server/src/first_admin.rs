//! The admin that the first start makes, so that there is somebody to begin with.

use std::path::PathBuf;
use std::time::Duration;

use doorward_domain::accounts::{Accounts, NewAccount, RegisterError};
use doorward_domain::port::{HasherError, StoreError};
use doorward_domain::user::{Email, EmailError, Password, PasswordError};
use tokio::sync::Notify;

use crate::password_file::{self, PasswordFileError, Shown};
use crate::settings::Settings;

/// Reserved for examples (RFC 2606 §2): no mail ever goes there.
const USUAL_ADDRESS: &str = "admin@doorward.example";

/// How often an admin is tried to be made, and how long after each time is waited: longer together than a full queue
/// of passwords takes with the default settings.
const ATTEMPTS: usize = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// Whether there is somebody to begin with.
pub(crate) enum FirstAdmin {
    /// There was an admin already.
    There,
    /// There was none, and this one was made just now.
    Made(NewAdmin),
    /// There is none, and none was made.
    Missing(Obstacle),
}

/// An admin made just now.
pub(crate) struct NewAdmin {
    /// Its username.
    pub(crate) address: Email,
    /// Its password, if we chose it.
    pub(crate) chosen: Option<Password>,
}

/// What keeps the service from making an admin, although it can be used without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Obstacle {
    /// Somebody was quicker with the address, or an admin who may no longer log in has it.
    #[error("the address meant for one belongs to another account")]
    AddressTaken,
    /// So many passwords waited to be hashed that there was no room for this one.
    #[error("there was no room to hash the password of one")]
    Overload,
    /// The store was out of reach all the time, so that it is not even known whether there is one.
    #[error("the database did not answer")]
    Database,
}

impl Obstacle {
    /// What it means for the service.
    pub(crate) fn means(self) -> &'static str {
        match self {
            Self::AddressTaken | Self::Overload => "there is no admin",
            Self::Database => "there may be no admin",
        }
    }
}

/// Why there is no first admin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FirstAdminError {
    /// The file of its password cannot be used.
    #[error("the first admin's password cannot be read from {}", Shown(.0))]
    File(PathBuf, #[source] PasswordFileError),
    /// The usual address is none.
    #[error("the first admin's address is refused")]
    Address(#[from] EmailError),
    /// The chosen password is none.
    #[error("the first admin's password is refused")]
    Password(#[from] PasswordError),
    /// The account was not opened.
    #[error("the first admin could not be made")]
    Register(#[from] RegisterError),
    /// The store failed.
    #[error("the first admin could not be made")]
    Store(#[from] StoreError),
}

impl FirstAdminError {
    /// What is in the way, if it may go away by itself.
    fn passing(&self) -> Option<Obstacle> {
        match self {
            Self::Register(RegisterError::Hasher(HasherError::Overloaded)) => Some(Obstacle::Overload),
            Self::Store(StoreError::Unavailable(_))
            | Self::Register(RegisterError::Store(StoreError::Unavailable(_))) => Some(Obstacle::Database),
            _ => None,
        }
    }
}

/// Makes the first admin if there is no active one. Of two processes that start at once, one does.
///
/// What may pass is waited for, unless `over` says that nobody serves any more.
pub(crate) async fn ensure(
    accounts: &Accounts,
    settings: &Settings,
    over: &Notify,
) -> Result<FirstAdmin, FirstAdminError> {
    let mut obstacle = Obstacle::Overload;
    for _ in 0..ATTEMPTS {
        match attempt(accounts, settings).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => match error.passing() {
                Some(passing) => obstacle = passing,
                None => return Err(error),
            },
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = over.notified() => break,
        }
    }
    Ok(FirstAdmin::Missing(obstacle))
}

async fn attempt(accounts: &Accounts, settings: &Settings) -> Result<FirstAdmin, FirstAdminError> {
    if accounts.has_admin().await? {
        return Ok(FirstAdmin::There);
    }
    let (admin, password) = candidate(settings)?;
    match accounts.open_admin(NewAccount::new(admin.address.clone(), password)).await {
        Ok(_) => Ok(FirstAdmin::Made(admin)),
        // The service answers already, so that anybody may have taken the address; or it was another process.
        Err(RegisterError::AddressTaken) if accounts.has_admin().await? => Ok(FirstAdmin::There),
        Err(RegisterError::AddressTaken) => Ok(FirstAdmin::Missing(Obstacle::AddressTaken)),
        Err(error) => Err(error.into()),
    }
}

fn candidate(settings: &Settings) -> Result<(NewAdmin, Password), FirstAdminError> {
    if let (Some(address), Some(file)) = (&settings.admin_email, &settings.admin_password_file) {
        let password =
            password_file::read(file).map_err(|error| FirstAdminError::File(file.clone(), error))?;
        return Ok((NewAdmin { address: address.clone(), chosen: None }, password));
    }
    let password = Password::parse(&doorward_crypto::random_password())?;
    Ok((NewAdmin { address: Email::parse(USUAL_ADDRESS)?, chosen: Some(password.clone()) }, password))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use doorward_domain::Passwords;
    use doorward_domain::accounts::{AccountPorts, AccountRules};
    use doorward_domain::audit::{AuditEntry, Deed};
    use doorward_domain::port::{
        DeleteUserError, InsertUserError, NewPassword, PasswordChange, PasswordChanged, PasswordHasher,
        UpdateUserError, UserFilter, UserQuery, UserRepository, Verdict,
    };
    use doorward_domain::throttle::Network;
    use doorward_domain::token::SessionId;
    use doorward_domain::user::{KeptDocument, PasswordHash, PasswordRules, User, UserId};
    use doorward_testkit::fake::{FewCommonPasswords, PlainPasswords, Service};
    use doorward_testkit::sample;

    use super::*;

    /// A hasher that has no room so many times.
    struct Crowded(AtomicUsize);

    #[async_trait]
    impl PasswordHasher for Crowded {
        fn has_room(&self, _: Option<Network>) -> bool {
            true
        }

        fn can_read(&self, _: &PasswordHash) -> bool {
            true
        }

        async fn hash(&self, password: &Password, _: Option<Network>) -> Result<PasswordHash, HasherError> {
            let before =
                self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            match before {
                Ok(_) => Err(HasherError::Overloaded),
                Err(_) => Ok(PlainPasswords::hash_of(password.reveal())),
            }
        }

        async fn verify(
            &self,
            _: &Password,
            _: &PasswordHash,
            _: Option<Network>,
        ) -> Result<Verdict, HasherError> {
            Ok(Verdict::Wrong)
        }

        async fn verify_nobody(&self, _: &Password, _: Option<Network>) -> Result<(), HasherError> {
            Ok(())
        }
    }

    fn crowded(times: usize) -> Accounts {
        let hasher = Arc::new(Crowded(AtomicUsize::new(times)));
        let passwords = Passwords::new(hasher, Arc::new(FewCommonPasswords), PasswordRules::default());
        let ports = AccountPorts { passwords, ..Service::default().account_ports() };
        Accounts::new(ports, AccountRules::default())
    }

    /// A store that is out of reach so many times, when it is asked for admins and when it is to keep one.
    struct Away {
        there: Arc<dyn UserRepository>,
        counts: AtomicUsize,
        inserts: AtomicUsize,
    }

    fn answer(left: &AtomicUsize) -> Result<(), StoreError> {
        match left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
            Ok(_) => Err(StoreError::Unavailable("gone".into())),
            Err(_) => Ok(()),
        }
    }

    #[async_trait]
    impl UserRepository for Away {
        async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
            self.there.find(id).await
        }

        async fn find_by_address(&self, address: &Email) -> Result<Option<User>, StoreError> {
            self.there.find_by_address(address).await
        }

        async fn insert(&self, user: &User, entries: &[AuditEntry]) -> Result<(), InsertUserError> {
            answer(&self.inserts)?;
            self.there.insert(user, entries).await
        }

        async fn update(&self, user: &User, deed: &Deed) -> Result<(), UpdateUserError> {
            self.there.update(user, deed).await
        }

        async fn change_password(&self, change: &PasswordChange) -> Result<PasswordChanged, StoreError> {
            self.there.change_password(change).await
        }

        async fn set_password(&self, new: &NewPassword) -> Result<Option<Vec<SessionId>>, StoreError> {
            self.there.set_password(new).await
        }

        async fn delete_with_sessions(&self, id: UserId, deed: &Deed) -> Result<(), DeleteUserError> {
            self.there.delete_with_sessions(id, deed).await
        }

        async fn list(&self, query: &UserQuery) -> Result<Vec<Arc<KeptDocument>>, StoreError> {
            self.there.list(query).await
        }

        async fn count(&self, filter: &UserFilter) -> Result<u64, StoreError> {
            answer(&self.counts)?;
            self.there.count(filter).await
        }
    }

    fn away(counts: usize, inserts: usize) -> Accounts {
        let ports = Service::default().account_ports();
        let away = Away { there: ports.users, counts: counts.into(), inserts: inserts.into() };
        Accounts::new(AccountPorts { users: Arc::new(away), ..ports }, AccountRules::default())
    }

    async fn accounts_with(users: &[User]) -> Accounts {
        let ports = Service::default().account_ports();
        for user in users {
            ports.users.insert(user, &[]).await.unwrap();
        }
        Accounts::new(ports, AccountRules::default())
    }

    async fn ensured(accounts: &Accounts) -> FirstAdmin {
        ensure(accounts, &Settings::default(), &Notify::new()).await.unwrap()
    }

    #[tokio::test]
    async fn where_nobody_is_the_first_admin_is_made_once() {
        let accounts = accounts_with(&[]).await;
        let FirstAdmin::Made(admin) = ensured(&accounts).await else { panic!("none was made") };
        assert!(admin.address.as_str() == USUAL_ADDRESS && admin.chosen.is_some());
        assert!(matches!(ensured(&accounts).await, FirstAdmin::There));
    }

    #[tokio::test]
    async fn members_and_admins_who_may_not_log_in_are_no_admins_to_begin_with() {
        let barred = User { active: false, ..sample::admin(2) };
        let accounts = accounts_with(&[sample::user(1), barred]).await;
        assert!(matches!(ensured(&accounts).await, FirstAdmin::Made(_)));
    }

    #[tokio::test]
    async fn where_somebody_else_has_the_address_that_is_told() {
        let quick = User { username: sample::email(USUAL_ADDRESS), ..sample::user(1) };
        let accounts = accounts_with(&[quick]).await;
        assert!(matches!(ensured(&accounts).await, FirstAdmin::Missing(Obstacle::AddressTaken)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_that_drains_is_waited_for() {
        assert!(matches!(ensured(&crowded(ATTEMPTS - 1)).await, FirstAdmin::Made(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_that_stays_full_ends_no_process() {
        assert!(matches!(ensured(&crowded(usize::MAX)).await, FirstAdmin::Missing(Obstacle::Overload)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_comes_back_is_waited_for() {
        for (counts, inserts) in [(ATTEMPTS - 1, 0), (0, ATTEMPTS - 1), (3, 3)] {
            assert!(matches!(ensured(&away(counts, inserts)).await, FirstAdmin::Made(_)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_stays_away_ends_no_process() {
        for (counts, inserts) in [(usize::MAX, 0), (0, usize::MAX)] {
            let ensured = ensured(&away(counts, inserts)).await;
            assert!(matches!(ensured, FirstAdmin::Missing(Obstacle::Database)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_who_stops_waits_for_what_is_away() {
        let over = Notify::new();
        over.notify_one();
        let begun = tokio::time::Instant::now();
        let ensured = ensure(&away(usize::MAX, 0), &Settings::default(), &over).await.unwrap();
        assert!(matches!(ensured, FirstAdmin::Missing(Obstacle::Database)));
        assert!(begun.elapsed() < PAUSE);
    }
}
