//! Making entries of the audit log.

use std::sync::Arc;

use super::{Action, AuditEntry};
use crate::port::{AuditLog, Ids, StoreError, Tasks};
use crate::seen_through::seen_through;
use crate::sessions::Caller;
use crate::{Origin, Timestamp};

/// Makes entries, and writes those of what was refused: what is done writes its own.
pub(crate) struct AuditWriter {
    log: Arc<dyn AuditLog>,
    ids: Arc<dyn Ids>,
    tasks: Arc<dyn Tasks>,
}

impl AuditWriter {
    pub(crate) fn new(log: Arc<dyn AuditLog>, ids: Arc<dyn Ids>, tasks: Arc<dyn Tasks>) -> Self {
        Self { log, ids, tasks }
    }

    /// Something that comes from there.
    pub(crate) fn entry(&self, at: Timestamp, action: Action, origin: &Origin) -> AuditEntry {
        AuditEntry::new(self.ids.audit(), at, action, origin)
    }

    /// Something that a caller does.
    pub(crate) fn by(&self, caller: &Caller, at: Timestamp, action: Action) -> AuditEntry {
        self.entry(at, action, &caller.origin).by(&caller.user).in_session(caller.session.id)
    }

    /// Something that an operator does at the command line.
    pub(crate) fn by_operator(&self, at: Timestamp, action: Action) -> AuditEntry {
        self.entry(at, action, &Origin::default()).at_command_line()
    }

    /// Writes down what was refused, also when whoever asked hangs up. Where that fails the refusal is not told either:
    /// nobody guesses unnoticed.
    pub(crate) async fn refused(&self, entry: AuditEntry, why: &str) -> Result<(), StoreError> {
        let (log, entry) = (self.log.clone(), entry.refused(why));
        seen_through(self.tasks.as_ref(), async move { log.record(&entry).await }).await?
    }
}
