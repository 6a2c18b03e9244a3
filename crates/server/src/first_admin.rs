//! The admin that the first start makes, so that there is somebody to begin with.

use std::path::PathBuf;
use std::time::Duration;

use doorward_domain::accounts::{Accounts, NewAccount, RegisterError};
use doorward_domain::port::{HasherError, StoreError};
use doorward_domain::user::{Email, EmailError, Password, PasswordError};

use crate::password_file::{self, PasswordFileError};
use crate::settings::Settings;

/// Reserved for examples (RFC 2606 §2): no mail ever goes there.
const USUAL_ADDRESS: &str = "admin@doorward.example";

/// How often the password of an admin is tried to be hashed, and how long each time is waited for room: longer
/// together than a full queue takes with the default settings.
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
}

/// Why there is no first admin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FirstAdminError {
    /// The file of its password cannot be used.
    #[error("the first admin's password cannot be read from {}", .0.display())]
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

/// Makes the first admin if there is no active one. Of two processes that start at once, one does.
pub(crate) async fn ensure(accounts: &Accounts, settings: &Settings) -> Result<FirstAdmin, FirstAdminError> {
    for _ in 0..ATTEMPTS {
        match attempt(accounts, settings).await {
            Err(FirstAdminError::Register(RegisterError::Hasher(HasherError::Overloaded))) => {
                tokio::time::sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
    Ok(FirstAdmin::Missing(Obstacle::Overload))
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
    use doorward_domain::port::{PasswordHasher, Verdict};
    use doorward_domain::user::{PasswordHash, PasswordRules, User};
    use doorward_testkit::fake::{FewCommonPasswords, PlainPasswords, Service};
    use doorward_testkit::sample;

    use super::*;

    /// A hasher that has no room so many times.
    struct Crowded(AtomicUsize);

    #[async_trait]
    impl PasswordHasher for Crowded {
        async fn hash(&self, password: &Password) -> Result<PasswordHash, HasherError> {
            let before =
                self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            match before {
                Ok(_) => Err(HasherError::Overloaded),
                Err(_) => Ok(PlainPasswords::hash_of(password.reveal())),
            }
        }

        async fn verify(&self, _: &Password, _: &PasswordHash) -> Result<Verdict, HasherError> {
            Ok(Verdict::Wrong)
        }

        async fn verify_nobody(&self, _: &Password) -> Result<(), HasherError> {
            Ok(())
        }
    }

    fn crowded(times: usize) -> Accounts {
        let hasher = Arc::new(Crowded(AtomicUsize::new(times)));
        let passwords = Passwords::new(hasher, Arc::new(FewCommonPasswords), PasswordRules::default());
        let ports = AccountPorts { passwords, ..Service::default().account_ports() };
        Accounts::new(ports, AccountRules::default())
    }

    async fn accounts_with(users: &[User]) -> Accounts {
        let ports = Service::default().account_ports();
        for user in users {
            ports.users.insert(user).await.unwrap();
        }
        Accounts::new(ports, AccountRules::default())
    }

    async fn ensured(accounts: &Accounts) -> FirstAdmin {
        ensure(accounts, &Settings::default()).await.unwrap()
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
}
