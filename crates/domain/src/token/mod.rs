//! Tokens and the session they belong to.

mod claims;
mod pair;
mod session;

pub use claims::{Claims, SessionId, TokenId, TokenKind};
pub use pair::TokenPair;
pub use session::{Device, End, EndReason, Rotation, RotationLimits, Session, Successor};
