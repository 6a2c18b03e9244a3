//! Why keys were not changed.

use std::path::PathBuf;

use doorward_crypto::KeyFileError;
use doorward_domain::Timestamp;
use doorward_domain::port::StoreError;

use super::choice::{Obstacle, Refused};
use super::date::Date;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RotationFailed {
    /// A file is weak, exposed or broken, or cannot be written.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The store does not say what is registered.
    #[error("what is registered of the keys cannot be read or changed")]
    Store(#[from] StoreError),
    /// Nothing is registered.
    #[error("the service has not been started yet: its first start makes the first key")]
    NotStarted,
    /// The keys here are not those of the service.
    #[error("the keys of this node are not all that it needs: {0}")]
    Refused(Refused),
    /// There is nothing that could take over.
    #[error("there is no standby key here; `doorward keys generate` makes one")]
    NoStandby,
    /// It is not clear what takes over.
    #[error("there is more than one standby key here, so say which: {}", .0.join(" "))]
    ManyStandby(Vec<String>),
    /// Nobody knows this key.
    #[error("there is no key {0}; `doorward keys list` tells all")]
    NoSuchKey(String),
    /// It cannot sign.
    #[error("{} holds the public half of the key alone, which cannot sign", .0.display())]
    PublicHalf(PathBuf),
    /// Another node would refuse its tokens.
    #[error("the key {0} was not made to sign, and nothing was changed: {1}")]
    NotYet(String, Obstacle),
    /// It is in use.
    #[error("the key {0} is in signing.pem; `doorward keys rotate` has another one sign first")]
    Signs(String),
    /// People would be logged out.
    #[error(
        "tokens of the key {0} may be good {end}; with --now they are refused at once, and whoever has one has to log \
         in again", end = until(*.1)
    )]
    TokensLive(String, Option<Timestamp>),
}

fn until(end: Option<Timestamp>) -> String {
    match end {
        Some(end) => format!("until {}", Date(end)),
        None => "for as long as a refresh token lasts".to_owned(),
    }
}

impl RotationFailed {
    /// Whether trying later may help.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(self, Self::Store(StoreError::Unavailable(_)))
    }
}
