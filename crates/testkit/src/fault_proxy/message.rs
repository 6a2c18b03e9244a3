//! The messages that the proxy writes itself, and the little of others' that it has to understand.

use bytes::{BufMut as _, BytesMut};

use super::fault::Fault;

/// Types of messages that a client sends.
pub(super) mod from_client {
    pub(in super::super) const BIND: u8 = b'B';
    pub(in super::super) const EXECUTE: u8 = b'E';
    pub(in super::super) const FLUSH: u8 = b'H';
    pub(in super::super) const PARSE: u8 = b'P';
    pub(in super::super) const QUERY: u8 = b'Q';
    pub(in super::super) const SYNC: u8 = b'S';
    pub(in super::super) const TERMINATE: u8 = b'X';
}

/// Types of messages that a server sends.
pub(super) mod from_server {
    pub(in super::super) const COMPLETE: u8 = b'C';
    pub(in super::super) const COPY_BOTH: u8 = b'W';
    pub(in super::super) const COPY_IN: u8 = b'G';
    pub(in super::super) const ERROR: u8 = b'E';
    pub(in super::super) const READY: u8 = b'Z';
}

/// What a server says of the transaction whenever it is ready for the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// There is none.
    Idle,
    /// There is one, and all is well.
    InTransaction,
    /// There is one, and it can only be rolled back.
    Failed,
}

impl Status {
    /// Reads the body of a message of the type `READY`.
    pub(super) fn read(body: &[u8]) -> Self {
        match body {
            b"I" => Self::Idle,
            b"T" => Self::InTransaction,
            b"E" => Self::Failed,
            _ => panic!("{body:?} is no state of a transaction"),
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Idle => b'I',
            Self::InTransaction => b'T',
            Self::Failed => b'E',
        }
    }
}

/// A request that is one statement as text.
pub(super) fn query(text: &str) -> BytesMut {
    let mut body = BytesMut::from(text);
    body.put_u8(0);
    message(from_client::QUERY, &body)
}

/// The server is ready for the next request.
pub(super) fn ready(status: Status) -> BytesMut {
    message(from_server::READY, &[status.byte()])
}

/// A server's error.
pub(super) fn error(fault: &Fault) -> BytesMut {
    let mut body = BytesMut::new();
    for (field, value) in fault.fields() {
        body.put_u8(field);
        body.put_slice(value.as_bytes());
        body.put_u8(0);
    }
    body.put_u8(0);
    message(from_server::ERROR, &body)
}

fn message(kind: u8, body: &[u8]) -> BytesMut {
    let mut bytes = BytesMut::with_capacity(5 + body.len());
    bytes.put_u8(kind);
    bytes.put_u32(u32::try_from(4 + body.len()).unwrap());
    bytes.put_slice(body);
    bytes
}

/// The text before the next zero byte, and what is behind it.
pub(super) fn text(body: &[u8]) -> (String, &[u8]) {
    let end = body.iter().position(|byte| *byte == 0).unwrap_or(body.len());
    (String::from_utf8_lossy(&body[..end]).into_owned(), body.get(end + 1..).unwrap_or_default())
}
