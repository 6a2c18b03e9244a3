//! From a URL to a connection to the primary: one server, the one that sentinels know of, or all of a cluster.

mod cluster;
mod connection;
mod connector;
mod dialer;
mod inspection;
mod report;
mod sentinel;
mod witness;

pub(crate) use connection::Connection;
pub(crate) use connector::Connector;
pub(crate) use dialer::PushSink;
pub(crate) use inspection::{Fault, Inspection};
pub(crate) use witness::Witness;

pub(crate) use crate::error::ConnectError;
pub(crate) use crate::tls::TlsFiles;

#[cfg(test)]
mod tests;
