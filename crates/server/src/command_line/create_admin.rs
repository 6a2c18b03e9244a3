//! `doorward admin create`: opens an admin's account, beside a running service or before its first start.

use std::io;
use std::path::{Path, PathBuf};

use doorward_domain::accounts::{NewAccount, RegisterError};
use doorward_domain::port::StoreError;
use doorward_domain::user::{Email, EmailError, Password, PasswordError};
use zeroize::Zeroizing;

use crate::password_file::{self, PasswordFileError, Shown};
use crate::settings::Settings;
use crate::wiring::{self, WiringError};

/// Why no admin was made.
#[derive(Debug, thiserror::Error)]
pub(super) enum CreateAdminError {
    /// The address is none.
    #[error("{0:?} {1}")]
    Address(String, EmailError),
    /// The file of the password cannot be used.
    #[error("the password cannot be read from {}", Shown(.0))]
    File(PathBuf, #[source] PasswordFileError),
    /// There is nobody to ask.
    #[error("the password cannot be asked for here; give it with --password-file (- for standard input)")]
    NoTerminal(#[source] io::Error),
    /// What was typed is no password.
    #[error("the password {0}")]
    NoPassword(#[from] PasswordError),
    /// The two entries differ.
    #[error("the two passwords differ")]
    Different,
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
    let password = match password_file {
        Some(file) => from_file(file).map_err(|error| CreateAdminError::File(file.to_owned(), error))?,
        None => ask(email)?,
    };
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

fn from_file(file: &Path) -> Result<Password, PasswordFileError> {
    if file == Path::new("-") { password_file::read_standard_input() } else { password_file::read(file) }
}

fn ask(email: &str) -> Result<Password, CreateAdminError> {
    let entry = |prompt: String| -> Result<Password, CreateAdminError> {
        let text = rpassword::prompt_password(prompt).map_err(CreateAdminError::NoTerminal)?;
        Ok(Password::parse(&Zeroizing::new(text))?)
    };
    let first = entry(format!("Password for {email}: "))?;
    let second = entry("The same once more: ".to_owned())?;
    if first == second { Ok(first) } else { Err(CreateAdminError::Different) }
}
