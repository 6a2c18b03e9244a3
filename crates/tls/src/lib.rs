//! Certificates and keys from files, for TLS to clients and to stores.
//!
//! Files are PEM, and are read whenever they are needed: what was renewed is used without a restart. Reading blocks.
//! All cryptography is that of ring; which protocols and ciphers there are is decided here, for everybody.

mod client;
mod error;
mod pair;
mod pem;
mod presented;
mod secrecy;
mod server;
mod unverified;
mod validity;

pub use client::{Client, Roots};
pub use error::TlsError;
pub use pair::{Pair, PairFiles};
pub use pem::PemFile;
pub use presented::{Certificate, Presented};
pub use rustls::ServerConfig;
pub use server::{ProtocolVersion, server};
pub use unverified::Unverified;
pub use validity::{Standing, Validity};

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};

/// The cryptography that everybody uses.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
