//! Page positions that a client carries without reading them.

/// Makes text that only this service can read back.
///
/// A position names the last user of a page, and a member must not learn an address from it.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait CursorSeal: Send + Sync {
    /// Encrypts `plain` for `context` into URL-safe text.
    fn seal(&self, plain: &[u8], context: &[u8]) -> String;
    /// What was sealed for the same context; `None` for anything else.
    fn unseal(&self, sealed: &str, context: &[u8]) -> Option<Vec<u8>>;
}
