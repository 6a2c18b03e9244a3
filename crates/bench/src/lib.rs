//! What the benchmarks have beside the binary: a bare handler to compare with, and, with the feature `inside`, a service
//! in this process whose inner steps can be timed and whose allocations can be counted.
//!
//! Nobody ships this crate, and none of ours is built on it.

use std::error::Error;

pub mod connection;
pub mod floor;

#[cfg(feature = "inside")]
pub mod measure;
#[cfg(feature = "inside")]
pub mod scene;

/// Why there is nothing to measure.
pub type Trouble = Box<dyn Error + Send + Sync>;
