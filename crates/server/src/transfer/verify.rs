//! Comparing what both stores have: how many rows, and a digest of every field of every one of them.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::encoding::Encoding;
use super::row::{Row, part_behind};
use super::{BATCH, End, Pass, Step, Transfer, TransferError};
use doorward_domain::audit::AuditEntry;
use doorward_domain::port::StoreError;
use doorward_domain::token::Session;
use doorward_domain::user::User;

/// What a store has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// Its accounts.
    pub(crate) accounts: Sum,
    /// Its sessions.
    pub(crate) sessions: Sum,
    /// Its audit log.
    pub(crate) audit: Sum,
}

/// Rows of one kind, summed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sum {
    /// How many there are.
    pub(crate) rows: u64,
    /// SHA-256 over all of them, in the order of their identifiers.
    digest: [u8; 32],
}

/// The digest.
impl fmt::Display for Sum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.digest.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Sums both up, at the same time, and demands that they are the same.
pub(super) async fn both(transfer: &Transfer<'_>) -> Result<Content, TransferError> {
    let (source_accounts, accounts) = both_of::<User>(transfer).await?;
    let (source_sessions, sessions) = both_of::<Session>(transfer).await?;
    let (source_audit, audit) = both_of::<AuditEntry>(transfer).await?;
    let source_content =
        Content { accounts: source_accounts, sessions: source_sessions, audit: source_audit };
    let target_content = Content { accounts, sessions, audit };
    if source_content == target_content {
        Ok(target_content)
    } else {
        Err(TransferError::Different {
            source_content: Box::new(source_content),
            target_content: Box::new(target_content),
        })
    }
}

async fn both_of<R: Row>(transfer: &Transfer<'_>) -> Result<(Sum, Sum), TransferError> {
    let step = Step { pass: Pass::Verify, kind: R::KIND };
    let Transfer { source, target, observer } = transfer;
    observer.advanced(step, 0, 0.0);
    let source = sum::<R>(transfer, source, |_, _| {}, |error| transfer.unread(error));
    let target = sum::<R>(
        transfer,
        target,
        |rows, part| observer.advanced(step, rows, part),
        |error| transfer.unwritten(error),
    );
    tokio::try_join!(source, target)
}

async fn sum<R: Row>(
    transfer: &Transfer<'_>,
    end: &End<'_>,
    advanced: impl Fn(u64, f64),
    failed: impl Fn(StoreError) -> TransferError,
) -> Result<Sum, TransferError> {
    let mut digest = Sha256::new();
    let mut rows = 0;
    let mut after = None;
    loop {
        transfer.go_on()?;
        let batch = R::after(end.archive, after, BATCH).await.map_err(&failed)?;
        let Some(last) = batch.last().map(R::id) else {
            return Ok(Sum { rows, digest: digest.finalize().into() });
        };
        for row in &batch {
            let encoding = Encoding::of(row);
            digest.update((encoding.bytes().len() as u64).to_be_bytes());
            digest.update(encoding.bytes());
        }
        rows += batch.len() as u64;
        advanced(rows, part_behind(R::number(last)));
        after = Some(last);
    }
}
