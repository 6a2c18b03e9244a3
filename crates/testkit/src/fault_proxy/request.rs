//! What a client asks for: a statement as text, or a line of messages up to the next Sync. Each has one answer, at
//! whose end the server is ready again.

use std::collections::HashMap;

use bytes::BytesMut;

use super::message::{from_client, text};
use super::wire::Frame;

/// All messages of a request, and what it means.
pub(super) struct Request {
    pub(super) bytes: BytesMut,
    pub(super) meaning: Meaning,
}

/// What a request is about.
pub(super) enum Meaning {
    /// This statement is to be carried out.
    Statement(String),
    /// This statement is to be parsed, for later.
    Preparation(String),
    /// Something is to be forgotten, or nothing at all.
    Housekeeping,
    /// The client takes its leave.
    Farewell,
    /// The client waits for an answer in the middle of a request, or copies rows: no client of ours does.
    Unknown,
}

/// Joins a client's messages to requests, and remembers what the statements are that it names.
#[derive(Default)]
pub(super) struct Requests {
    statements: HashMap<String, String>,
    portals: HashMap<String, String>,
    bytes: BytesMut,
    executed: Vec<String>,
    parsed: Option<String>,
}

impl Requests {
    /// Adds a message; answers the request that it ends.
    pub(super) fn add(&mut self, frame: &Frame) -> Option<Request> {
        self.bytes.extend_from_slice(frame.bytes());
        match frame.kind() {
            from_client::QUERY => Some(self.end(Meaning::Statement(text(frame.body()).0))),
            from_client::TERMINATE => Some(self.end(Meaning::Farewell)),
            from_client::SYNC => {
                let meaning = self.meaning();
                Some(self.end(meaning))
            }
            from_client::FLUSH | b'd' | b'c' | b'f' => Some(self.end(Meaning::Unknown)),
            kind => {
                self.remember(kind, frame.body());
                None
            }
        }
    }

    /// Whether the beginning of a request is here and its end is not.
    pub(super) fn is_amid(&self) -> bool {
        !self.bytes.is_empty()
    }

    fn remember(&mut self, kind: u8, body: &[u8]) {
        let (name, rest) = text(body);
        match kind {
            from_client::PARSE => {
                let (statement, _) = text(rest);
                self.parsed = Some(statement.clone());
                self.statements.insert(name, statement);
            }
            from_client::BIND => {
                let (statement, _) = text(rest);
                let statement = self.statements.get(&statement).cloned().unwrap_or_default();
                self.portals.insert(name, statement);
            }
            from_client::EXECUTE => self.executed.push(self.portals.get(&name).cloned().unwrap_or_default()),
            _ => {}
        }
    }

    fn meaning(&mut self) -> Meaning {
        match (self.executed.is_empty(), self.parsed.take()) {
            (false, _) => Meaning::Statement(self.executed.join("; ")),
            (true, Some(parsed)) => Meaning::Preparation(parsed),
            (true, None) => Meaning::Housekeeping,
        }
    }

    fn end(&mut self, meaning: Meaning) -> Request {
        self.executed.clear();
        self.parsed = None;
        Request { bytes: self.bytes.split(), meaning }
    }
}
