//! How the service stands, and its keys.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// How a store stands.
    StoreStanding {
        /// It answers.
        Ready = "ready",
        /// It does not, and the service does without it.
        Degraded = "degraded",
        /// It does not, and it is needed.
        Unavailable = "unavailable",
    }
}

/// Everything that the service depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// Each store.
    pub stores: Vec<StoreState>,
}

/// One store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreState {
    /// What it is called: `database`, `redis`, `keys`.
    pub name: String,
    /// How it stands.
    pub state: StoreStanding,
}

/// A field that is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFault {
    /// Which, such as `profile.city`.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// A JSON Web Key Set (RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySet {
    /// The keys.
    pub keys: Vec<JsonWebKey>,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsonWebKey {
    /// `OKP` or `EC`.
    pub kty: String,
    /// The curve.
    pub crv: String,
    /// The first coordinate.
    pub x: String,
    /// The second, where the curve has two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// Its name in the head of a token.
    pub kid: String,
    /// What signs with it: `EdDSA` or `ES256`.
    pub alg: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    pub usage: String,
}
