//! The admin that the first start makes, so that there is somebody to begin with.

use std::path::PathBuf;

use doorward_domain::accounts::{Accounts, NewAccount, RegisterError};
use doorward_domain::port::StoreError;
use doorward_domain::user::{Email, EmailError, Password, PasswordError};

use crate::password_file::{self, PasswordFileError};
use crate::settings::Settings;

/// Reserved for examples (RFC 2606 §2): no mail ever goes there.
const USUAL_ADDRESS: &str = "admin@doorward.example";

/// An admin made just now.
pub(crate) struct FirstAdmin {
    /// Its username.
    pub(crate) address: Email,
    /// Its password, if we chose it.
    pub(crate) chosen: Option<Password>,
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

/// Makes the first admin if there is no account at all. Of two processes that start at once, one does.
pub(crate) async fn ensure(
    accounts: &Accounts,
    settings: &Settings,
) -> Result<Option<FirstAdmin>, FirstAdminError> {
    if !accounts.is_empty().await? {
        return Ok(None);
    }
    let (admin, password) = candidate(settings)?;
    match accounts.open_admin(NewAccount::new(admin.address.clone(), password)).await {
        Ok(_) => Ok(Some(admin)),
        Err(RegisterError::AddressTaken) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn candidate(settings: &Settings) -> Result<(FirstAdmin, Password), FirstAdminError> {
    if let (Some(address), Some(file)) = (&settings.admin_email, &settings.admin_password_file) {
        let password =
            password_file::read(file).map_err(|error| FirstAdminError::File(file.clone(), error))?;
        return Ok((FirstAdmin { address: address.clone(), chosen: None }, password));
    }
    let password = Password::parse(&doorward_crypto::random_password())?;
    Ok((FirstAdmin { address: Email::parse(USUAL_ADDRESS)?, chosen: Some(password.clone()) }, password))
}
