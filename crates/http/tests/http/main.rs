//! The HTTP contract, on the real router behind a real socket, with the stores in memory.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this is test code: a surprise has to fail the test that met it"
)]

mod accounts;
mod audit;
mod certificates;
mod documents;
mod edge;
mod floods;
mod hardening;
mod lists;
mod permissions;
mod session_management;
mod sessions;
mod shown;
mod sockets;
mod support;
mod throttles;
mod tls;
