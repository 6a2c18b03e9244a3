//! Redis servers of a test's own: one, one with replicas and sentinels, or a cluster. They are gone with the test.
//!
//! They are started from the programs of the package `redis`. A test that finds none returns at once, after the process
//! has said so on its standard error; where tests must be complete (`CI` or `TEST_SERVICES=required` is set) it fails
//! instead.
//!
//! ```no_run
//! use doorward_testkit::redis::{self, RedisOptions, RedisServer};
//!
//! if !redis::is_there() {
//!     return;
//! }
//! let server = RedisServer::start(RedisOptions::new().password("sesame"));
//! // … connect to `server.url(0)`, then look behind the back of the code under test:
//! assert_eq!(server.cli(&["DBSIZE"]), "0");
//! ```

mod authority;
mod cluster;
mod environment;
mod options;
mod port;
mod process;
mod proxy;
mod sentinels;
mod server;
mod wait;

pub use authority::Authority;
pub use cluster::{ClusterOptions, RedisCluster};
pub use environment::is_there;
pub use options::{Clients, RedisOptions};
pub use proxy::{Mishap, RedisProxy};
pub use sentinels::{RedisSentinels, SentinelOptions};
pub use server::RedisServer;
