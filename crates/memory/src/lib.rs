//! What is kept in this process and no further: copies for a service of one node, and throttles.
//!
//! Everything here is bounded, and may be lost: a restart, a full map and a clock that jumps ahead and back only mean that
//! the stores are asked once more, and that somebody gets some tries back.

mod age;
mod documents;
mod lease;
mod revocations;
mod shards;
mod throttle;

pub use documents::{DocumentRoom, MemoryDocuments};
pub use lease::{LEASE, Lease};
pub use revocations::{MemoryRevocations, RevocationRoom};
pub use throttle::{MemoryThrottle, ThrottleRoom};
