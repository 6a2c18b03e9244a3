//! The algorithms that tokens may be signed with. Which one it is follows from the key, never from the token.

use std::fmt;

/// A signature algorithm of JWS (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenAlgorithm {
    /// Ed25519: anybody can check what only a key's owner can sign.
    #[default]
    EdDsa,
    /// ECDSA with P-256 and SHA-256, likewise, for readers that know nothing newer.
    Es256,
    /// HMAC with SHA-256: whoever can check a token can sign one, so such a key is never published.
    Hs256,
}

impl TokenAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::EdDsa, Self::Es256, Self::Hs256];

    /// The name in the header of a token.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Hs256 => "HS256",
        }
    }
}

impl fmt::Display for TokenAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
