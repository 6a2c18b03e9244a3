//! Removing from the target what the source does not have like that.
//!
//! It goes before adding: an address may belong to another account by now, and the target would refuse that one.

use std::collections::VecDeque;

use super::encoding::Encoding;
use super::row::{Row, part_behind};
use super::{BATCH, Pass, Step, Transfer, TransferError};

/// Walks through the target beside the source. A target without rows takes no time.
pub(super) async fn unlike<R: Row>(transfer: &Transfer<'_>) -> Result<(), TransferError> {
    let step = Step { pass: Pass::Remove, kind: R::KIND };
    transfer.observer.advanced(step, 0, 0.0);
    let mut source = Walk::<R>::new(transfer);
    let mut rows = 0;
    let mut after = None;
    loop {
        transfer.go_on()?;
        let target = transfer.target.archive;
        let batch = R::after(target, after, BATCH).await.map_err(|error| transfer.unwritten(error))?;
        let Some(last) = batch.last().map(R::id) else {
            return Ok(());
        };
        let mut unlike = Vec::new();
        for row in &batch {
            let found = source.find(row.id()).await?;
            if found.is_none_or(|found| Encoding::of(found) != Encoding::of(row)) {
                unlike.push(row.id());
            }
        }
        if !unlike.is_empty() {
            R::remove(target, &unlike).await.map_err(|error| transfer.unwritten(error))?;
        }
        rows += batch.len() as u64;
        transfer.observer.advanced(step, rows, part_behind(R::number(last)));
        after = Some(last);
    }
}

/// A walk through the source, forwards.
struct Walk<'a, R: Row> {
    transfer: &'a Transfer<'a>,
    ahead: VecDeque<R>,
    after: Option<R::Id>,
    ended: bool,
}

impl<'a, R: Row> Walk<'a, R> {
    fn new(transfer: &'a Transfer<'a>) -> Self {
        Self { transfer, ahead: VecDeque::new(), after: None, ended: false }
    }

    /// The row with this identifier, which is behind every one that was asked for before.
    async fn find(&mut self, id: R::Id) -> Result<Option<&R>, TransferError> {
        loop {
            while self.ahead.front().is_some_and(|row| row.id() < id) {
                self.ahead.pop_front();
            }
            if !self.ahead.is_empty() || self.ended {
                return Ok(self.ahead.front().filter(|row| row.id() == id));
            }
            self.read_on().await?;
        }
    }

    async fn read_on(&mut self) -> Result<(), TransferError> {
        self.transfer.go_on()?;
        let batch = R::after(self.transfer.source.archive, self.after, BATCH).await;
        self.ahead = batch.map_err(|error| self.transfer.unread(error))?.into();
        self.after = self.ahead.back().map(R::id).or(self.after);
        self.ended = self.ahead.is_empty();
        Ok(())
    }
}
