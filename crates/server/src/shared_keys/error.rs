//! Why a node must not serve with the secrets that it has.

use std::fmt;
use std::path::PathBuf;

use doorward_crypto::KeyFileError;
use doorward_domain::port::{KeyFingerprint, StoreError};

use super::{PEPPER, Standing, TOKEN_KEY, compare};
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
    /// The store does not say what is registered.
    #[error("the fingerprints of keys and pepper cannot be read or registered")]
    Store(#[from] StoreError),
}

impl KeysUnusable {
    /// Whether trying later may help.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(self, Self::Store(StoreError::Unavailable(_)))
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

/// Where this node's secrets are not those that are registered.
#[derive(Debug)]
pub(crate) struct Differences(Vec<String>);

impl Differences {
    /// Compares both sides.
    pub(super) fn between(
        settings: &Settings,
        here: &[KeyFingerprint],
        registered: &[KeyFingerprint],
    ) -> Self {
        let pepper = settings.pepper_path();
        let (pepper, keys) = (pepper.display(), settings.keys_path());
        let keys = keys.display();
        let told = compare(here, registered).into_iter().filter_map(|comparison| {
            let what = match comparison.name.strip_prefix(TOKEN_KEY) {
                Some(kid) => format!("the signing key {kid}"),
                None if comparison.name == PEPPER => "the pepper".to_owned(),
                None => comparison.name,
            };
            match comparison.standing {
                Standing::Same(_) => None,
                Standing::Different { here, registered } => Some(format!(
                    "{what} in {pepper} has the fingerprint {here}, but {registered} is registered"
                )),
                Standing::Missing(_) => Some(format!("{what} is registered, but not in {keys}")),
                Standing::Unregistered(_) => Some(format!("{what} in {keys} is not registered")),
            }
        });
        Self(told.collect())
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
