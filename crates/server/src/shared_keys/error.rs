//! Why a node must not serve with the secrets that it has.

use std::fmt;
use std::path::PathBuf;

use doorward_crypto::{KeyFileError, KeyInFile};
use doorward_domain::port::StoreError;
use tokio::task::JoinError;

use super::SharedFiles;
use super::choice::{Obstacle, Refused};
use super::register::Register;
use crate::file_system::Unanswered;
use crate::settings::Settings;

/// Why the secrets of this node are not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysUnusable {
    /// A file is weak, exposed or broken.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// Files are not there, and the store was used with what was in them.
    #[error(
        "keys or pepper are missing: {}; the database was used with them, so no others are made: copy them from a \
         node that runs, or from a backup{}",
        Paths(.0), Rotation(.0)
    )]
    Missing(Vec<PathBuf>),
    /// They are not those of the service.
    #[error("{0}")]
    Different(Differences),
    /// The key that is to sign must not, and no other one could.
    #[error("the signing key {0} must not be used: {1}; `doorward keys list` tells how keys stand")]
    NotToSign(String, Obstacle),
    /// The store does not say what is registered.
    #[error("the fingerprints of keys and pepper cannot be read or registered")]
    Store(#[from] StoreError),
    /// How they stand was not seen.
    #[error(transparent)]
    Look(#[from] LookFailed),
}

/// Why a running node has not seen how its keys stand.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookFailed {
    /// The store does not say what is registered.
    #[error("what is registered of the keys cannot be read or changed")]
    Store(#[from] StoreError),
    /// The directory of keys was not looked at to the end.
    #[error("looking at the directory of keys was broken off")]
    Task(#[from] JoinError),
    /// It does not answer.
    #[error("the directory of keys does not answer")]
    Silence,
}

impl From<Unanswered> for LookFailed {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Task(error) => Self::Task(error),
            Unanswered::Silence => Self::Silence,
        }
    }
}

impl KeysUnusable {
    /// Whether trying later may help.
    pub(crate) fn is_temporary(&self) -> bool {
        let out_of_reach = |error: &StoreError| matches!(error, StoreError::Unavailable(_));
        match self {
            Self::NotToSign(_, Obstacle::New | Obstacle::Lacking(_)) => true,
            Self::Store(error) | Self::Look(LookFailed::Store(error)) => out_of_reach(error),
            _ => false,
        }
    }

    /// Why one file was not read.
    pub(super) fn of_file(error: KeyFileError) -> Self {
        Self::of_files([error])
    }

    /// Why files were not read: what is wrong with one goes before those that are not there.
    pub(super) fn of_files(errors: impl IntoIterator<Item = KeyFileError>) -> Self {
        let mut missing = Vec::new();
        for error in errors {
            match error {
                KeyFileError::Io { ref path, .. } if error.is_not_found() => missing.push(path.clone()),
                error => return Self::File(error),
            }
        }
        Self::Missing(missing)
    }
}

struct Paths<'a>(&'a [PathBuf]);

impl fmt::Display for Paths<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths: Vec<_> = self.0.iter().map(|path| path.display().to_string()).collect();
        formatter.write_str(&paths.join(" and "))
    }
}

/// A key that signs may be missing on purpose.
struct Rotation<'a>(&'a [PathBuf]);

impl fmt::Display for Rotation<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [path] if path.extension().is_some_and(|extension| extension == "pem") => {
                formatter.write_str("; if a new key shall sign from now on, run `doorward keys adopt`")
            }
            _ => Ok(()),
        }
    }
}

/// Where this node's secrets are not those that are registered, as far as that does harm.
#[derive(Debug)]
pub(crate) struct Differences(Vec<String>);

impl Differences {
    /// Compares the pepper; of the keys, says what stands in the way.
    pub(super) fn between(
        settings: &Settings,
        own: &SharedFiles,
        register: &Register,
        refused: Option<&Refused>,
    ) -> Self {
        let mut told = Vec::new();
        let pepper = own.pepper.fingerprint();
        if let Some(registered) = register.pepper.as_ref().filter(|registered| **registered != pepper) {
            let path = settings.pepper_path();
            let path = path.display();
            told.push(format!(
                "the pepper in {path} has the fingerprint {pepper}, but {registered} is registered"
            ));
        }
        let keys = settings.keys_path();
        let keys = keys.display();
        if let Some(Refused::Missing(kids)) = refused {
            let missing = |kid: &String| format!("the signing key {kid} is registered, but not in {keys}");
            told.extend(kids.iter().map(missing));
        }
        // What is missing may have been exchanged for these.
        if refused.is_some() {
            let unknown = own.keys.iter().map(KeyInFile::kid).filter(|kid| !register.key(kid).belongs);
            told.extend(unknown.map(|kid| format!("the signing key {kid} in {keys} is not registered")));
        }
        Self(told)
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("keys or pepper of this node are not those that the service was set up with:")?;
        for difference in &self.0 {
            write!(formatter, "\n  - {difference}")?;
        }
        formatter.write_str(
            "\nCopy the files from a node that runs. If the change is meant, run `doorward keys adopt`, and take the \
             files to every other node.",
        )
    }
}
