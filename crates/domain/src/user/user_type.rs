//! What a person does here: streams, or sells.

use std::fmt;
use std::str::FromStr;

use super::Text;

/// The name of a user type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserTypeName {
    /// Somebody who streams.
    Streamer,
    /// Somebody who sells.
    Seller,
}

/// A text that names no user type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of: streamer, seller")]
pub struct UnknownUserType;

impl UserTypeName {
    /// Every user type.
    pub const ALL: [Self; 2] = [Self::Streamer, Self::Seller];

    /// The name that the API and the stores use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Streamer => "streamer",
            Self::Seller => "seller",
        }
    }
}

impl FromStr for UserTypeName {
    type Err = UnknownUserType;

    fn from_str(text: &str) -> Result<Self, UnknownUserType> {
        Self::ALL.into_iter().find(|known| known.as_str() == text).ok_or(UnknownUserType)
    }
}

impl fmt::Display for UserTypeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The seed's `user_type`: a person may be either, both or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserTypes {
    /// Set for somebody who streams.
    pub streamer: Option<Channel>,
    /// Set for somebody who sells.
    pub seller: Option<Channel>,
}

/// A channel and what was streamed on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The channel's identifier in the streaming service.
    pub streamer_id: Text<100>,
    /// Identifiers of past streams, in the order given.
    pub history: StreamingHistory,
}

/// At most 1 000 stream identifiers, in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamingHistory(Vec<Text<100>>);

/// A list with more entries than it may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have at most {0} entries")]
pub struct TooLong(pub usize);

impl StreamingHistory {
    /// Most entries.
    pub const MAX: usize = 1_000;

    /// Takes stream identifiers.
    pub fn new(streams: Vec<Text<100>>) -> Result<Self, TooLong> {
        if streams.len() > Self::MAX { Err(TooLong(Self::MAX)) } else { Ok(Self(streams)) }
    }

    /// The identifiers, in the order given.
    pub fn streams(&self) -> &[Text<100>] {
        &self.0
    }
}
