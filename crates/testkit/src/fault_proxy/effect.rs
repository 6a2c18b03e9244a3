//! What can befall a connection, whatever the occasion.

use std::future::pending;
use std::io;
use std::time::Duration;

use tokio::select;

use super::wire::Wire;
use super::{Fault, Gate};

#[derive(Debug, Clone)]
pub(super) enum Effect {
    /// What an error means for the transaction depends on the occasion.
    Fail(Fault),
    /// The same, behind the rows of the answer.
    FailBehind(Fault),
    Other(Event),
}

/// What needs nobody but the client.
#[derive(Debug, Clone)]
pub(super) enum Event {
    End(Ending),
    Hang,
    Freeze,
    Delay(Duration),
    Hold(Gate),
}

/// How a client's connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// In order: FIN, after everything that was sent.
    Close,
    /// At once: RST.
    Reset,
}

impl From<io::Error> for Ending {
    /// One end is gone, and then the other goes too.
    fn from(_: io::Error) -> Self {
        Self::Close
    }
}

impl Effect {
    /// Whether the client, in the end, gets the server's answer.
    pub(super) fn leaves_the_answer(&self) -> bool {
        matches!(self, Self::Other(Event::Delay(_) | Event::Hold(_)))
    }
}

impl Event {
    /// Lets the client's connection meet this, and answers when it goes on.
    pub(super) async fn befall(self, client: &mut Wire) -> Result<(), Ending> {
        match self {
            Self::End(ending) => Err(ending),
            Self::Hang => until(client, pending()).await,
            // Only the proxy can end what has come to this: nobody looks whether the client is there.
            Self::Freeze => pending().await,
            Self::Delay(time) => until(client, tokio::time::sleep(time)).await,
            Self::Hold(gate) => until(client, gate.pass()).await,
        }
    }
}

/// Waits for something, and notices when the client goes meanwhile.
async fn until(client: &mut Wire, event: impl Future<Output = ()>) -> Result<(), Ending> {
    select! {
        () = event => Ok(()),
        () = client.until_gone() => Err(Ending::Close),
    }
}
