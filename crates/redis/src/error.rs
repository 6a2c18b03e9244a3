//! Why there is no connection to Redis.

use std::error::Error;
use std::io;
use std::sync::Arc;

use deadpool_redis::redis::{ErrorKind, RedisError};

use crate::tls::TlsError;

/// What a server says when a login or a right is refused.
const REFUSALS: &[&str] = &["WRONGPASS", "NOAUTH", "NOPERM"];

/// Why there is no connection. No message has a secret in it.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The files for TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The runtime is ending.
    #[error("the files for TLS were not read to the end")]
    Interrupted(#[from] tokio::task::JoinError),
    /// A user cannot be logged in without a password, and nobody else was meant.
    #[error("{place} names a user and no password")]
    NoPassword {
        /// Where it is.
        place: String,
    },
    /// Nobody answered in time, or with an error.
    #[error("{place} cannot be used")]
    Server {
        /// Where it is.
        place: String,
        /// What happened.
        source: RedisError,
    },
    /// It does not answer in the way of Redis.
    #[error("{place} does not tell its {missing}")]
    Unclear {
        /// Where it is.
        place: String,
        /// What is not told.
        missing: &'static str,
    },
    /// What is written there would be lost, and what is read there may be old.
    #[error("{place} is a replica")]
    Replica {
        /// Where it is.
        place: String,
    },
    /// No sentinel knows of a primary.
    #[error("no sentinel of {place} knows a primary")]
    NoPrimary {
        /// Where the sentinels are.
        place: String,
        /// What the last one said, if it was not just that.
        source: Option<Box<ConnectError>>,
    },
    /// Some keys have no place.
    #[error("{place} does not serve all slots")]
    MissingSlots {
        /// Where the cluster is.
        place: String,
    },
}

impl ConnectError {
    /// Whether it may be over by itself. Otherwise somebody has to change something: a file, a name, a password or a
    /// right.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Tls(_) | Self::NoPassword { .. } | Self::Unclear { .. } => false,
            Self::Server { source, .. } => !is_refusal(source) && !is_about_certificate(source),
            Self::NoPrimary { source, .. } => source.as_ref().is_none_or(|source| source.is_temporary()),
            Self::Interrupted(_) | Self::Replica { .. } | Self::MissingSlots { .. } => true,
        }
    }
}

fn is_refusal(error: &RedisError) -> bool {
    let known = matches!(
        error.kind(),
        ErrorKind::AuthenticationFailed | ErrorKind::RESP3NotSupported | ErrorKind::InvalidClientConfig
    );
    known || error.code().is_some_and(|code| REFUSALS.contains(&code))
}

/// Whether the reason is a certificate that is not what it should be. rustls stands inside of an I/O error, and that
/// is shared.
fn is_about_certificate(error: &RedisError) -> bool {
    let shared = error.source().and_then(|source| source.downcast_ref::<Arc<dyn Error + Send + Sync>>());
    let inside = shared.and_then(|shared| shared.downcast_ref::<io::Error>()).and_then(io::Error::get_ref);
    let told = inside.and_then(|inside| inside.downcast_ref::<rustls::Error>());
    matches!(told, Some(rustls::Error::InvalidCertificate(_) | rustls::Error::AlertReceived(_)))
}
