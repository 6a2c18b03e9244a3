//! What was in a directory of keys.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorward_domain::Timestamp;

use super::is_leading;
use crate::jwt::algorithm::TokenAlgorithm;
use crate::jwt::key_pem::KeyPem;
use crate::jwt::ring::KeyRing;
use crate::jwt::signing_key::SigningKey;
use crate::jwt::verifying_key::VerifyingKey;
use crate::key_file::{self, KeyFileError, Place};

/// The keys of a directory, each of them once.
pub struct KeySet {
    leading: KeyInFile,
    others: Vec<KeyInFile>,
}

/// A key and where it stands.
pub struct KeyInFile {
    path: PathBuf,
    /// Further names of the same file, as a rotation that was cut off leaves one.
    links: Vec<PathBuf>,
    /// Device and number of the file.
    file: (u64, u64),
    changed_at: Timestamp,
    pub(super) verifying: VerifyingKey,
    pub(super) signing: Option<Arc<SigningKey>>,
}

impl KeySet {
    pub(super) fn new(leading: KeyInFile) -> Self {
        Self { leading, others: Vec::new() }
    }

    pub(super) fn add(&mut self, key: KeyInFile) -> Result<(), KeyFileError> {
        let mut known = std::iter::once(&mut self.leading).chain(&mut self.others);
        match known.find(|known| known.kid() == key.kid()) {
            None => self.others.push(key),
            Some(known) if known.file == key.file => known.links.push(key.path),
            Some(known) => {
                return Err(KeyFileError::Duplicate { path: key.path, other: known.path.clone() });
            }
        }
        Ok(())
    }

    /// The key of `signing.pem`, which is to sign.
    pub fn leading(&self) -> &KeyInFile {
        &self.leading
    }

    /// All keys: first the one that is to sign, the others by the names of their files.
    pub fn iter(&self) -> impl Iterator<Item = &KeyInFile> {
        std::iter::once(&self.leading).chain(&self.others)
    }

    /// The key of that name.
    pub fn find(&self, kid: &str) -> Option<&KeyInFile> {
        self.iter().find(|key| key.kid() == kid)
    }

    /// A ring of the keys that `verifies` lets through, in which `signing` signs, whether that is in a file or still in
    /// `before`. `None` if its private half is in neither.
    pub fn ring(
        &self,
        signing: &str,
        before: Option<&KeyRing>,
        verifies: impl Fn(&str) -> bool,
    ) -> Option<KeyRing> {
        let in_use = || before.filter(|ring| ring.signing_kid() == signing).map(KeyRing::signing);
        let signing = self.find(signing).and_then(|key| key.signing.as_ref()).or_else(in_use)?;
        let others = self.iter().filter(|key| verifies(key.kid())).map(|key| key.verifying.clone());
        Some(KeyRing::new(signing.clone(), others))
    }

    /// What `before` is, with these keys for verifying beside its own.
    pub fn beside(&self, before: &KeyRing) -> KeyRing {
        before.with(self.iter().map(|key| key.verifying.clone()))
    }
}

impl KeyInFile {
    /// Reads a file. A private key must be private; a public one may be read by all, but written by its owner alone:
    /// whoever can put a key here can sign.
    pub(super) fn read(path: PathBuf, place: Place) -> Result<Self, KeyFileError> {
        let (text, metadata) = key_file::read(&path)?;
        let KeyPem { verifying, signing } = KeyPem::read(&path, &text)?;
        match signing {
            Some(_) => place.require_private(&path, &metadata)?,
            None => place.require_unwritable(&path, &metadata)?,
        }
        Ok(Self {
            path,
            links: Vec::new(),
            file: (metadata.dev(), metadata.ino()),
            changed_at: Timestamp::from_seconds(metadata.ctime()),
            verifying,
            signing: signing.map(Arc::new),
        })
    }

    pub(super) fn read_leading(path: PathBuf, place: Place) -> Result<Self, KeyFileError> {
        let key = Self::read(path, place)?;
        if key.can_sign() {
            return Ok(key);
        }
        Err(KeyFileError::Malformed { path: key.path, expected: "a private key, which signing needs" })
    }

    /// Its name, which is its fingerprint as well.
    pub fn kid(&self) -> &str {
        &self.verifying.kid
    }

    /// What it is for.
    pub fn algorithm(&self) -> TokenAlgorithm {
        self.verifying.algorithm()
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Device and number of its file, whatever its names are.
    pub(super) fn file(&self) -> (u64, u64) {
        self.file
    }

    /// Every name of its file.
    pub(super) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.path).chain(&self.links)
    }

    /// Whether it stands in `signing.pem`.
    pub fn leads(&self) -> bool {
        is_leading(&self.path)
    }

    /// Whether the file holds more than the public half.
    pub fn can_sign(&self) -> bool {
        self.signing.is_some()
    }

    /// Whether the file holds a private half, and a public one would be enough to verify.
    pub fn is_whole(&self) -> bool {
        self.can_sign() && self.algorithm() != TokenAlgorithm::Hs256
    }

    /// Since when the file has been as it is, its name included.
    pub fn changed_at(&self) -> Timestamp {
        self.changed_at
    }
}
