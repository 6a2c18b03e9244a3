//! From the text of a URL to a pool of connections.

mod pool;
mod tls;
mod url;

pub use doorward_tls::TlsError;
pub use pool::{ConnectError, GetError, Pool, PoolSettings, PoolStatus, PooledConnection};
pub use url::{ConnectionUrl, Policy, SslMode, Timeouts, UrlError};
