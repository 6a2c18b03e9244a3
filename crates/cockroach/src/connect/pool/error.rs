//! Why there is no connection.

use std::error::Error;
use std::{io, iter};

use deadpool::managed::{BuildError, HookError, PoolError, TimeoutType};

use crate::connect::TlsError;

/// Why no connection was opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The files that the URL names.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Nobody answered, or it was refused.
    #[error("{database} cannot be reached")]
    Server {
        /// Where it is.
        database: String,
        /// What happened.
        source: tokio_postgres::Error,
    },
    /// The connection was there, and then could not be set up.
    #[error("{database} does not take the settings of a session")]
    Session {
        /// Where it is.
        database: String,
        /// What it says.
        source: diesel::ConnectionError,
    },
    /// The runtime is ending.
    #[error("the files for TLS were not read to the end")]
    Interrupted(#[from] tokio::task::JoinError),
    /// A matter of how this program was built.
    #[error("a pool cannot be made")]
    Pool(#[from] BuildError),
}

impl ConnectError {
    /// Whether it would fail again until somebody changes something: a file, a name, a password or a right.
    pub(crate) fn is_permanent(&self) -> bool {
        match self {
            Self::Tls(_) => true,
            Self::Server { source, .. } => {
                let refused = source.code().is_some_and(|code| {
                    // Authentication and its like, no such database, no right to it.
                    code.code().starts_with("28") || ["3D000", "42501"].contains(&code.code())
                });
                refused || is_about_certificate(source)
            }
            _ => false,
        }
    }

    /// Whether the server has no room for a connection, or no memory (class 53 of its codes).
    pub(crate) fn is_shortage(&self) -> bool {
        let Self::Server { source, .. } = self else { return false };
        source.code().is_some_and(|code| code.code().starts_with("53"))
    }
}

/// Whether the reason is a certificate that is not what it should be. rustls stands inside of an I/O error.
fn is_about_certificate(error: &(dyn Error + 'static)) -> bool {
    iter::successors(Some(error), |error| (*error).source()).any(|error| {
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let told = inside.and_then(|inside| inside.downcast_ref::<rustls::Error>());
        matches!(told, Some(rustls::Error::InvalidCertificate(_)))
    })
}

/// Why nobody got a connection.
#[derive(Debug, thiserror::Error)]
pub enum GetError {
    /// All were in use, for longer than the caller may wait.
    #[error("every connection to the database is in use")]
    Exhausted,
    /// Opening one took too long.
    #[error("opening a connection to the database takes too long")]
    TooSlow,
    /// The pool was closed.
    #[error("the pool is closed")]
    Closed,
    /// One could not be opened.
    #[error("no connection to the database")]
    Connect(#[source] ConnectError),
}

impl GetError {
    /// The message with those of everything that led to it, in one line.
    pub fn reason(&self) -> String {
        let chain = iter::successors(Some(self as &dyn Error), |&error| error.source());
        let messages: Vec<_> = chain.map(|error| error.to_string().replace('\n', "; ")).collect();
        messages.join(": ")
    }
}

impl From<PoolError<ConnectError>> for GetError {
    fn from(error: PoolError<ConnectError>) -> Self {
        match error {
            PoolError::Timeout(TimeoutType::Wait) => Self::Exhausted,
            PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => Self::TooSlow,
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                Self::Connect(error)
            }
            // The last two do not happen: there is a runtime, and there are no hooks.
            PoolError::Closed
            | PoolError::NoRuntimeSpecified
            | PoolError::PostCreateHook(HookError::Message(_)) => Self::Closed,
        }
    }
}
