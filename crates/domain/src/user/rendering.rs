//! How a document was written down for those who ask for it again and again.

use std::fmt;
use std::sync::{Arc, OnceLock};

/// A place beside a document for the bytes that were made of it, so that they are made once and not for every reader.
///
/// It says nothing of its own: all documents are equal in it, and a copy of a document, which may be changed, begins
/// without.
#[derive(Default)]
pub struct Rendering(OnceLock<Arc<[u8]>>);

impl Rendering {
    /// The most bytes that are kept. What is longer is made anew each time: it takes room that others need, and copying
    /// it takes so long that making it matters less.
    pub const MOST: usize = 4_096;

    /// What was made for the first who asked, or is made now. There MUST be one way only of making it.
    pub fn get_or_make<E>(&self, make: impl FnOnce() -> Result<Vec<u8>, E>) -> Result<Arc<[u8]>, E> {
        if let Some(made) = self.0.get() {
            return Ok(made.clone());
        }
        let made: Arc<[u8]> = make()?.into();
        if made.len() <= Self::MOST {
            // Somebody else may have been first, with the same.
            self.0.set(made.clone()).ok();
        }
        Ok(made)
    }
}

impl Clone for Rendering {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Rendering {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Rendering {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.0.get().is_some() { "made" } else { "not made" };
        formatter.debug_tuple("Rendering").field(&format_args!("{state}")).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn made(rendering: &Rendering, length: usize, byte: u8) -> Arc<[u8]> {
        rendering.get_or_make(|| Ok::<_, Infallible>(vec![byte; length])).unwrap()
    }

    #[test]
    fn it_is_made_once_and_anew_for_a_copy() {
        let rendering = Rendering::default();
        assert_eq!(rendering.get_or_make(|| Err("not this time")), Err("not this time"));
        for byte in [1, 2] {
            assert_eq!(*made(&rendering, Rendering::MOST, byte), [1; Rendering::MOST]);
        }
        assert_eq!(*made(&rendering.clone(), 2, 3), [3, 3]);
    }

    #[test]
    fn what_is_long_is_not_kept() {
        let rendering = Rendering::default();
        for byte in [1, 2] {
            assert_eq!(*made(&rendering, Rendering::MOST + 1, byte), [byte; Rendering::MOST + 1]);
        }
    }
}
