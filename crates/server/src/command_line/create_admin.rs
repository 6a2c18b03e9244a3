//! `doorward admin create`: opens an admin's account, beside a running service or before its first start.

use std::path::Path;

use doorward_domain::accounts::{NewAccount, RegisterError};
use doorward_domain::port::StoreError;
use doorward_domain::user::{Email, EmailError};

use super::new_password::{self, NewPasswordError};
use crate::settings::Settings;
use crate::wiring::{self, WiringError};

/// Why no admin was made.
#[derive(Debug, thiserror::Error)]
pub(super) enum CreateAdminError {
    /// The address is none.
    #[error("{0:?} {1}")]
    Address(String, EmailError),
    /// There is no password.
    #[error(transparent)]
    NoPassword(#[from] NewPasswordError),
    /// A part is missing.
    #[error(transparent)]
    Wiring(#[from] WiringError),
    /// The rules refuse the password.
    #[error("the password {0}")]
    Weak(doorward_domain::user::PasswordWeakness),
    /// There is such an account.
    #[error("an account with the address {0} exists already")]
    Taken(String),
    /// The account was not opened.
    #[error("the account was not opened")]
    Register(#[source] RegisterError),
}

impl CreateAdminError {
    /// Whether trying later may help.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            Self::Wiring(error) => error.is_temporary(),
            Self::Register(error) => matches!(error, RegisterError::Store(StoreError::Unavailable(_))),
            _ => false,
        }
    }
}

/// Opens the account, with a password from a file or from two entries at the terminal.
pub(super) async fn create_admin(
    settings: &Settings,
    email: &str,
    password_file: Option<&Path>,
) -> Result<(), CreateAdminError> {
    let address = Email::parse(email).map_err(|error| CreateAdminError::Address(email.to_owned(), error))?;
    let password = new_password::obtain(email, password_file)?;
    let (accounts, store) = wiring::accounts(settings).await?;
    let opened = accounts.open_admin(NewAccount::new(address, password)).await;
    store.close();
    match opened {
        Ok(_) => Ok(()),
        Err(RegisterError::Password(weakness)) => Err(CreateAdminError::Weak(weakness)),
        Err(RegisterError::AddressTaken) => Err(CreateAdminError::Taken(email.to_owned())),
        Err(error) => Err(CreateAdminError::Register(error)),
    }
}
