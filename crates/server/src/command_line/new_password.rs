//! A password that an operator gives: in a file, through a pipe, or by typing it twice.

use std::io;
use std::path::{Path, PathBuf};

use doorward_domain::user::{Password, PasswordError};
use zeroize::Zeroizing;

use crate::password_file::{self, PasswordFileError, Shown};

/// Why there is no password.
#[derive(Debug, thiserror::Error)]
pub(super) enum NewPasswordError {
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
}

/// The password that the file has (`-` is standard input), or that two entries at the terminal have.
pub(super) fn obtain(email: &str, file: Option<&Path>) -> Result<Password, NewPasswordError> {
    match file {
        Some(file) => from_file(file).map_err(|error| NewPasswordError::File(file.to_owned(), error)),
        None => ask(email),
    }
}

fn from_file(file: &Path) -> Result<Password, PasswordFileError> {
    if file == Path::new("-") { password_file::read_standard_input() } else { password_file::read(file) }
}

fn ask(email: &str) -> Result<Password, NewPasswordError> {
    let entry = |prompt: String| -> Result<Password, NewPasswordError> {
        let text = rpassword::prompt_password(prompt).map_err(NewPasswordError::NoTerminal)?;
        Ok(Password::parse(&Zeroizing::new(text))?)
    };
    let first = entry(format!("Password for {email}: "))?;
    let second = entry("The same once more: ".to_owned())?;
    if first == second { Ok(first) } else { Err(NewPasswordError::Different) }
}
