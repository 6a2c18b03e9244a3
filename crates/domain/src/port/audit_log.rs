//! Where it is kept who did what.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::Timestamp;
use crate::audit::{Action, AuditEntry, AuditId, Outcome};

/// Keeps the audit log. What changes accounts and sessions writes its entries itself, in the same step
/// ([`Deed`](crate::audit::Deed)); here are those of what changed nothing, and the way to read them all.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Adds an entry; adding the same `id` again changes nothing.
    async fn record(&self, entry: &AuditEntry) -> Result<(), StoreError>;
    /// At most `query.limit` entries that pass the filter and come after the position: the newest first, and of one
    /// moment by `id`, the highest first.
    async fn list_entries(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError>;
    /// Forgets entries that are old enough, the oldest first, and answers where they stood, in this order. A store that
    /// has a clock of its own MUST go by that one where it says that less is old.
    async fn forget(&self, old: &OldEntries) -> Result<Vec<AuditPosition>, StoreError>;
}

/// Which entries. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Done by the account of this username, in normal form.
    pub actor: Option<String>,
    /// About the account of this username, in normal form.
    pub target: Option<String>,
    /// This was done.
    pub action: Option<Action>,
    /// This came of it.
    pub outcome: Option<Outcome>,
    /// In this request.
    pub request_id: Option<String>,
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

/// A place in the log: just after one entry, which is older than those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditPosition {
    /// When the entry was made.
    pub at: Timestamp,
    /// Which entry.
    pub id: AuditId,
}

impl AuditPosition {
    /// The place just after `entry`.
    pub fn after(entry: &AuditEntry) -> Self {
        Self { at: entry.at, id: entry.id }
    }
}

/// A page of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Which entries.
    pub filter: AuditFilter,
    /// Where the page begins.
    pub after: Option<AuditPosition>,
    /// Most entries.
    pub limit: usize,
}

/// What is old enough to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldEntries {
    /// The time, as far as whoever asks can know.
    pub now: Timestamp,
    /// What is older than this.
    pub kept: Duration,
    /// Newer than this one: what is older was forgotten a moment ago. A store may have to walk over what is left of it.
    pub beyond: Option<AuditPosition>,
    /// Most entries.
    pub limit: usize,
}

impl OldEntries {
    /// Everything from before this time is old.
    pub fn before(&self) -> Timestamp {
        self.now.minus(self.kept)
    }
}
