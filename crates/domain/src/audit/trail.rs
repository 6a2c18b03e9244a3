//! Reading the audit log, and forgetting what is old.

use std::sync::Arc;
use std::time::Duration;

use tracing::{Instrument as _, info_span};

use super::AuditEntry;
use crate::Timestamp;
use crate::port::{AuditFilter, AuditLog, AuditPosition, AuditQuery, Clock, OldEntries, StoreError};
use crate::sessions::Caller;
use crate::user::Role;

/// How many entries are forgotten in one step.
const FORGOTTEN_AT_ONCE: usize = 100;

/// The ports that the audit log's use cases need.
pub struct AuditPorts {
    /// Where it is kept.
    pub log: Arc<dyn AuditLog>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of the audit log.
pub struct AuditTrail {
    log: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
    kept: Option<Duration>,
}

/// Which page of which entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRequest {
    /// Which entries.
    pub filter: AuditFilter,
    /// Where the page begins.
    pub after: Option<AuditPosition>,
    /// Most entries.
    pub limit: usize,
}

/// A page of entries, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<AuditPosition>,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Only admins read the audit log.
    #[error("only admins may do this")]
    Forbidden,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuditTrail {
    /// Entries are kept for so long, or for ever.
    pub fn new(ports: AuditPorts, kept: Option<Duration>) -> Self {
        let AuditPorts { log, clock } = ports;
        Self { log, clock, kept }
    }

    /// A page, for admins.
    pub async fn list(&self, caller: &Caller, request: AuditRequest) -> Result<AuditPage, AuditError> {
        async move {
            if caller.user.role != Role::Admin {
                return Err(AuditError::Forbidden);
            }
            Ok(self.read(request).await?)
        }
        .instrument(info_span!("audit.list"))
        .await
    }

    /// A page, for whoever has the database: the operator's command line.
    pub async fn read(&self, request: AuditRequest) -> Result<AuditPage, StoreError> {
        let AuditRequest { filter, after, limit } = request;
        // One more tells whether there is a next page.
        let query = AuditQuery { filter, after, limit: limit.saturating_add(1) };
        let mut entries = self.log.list_entries(&query).await?;
        let has_more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| has_more).map(AuditPosition::after);
        Ok(AuditPage { entries, next })
    }

    /// Forgets what is older than is kept, some at a time, with a pause between for others who want to write; answers
    /// how many.
    ///
    /// The time is no later than that of the newest entry: a clock that is far ahead does not erase the log.
    pub async fn forget_old<P>(&self, pause: impl Fn() -> P) -> Result<usize, StoreError>
    where
        P: Future<Output = ()>,
    {
        let Some(kept) = self.kept else { return Ok(0) };
        let Some(newest) = self.newest().await? else { return Ok(0) };
        let now = self.clock.now().min(newest);
        let mut old = OldEntries { now, kept, beyond: None, limit: FORGOTTEN_AT_ONCE };
        let mut count = 0;
        loop {
            let forgotten = self.log.forget(&old).await?;
            count += forgotten.len();
            if forgotten.len() < old.limit {
                return Ok(count);
            }
            old.beyond = forgotten.last().copied();
            pause().await;
        }
    }

    /// When the last entry was made.
    async fn newest(&self) -> Result<Option<Timestamp>, StoreError> {
        let query = AuditQuery { limit: 1, ..AuditQuery::default() };
        Ok(self.log.list_entries(&query).await?.first().map(|entry| entry.at))
    }
}
