//! Signed tokens: JWTs (RFC 7519, RFC 8725) with `EdDSA`, ES256 or HS256, as their key says.

mod algorithm;
mod claims;
mod directory;
mod header;
mod key_pem;
mod memo;
mod ring;
mod signer;
mod signing_key;
mod verify;
mod verifying_key;

#[cfg(test)]
mod forged;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;

pub use algorithm::TokenAlgorithm;
pub use directory::{Glance, KeyDirectory, KeyInFile, KeySet};
pub use ring::KeyRing;
pub use signer::{JwtSettings, JwtSigner};
