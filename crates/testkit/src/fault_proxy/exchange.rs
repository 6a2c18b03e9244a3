//! One request and its answer, with both ends in one mind about the transaction.

use bytes::BytesMut;

use super::Fault;
use super::effect::Ending;
use super::message::{self, Status, from_server};
use super::wire::{Frame, Wire};

/// Both ends, and what the server said last of the transaction: the client has heard the same.
pub(super) struct Exchange<'a> {
    pub(super) client: &'a mut Wire,
    pub(super) server: Wire,
    pub(super) status: Status,
}

/// All that a server said to a request.
pub(super) struct Answer {
    pub(super) status: Status,
    pub(super) is_error: bool,
    bytes: BytesMut,
    /// Where the rows end.
    rows: usize,
}

impl Exchange<'_> {
    /// Sends the request to the server, and its answer to the client while it comes.
    pub(super) async fn pass_on(&mut self, request: &[u8]) -> Result<(), Ending> {
        self.server.send(request).await?;
        loop {
            let (frames, ready) = self.some_of_an_answer().await?;
            self.client.send(&frames).await?;
            if let Some(status) = ready {
                self.status = status;
                return Ok(());
            }
        }
    }

    /// Sends the request to the server, and keeps the answer.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<Answer, Ending> {
        self.server.send(request).await?;
        let mut answer = Answer { status: self.status, is_error: false, bytes: BytesMut::new(), rows: 0 };
        loop {
            let frame = self.server.next().await?;
            answer.bytes.extend_from_slice(frame.bytes());
            if !matches!(frame.kind(), from_server::COMPLETE | from_server::READY) {
                answer.rows = answer.bytes.len();
            }
            answer.is_error |= frame.kind() == from_server::ERROR;
            if let Some(status) = end_of_answer(&frame)? {
                answer.status = status;
                return Ok(answer);
            }
        }
    }

    /// Gives the client an answer that was kept.
    pub(super) async fn give(&mut self, answer: Answer) -> Result<(), Ending> {
        self.client.send(&answer.bytes).await?;
        self.status = answer.status;
        Ok(())
    }

    /// Gives the client such an answer but for its end.
    pub(super) async fn give_rows(&mut self, answer: &Answer) -> Result<(), Ending> {
        Ok(self.client.send(answer.bytes.get(..answer.rows).unwrap_or_default()).await?)
    }

    /// Lets the server's transaction fail, as the client is about to hear.
    pub(super) async fn spoil(&mut self) -> Result<Status, Ending> {
        Ok(self.ask(&message::query("SELECT 1/0")).await?.status)
    }

    /// Lets the server forget the transaction.
    pub(super) async fn roll_back(&mut self) -> Result<Status, Ending> {
        Ok(self.ask(&message::query("ROLLBACK")).await?.status)
    }

    /// Answers a request with the error, whichever messages it had before its Sync.
    pub(super) async fn fail(&mut self, fault: &Fault, status: Status) -> Result<(), Ending> {
        if fault.closes() {
            return Err(self.farewell(fault).await);
        }
        let mut answer = message::error(fault);
        answer.unsplit(message::ready(status));
        self.client.send(&answer).await?;
        self.status = status;
        Ok(())
    }

    /// Tells the client why its connection ends.
    pub(super) async fn farewell(&mut self, fault: &Fault) -> Ending {
        // A client that is gone need not be told.
        let _ = self.client.send(&message::error(fault)).await;
        Ending::Close
    }

    /// As much of an answer as has arrived; with how the transaction stands, if that is all of it.
    async fn some_of_an_answer(&mut self) -> Result<(BytesMut, Option<Status>), Ending> {
        let mut frames = BytesMut::new();
        let mut next = Some(self.server.next().await?);
        while let Some(frame) = next {
            frames.extend_from_slice(frame.bytes());
            if let Some(status) = end_of_answer(&frame)? {
                return Ok((frames, Some(status)));
            }
            next = self.server.read();
        }
        Ok((frames, None))
    }
}

/// How the transaction stands, if the frame is the last of an answer.
fn end_of_answer(frame: &Frame) -> Result<Option<Status>, Ending> {
    match frame.kind() {
        from_server::READY => Ok(Some(Status::read(frame.body()))),
        // The server waits for rows, which a client sends outside any request.
        from_server::COPY_IN | from_server::COPY_BOTH => Err(Ending::Close),
        _ => Ok(None),
    }
}
