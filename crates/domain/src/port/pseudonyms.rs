//! Names that tell nothing about what they name.

use crate::throttle::Pseudonym;

/// Makes pseudonyms that nobody without this service's secret can tie to what they stand for. All nodes MUST make the
/// same ones.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Pseudonyms: Send + Sync {
    /// The pseudonym of a text, the same one every time.
    fn of(&self, text: &str) -> Pseudonym;
}
