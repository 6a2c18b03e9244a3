//! Copies beside the database, in Redis: what is known about tokens (database 0), documents of accounts (database 1),
//! and how often somebody has tried.
//!
//! Redis may be emptied, restarted, replaced or out of reach at any moment; the database answers then. What Redis says
//! is believed only while all of this holds: an epoch in the database names this server in this life of it, this node
//! has read so within the last second, and the connection that answers leads to it (see the module `trust`).

mod connect;
mod documents;
mod error;
mod gather;
mod keyspace;
mod lanes;
mod near;
mod open;
mod revocations;
mod throttle;
mod tls;
mod trust;
mod url;

pub use documents::{LayeredDocuments, RedisDocuments};
pub use error::ConnectError;
pub use open::{OpenError, RedisCopies, RedisParts, RedisSettings, reach};
pub use revocations::{RedisRevocations, WithoutRedis};
pub use throttle::RedisThrottle;
pub use tls::{TlsError, TlsFiles};
pub use url::{Exposure, Host, RedisUrl, RedisUrlError};
