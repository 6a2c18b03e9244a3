//! A document that is shown again and again, and how it was written down for that.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use super::{User, UserDocument};

/// A document that does not change any more, with a place for the bytes that are made of it: they are made once and not
/// for every reader.
#[derive(Debug)]
pub struct KeptDocument {
    document: UserDocument,
    written: OnceLock<Arc<[u8]>>,
}

impl KeptDocument {
    /// The most bytes that are kept. What is longer is made anew each time: it takes room that others need, and copying
    /// it takes so long that making it matters less.
    pub const MOST_WRITTEN: usize = 4_096;

    /// What `write` made for the first who asked, or makes now. There MUST be one way only of making it.
    pub fn written<E>(
        &self,
        write: impl FnOnce(&UserDocument) -> Result<Vec<u8>, E>,
    ) -> Result<Arc<[u8]>, E> {
        if let Some(written) = self.written.get() {
            return Ok(written.clone());
        }
        let written: Arc<[u8]> = write(&self.document)?.into();
        if written.len() <= Self::MOST_WRITTEN {
            // Somebody else may have been first, with the same.
            self.written.set(written.clone()).ok();
        }
        Ok(written)
    }
}

impl From<UserDocument> for KeptDocument {
    fn from(document: UserDocument) -> Self {
        Self { document, written: OnceLock::new() }
    }
}

impl From<User> for KeptDocument {
    fn from(user: User) -> Self {
        UserDocument::from(user).into()
    }
}

impl Deref for KeptDocument {
    type Target = UserDocument;

    fn deref(&self) -> &UserDocument {
        &self.document
    }
}

/// Whether it says the same: how it was written down says nothing of its own.
impl PartialEq for KeptDocument {
    fn eq(&self, other: &Self) -> bool {
        self.document == other.document
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use uuid::Uuid;

    use super::*;
    use crate::Timestamp;
    use crate::user::{Email, HashScheme, PasswordHash, UserId};

    fn document() -> KeptDocument {
        let hash = PasswordHash::new(HashScheme::Imported, "hash");
        let address = Email::parse("ada@example.com").unwrap();
        User::open(UserId::new(Uuid::from_u128(1)), address, hash, Timestamp::from_seconds(0)).into()
    }

    fn written(document: &KeptDocument, length: usize, byte: u8) -> Arc<[u8]> {
        document.written(|_| Ok::<_, Infallible>(vec![byte; length])).unwrap()
    }

    #[test]
    fn a_document_is_written_down_once() {
        let document = document();
        assert_eq!(document.written(|_| Err("not this time")), Err("not this time"));
        for byte in [1, 2] {
            let most = KeptDocument::MOST_WRITTEN;
            assert_eq!(*written(&document, most, byte), vec![1; most]);
        }
    }

    #[test]
    fn what_is_long_is_not_kept() {
        let document = document();
        let more = KeptDocument::MOST_WRITTEN + 1;
        for byte in [1, 2] {
            assert_eq!(*written(&document, more, byte), vec![byte; more]);
        }
    }
}
