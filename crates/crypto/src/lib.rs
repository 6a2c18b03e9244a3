//! Password hashing, token signing, the clock and randomness: the adapters behind the domain's ports that keep or
//! make secrets. This is the only crate that reads time and chance.
//!
//! Two secrets live in files: the [`Pepper`] of the passwords and the keys of a [`KeyDirectory`]. Both are made at the
//! first start, are readable by their owner alone, and are never printed. A file that is weak, exposed or broken
//! stops the start with a [`KeyFileError`] that names it.

mod bcrypt_pool;
mod clock;
mod common_passwords;
mod cursor_seal;
mod ids;
mod jwt;
mod key_file;
mod pepper;
pub mod private_file;
mod pseudonyms;
mod random;
mod random_password;

#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;

pub use bcrypt_pool::{BcryptPool, BcryptSettings, COSTS};
pub use clock::SystemClock;
pub use common_passwords::CommonPasswordList;
pub use cursor_seal::ChaChaCursorSeal;
pub use ids::RandomIds;
pub use jwt::{Glance, JwtSettings, JwtSigner, KeyDirectory, KeyInFile, KeyRing, KeySet, TokenAlgorithm};
pub use key_file::{KeyFileError, is_private};
pub use pepper::Pepper;
pub use pseudonyms::HmacPseudonyms;
pub use random_password::random_password;
