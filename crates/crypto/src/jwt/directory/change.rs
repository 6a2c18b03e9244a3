//! What is done to a directory of keys. Each step leaves it, at every moment and wherever it is cut off, as one that can
//! be read, with every key that it had.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{KeyDirectory, KeyInFile};
use crate::jwt::algorithm::TokenAlgorithm;
use crate::jwt::signing_key::SigningKey;
use crate::key_file::{self, KeyFileError};
use crate::private_file;

impl KeyDirectory {
    /// Makes one more key, which only verifies for now. Its file is for its owner alone.
    pub fn generate(&self, algorithm: TokenAlgorithm) -> Result<KeyInFile, KeyFileError> {
        let (place, _lock) = (self.place()?, self.lock()?);
        let key = SigningKey::generate(algorithm);
        let path = self.file_of(&key.verifying().kid);
        key_file::publish(&path, &key.to_pem()).map_err(|source| KeyFileError::io(&path, source))?;
        KeyInFile::read(path, place)
    }

    /// Puts the key of that name into `signing.pem`, and the one that was there aside. The name of that one.
    pub fn lead_with(&self, kid: &str) -> Result<String, KeyFileError> {
        let _lock = self.lock()?;
        let keys = self.read()?;
        let (next, leading) = (self.key(keys.find(kid))?, keys.leading());
        let before = leading.kid().to_owned();
        if next.leads() {
            return Ok(before);
        }
        if !next.can_sign() {
            let expected = "a private key, which signing needs";
            return Err(KeyFileError::Malformed { path: next.path().to_owned(), expected });
        }
        let aside = self.file_of(leading.kid());
        let exchanged = key_file::exchange(next.path(), leading.path()).and_then(|is_done| {
            if is_done { name_better(next.path(), &aside, leading) } else { replace(leading, next, &aside) }
        });
        let synced = exchanged.and_then(|()| private_file::sync_directory_of(leading.path()));
        synced.map_err(|source| KeyFileError::io(next.path(), source)).map(|()| before)
    }

    /// Leaves of this key, which must not lead, what verifies: nobody can sign with it any more. A secret has no such
    /// half and stays.
    pub fn keep_public_half(&self, kid: &str) -> Result<(), KeyFileError> {
        let _lock = self.lock()?;
        let keys = self.read()?;
        let key = self.key(keys.find(kid).filter(|key| !key.leads()))?;
        let Some(text) = key.verifying.to_pem().filter(|_| key.can_sign()) else { return Ok(()) };
        // What a link leads to would stay, and whoever reads it could sign.
        if let Some(link) = key.paths().find(|path| path.is_symlink()) {
            return Err(KeyFileError::Linked { path: link.clone() });
        }
        for path in key.paths().skip(1) {
            remove_file(path)?;
        }
        key_file::replace(key.path(), &text).map_err(|source| KeyFileError::io(key.path(), source))
    }

    /// Removes this key, which must not lead, for good. One that is not there, or not any more, is as good as removed.
    pub fn remove(&self, kid: &str) -> Result<(), KeyFileError> {
        let _lock = self.lock()?;
        let keys = self.read()?;
        if keys.find(kid).is_none() {
            return Ok(());
        }
        let key = self.key(keys.find(kid).filter(|key| !key.leads()))?;
        for path in key.paths() {
            remove_file(path)?;
        }
        private_file::sync_directory_of(key.path()).map_err(|source| KeyFileError::io(&self.path, source))
    }

    fn key<'a>(&self, found: Option<&'a KeyInFile>) -> Result<&'a KeyInFile, KeyFileError> {
        found.ok_or_else(|| {
            KeyFileError::io(&self.path, io::Error::other("there is no such key, or it signs"))
        })
    }

    /// Has whoever else changes the directory wait until this is dropped: what was read is still so when it is changed.
    fn lock(&self) -> Result<File, KeyFileError> {
        let directory = File::open(&self.path).map_err(|source| KeyFileError::io(&self.leading(), source))?;
        if let Err(error) = directory.lock() {
            // As over NFS. No key is lost without it, as long as people change keys one after the other.
            tracing::warn!(directory = %self.path.display(), %error, "the directory of keys cannot be locked");
        }
        Ok(directory)
    }

    /// Where a key stands that signs no more or not yet. The name of a key may begin with a hyphen, that of a file
    /// should not.
    fn file_of(&self, kid: &str) -> PathBuf {
        self.path.join(format!("key-{kid}.pem"))
    }
}

/// Has the key that led, and now has the name of the next one, go by a name of its own. It may have one already, from a
/// try that was cut off; and where another file has it, any name is as good.
fn name_better(path: &Path, better: &Path, key: &KeyInFile) -> io::Result<()> {
    match private_file::rename_to_new(path, better) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        renamed => return renamed,
    }
    let there = fs::metadata(better)?;
    if path != better && (there.dev(), there.ino()) == key.file() { fs::remove_file(path) } else { Ok(()) }
}

/// Puts `next` in the place of `leading` where files cannot be exchanged: first the old key gets a name more, then the new
/// one takes the first. A name more from a try that was cut off is as good.
pub(super) fn replace(leading: &KeyInFile, next: &KeyInFile, aside: &Path) -> io::Result<()> {
    if leading.paths().count() == 1 {
        fs::hard_link(leading.path(), aside)?;
    }
    fs::rename(next.path(), leading.path())
}

/// Somebody else may have been faster.
fn remove_file(path: &Path) -> Result<(), KeyFileError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(KeyFileError::io(path, source)),
        _ => Ok(()),
    }
}
