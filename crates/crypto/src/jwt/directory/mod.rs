//! The directory that a node has its keys in.

mod change;
mod glance;
mod key_set;
#[cfg(test)]
mod tests;

pub use glance::Glance;
pub use key_set::{KeyInFile, KeySet};

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::algorithm::TokenAlgorithm;
use super::signing_key::SigningKey;
use crate::key_file::{self, KeyFileError, Place};

/// The file of the key that leads.
const LEADING: &str = "signing.pem";

/// How often a directory is read again that changes while it is read.
const TRIES: usize = 8;

/// A directory of keys: the one in `signing.pem` is to sign, those in every other `*.pem` only verify. Each file holds
/// one private key (PKCS#8), public key (SPKI) or HS256 key. Its name means nothing else, so a key can be put aside
/// under any other one.
#[derive(Clone, Debug)]
pub struct KeyDirectory {
    path: PathBuf,
}

impl KeyDirectory {
    /// The directory of that path, which need not be there.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the keys. A directory or a `signing.pem` that is missing is made, for its owner alone; nodes that share the
    /// directory and start at once agree on one key.
    pub fn read_or_create(&self, algorithm: TokenAlgorithm) -> Result<KeySet, KeyFileError> {
        key_file::create_directory(&self.path).map_err(|source| KeyFileError::io(&self.path, source))?;
        self.place()?;
        key_file::create_unless_there(&self.leading(), || SigningKey::generate(algorithm).to_pem())?;
        self.read()
    }

    /// Reads the keys of a directory, which must exist with its `signing.pem`: all as they were at one moment, however
    /// many files somebody changes meanwhile.
    pub fn read(&self) -> Result<KeySet, KeyFileError> {
        for _ in 0..TRIES {
            let before = self.glance();
            let keys = self.read_once();
            if self.glance() == before {
                return keys;
            }
        }
        Err(KeyFileError::io(&self.path, io::Error::other("it changes all the time")))
    }

    fn read_once(&self) -> Result<KeySet, KeyFileError> {
        let place = self.place()?;
        let mut keys = KeySet::new(KeyInFile::read_leading(self.leading(), place)?);
        for path in self.others().map_err(|source| KeyFileError::io(&self.path, source))? {
            keys.add(KeyInFile::read(path, place)?)?;
        }
        Ok(keys)
    }

    /// Whoever can put a file here can sign.
    fn place(&self) -> Result<Place, KeyFileError> {
        Place::of(&self.path).map_err(|error| match error {
            // What is missed is the key.
            KeyFileError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                KeyFileError::io(&self.leading(), source)
            }
            error => error,
        })
    }

    fn leading(&self) -> PathBuf {
        self.path.join(LEADING)
    }

    /// Every `*.pem` but the one that leads, by name.
    fn others(&self) -> io::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(&self.path)?.collect::<Result<Vec<_>, _>>()?;
        let mut paths: Vec<PathBuf> = entries
            .into_iter()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "pem"))
            .filter(|path| !is_leading(path))
            .collect();
        paths.sort();
        Ok(paths)
    }
}

fn is_leading(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == LEADING)
}
