//! What Doorward's tests share: fakes of every port, sample people, databases, faults on the way to them, and the
//! contract that every store keeps.
//!
//! Nobody ships this crate; every other crate may depend on it for its tests.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this is test code in a library: a surprise has to fail the test that met it"
)]

pub mod contract;
pub mod corpus;
pub mod fake;
pub mod fault_proxy;
pub mod newer;
pub mod postgres;
pub mod redis;
pub mod sample;
pub mod told;
