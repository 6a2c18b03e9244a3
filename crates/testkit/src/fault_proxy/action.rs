//! What happens to a conversation.

use std::time::Duration;

use super::effect::{Effect, Ending, Event};
use super::{Fault, Gate};

/// What is done in place of, or besides, carrying a statement out.
///
/// Unless [`carried_out`](Self::carried_out) is said the server never hears of the statement. When a client connects
/// there is nothing to carry out, and both are the same.
#[derive(Debug, Clone)]
pub struct Action {
    pub(super) effect: Effect,
    pub(super) carried_out: bool,
}

impl Action {
    /// The client hears of this error.
    ///
    /// Client and server agree afterwards on how the transaction stands: after an error at COMMIT there is none (the
    /// server was sent ROLLBACK instead), after one at another statement it has failed (the server was sent something
    /// that fails).
    pub fn fail(fault: Fault) -> Self {
        Self::before(Effect::Fail(fault))
    }

    /// The client gets the rows of the answer, and then hears of this error in place of their end: whoever wants one row
    /// need not notice. The transaction has failed.
    pub fn fail_behind(fault: Fault) -> Self {
        Self::before(Effect::FailBehind(fault)).carried_out()
    }

    /// The connection is cut, as by a crash (RST); the server's end is closed, and it rolls back.
    pub fn cut() -> Self {
        Self::before(Effect::Other(Event::End(Ending::Reset)))
    }

    /// The connection is closed (FIN) without a word.
    pub fn close() -> Self {
        Self::before(Effect::Other(Event::End(Ending::Close)))
    }

    /// The client hears nothing any more; when it closes the connection, that is noticed.
    pub fn hang() -> Self {
        Self::before(Effect::Other(Event::Hang))
    }

    /// Nothing passes any more in either direction, not even that one end is gone: the network between them is.
    /// The connection is there, at the server as well, until the proxy cuts it or is dropped.
    pub fn half_open() -> Self {
        Self::before(Effect::Other(Event::Freeze))
    }

    /// The answer comes later by this time.
    pub fn delay(time: Duration) -> Self {
        Self::before(Effect::Other(Event::Delay(time))).carried_out()
    }

    /// The statement waits before the gate until the test opens it.
    pub fn hold(gate: &Gate) -> Self {
        Self::before(Effect::Other(Event::Hold(gate.clone())))
    }

    /// The same, but in place of the answer: the server has carried the statement out by then.
    ///
    /// A server that answers with an error of its own has not; then the client gets that answer, and what was to
    /// happen here waits for the next occasion.
    pub fn carried_out(self) -> Self {
        Self { carried_out: true, ..self }
    }

    fn before(effect: Effect) -> Self {
        Self { effect, carried_out: false }
    }
}
