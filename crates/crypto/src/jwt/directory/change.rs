//! What is done to a directory of keys. Each step leaves it, at every moment and wherever it is cut off, as one that can
//! be read, with every key that it had.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::{KeyDirectory, KeyInFile};
use crate::jwt::algorithm::TokenAlgorithm;
use crate::jwt::signing_key::SigningKey;
use crate::key_file::{self, KeyFileError};

impl KeyDirectory {
    /// Makes one more key, which only verifies for now. Its file is for its owner alone.
    pub fn generate(&self, algorithm: TokenAlgorithm) -> Result<KeyInFile, KeyFileError> {
        self.require_unwritable()?;
        let key = SigningKey::generate(algorithm);
        let path = self.file_of(&key.verifying().kid);
        key_file::publish(&path, &key.to_pem()).map_err(|source| KeyFileError::io(&path, source))?;
        KeyInFile::read(path)
    }

    /// Puts the key of that name into `signing.pem`, and the one that was there aside.
    pub fn lead_with(&self, kid: &str) -> Result<(), KeyFileError> {
        let keys = self.read()?;
        let (next, leading) = (self.key(keys.find(kid))?, keys.leading());
        if next.leads() {
            return Ok(());
        }
        if !next.can_sign() {
            let expected = "a private key, which signing needs";
            return Err(KeyFileError::Malformed { path: next.path().to_owned(), expected });
        }
        // First the old key gets a name more, then the new one takes the first: there is always one that leads, and none
        // is missing. A name more from a try that was cut off is as good.
        if leading.paths().count() == 1 {
            let aside = self.file_of(leading.kid());
            fs::hard_link(leading.path(), &aside).map_err(|source| KeyFileError::io(&aside, source))?;
        }
        let rename = || {
            fs::rename(next.path(), leading.path())?;
            key_file::sync_directory_of(leading.path())
        };
        rename().map_err(|source| KeyFileError::io(next.path(), source))
    }

    /// Leaves of this key, which must not lead, what verifies: nobody can sign with it any more. A secret has no such
    /// half and stays.
    pub fn keep_public_half(&self, kid: &str) -> Result<(), KeyFileError> {
        let keys = self.read()?;
        let key = self.key(keys.find(kid).filter(|key| !key.leads()))?;
        let Some(text) = key.verifying.to_pem().filter(|_| key.can_sign()) else { return Ok(()) };
        for link in key.paths().skip(1) {
            fs::remove_file(link).map_err(|source| KeyFileError::io(link, source))?;
        }
        key_file::replace(key.path(), &text).map_err(|source| KeyFileError::io(key.path(), source))
    }

    /// Removes this key, which must not lead, for good.
    pub fn remove(&self, kid: &str) -> Result<(), KeyFileError> {
        let keys = self.read()?;
        let key = self.key(keys.find(kid).filter(|key| !key.leads()))?;
        for path in key.paths() {
            fs::remove_file(path).map_err(|source| KeyFileError::io(path, source))?;
        }
        key_file::sync_directory_of(key.path()).map_err(|source| KeyFileError::io(&self.path, source))
    }

    fn key<'a>(&self, found: Option<&'a KeyInFile>) -> Result<&'a KeyInFile, KeyFileError> {
        found.ok_or_else(|| {
            KeyFileError::io(&self.path, io::Error::other("there is no such key, or it signs"))
        })
    }

    /// Where a key stands that signs no more or not yet. The name of a key may begin with a hyphen, that of a file
    /// should not.
    fn file_of(&self, kid: &str) -> PathBuf {
        self.path.join(format!("key-{kid}.pem"))
    }
}
