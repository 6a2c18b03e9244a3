//! Signed tokens: JWTs with Ed25519 (RFC 7519, RFC 8037, RFC 8725).

mod claims;
mod header;
mod key_pem;
mod memo;
mod ring;
mod signer;
mod verify;

#[cfg(test)]
mod forged;

pub use ring::KeyRing;
pub use signer::{JwtSettings, JwtSigner};
