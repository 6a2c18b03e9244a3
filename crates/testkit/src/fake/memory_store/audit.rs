//! The audit log in memory.

use async_trait::async_trait;
use doorward_domain::audit::{AuditEntry, Deed, Denied, Party};
use doorward_domain::port::{AuditFilter, AuditLog, AuditPosition, AuditQuery, OldEntries, StoreError};

use super::{MemoryStore, Tables};

#[async_trait]
impl AuditLog for MemoryStore {
    async fn record(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.0.lock().record(std::slice::from_ref(entry));
        Ok(())
    }

    async fn list_entries(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let tables = self.0.lock();
        let mut found: Vec<&AuditEntry> = tables
            .audit
            .values()
            .filter(|entry| passes(entry, &query.filter))
            .filter(|entry| query.after.is_none_or(|after| AuditPosition::after(entry) < after))
            .collect();
        found.sort_by_key(|entry| std::cmp::Reverse(AuditPosition::after(entry)));
        Ok(found.into_iter().take(query.limit).cloned().collect())
    }

    async fn forget(&self, old: &OldEntries) -> Result<Vec<AuditPosition>, StoreError> {
        let mut tables = self.0.lock();
        let mut oldest: Vec<AuditPosition> = tables
            .audit
            .values()
            .map(AuditPosition::after)
            .filter(|position| {
                position.at < old.before() && old.beyond.is_none_or(|beyond| *position > beyond)
            })
            .collect();
        oldest.sort_unstable();
        oldest.truncate(old.limit);
        for position in &oldest {
            tables.audit.remove(&position.id);
        }
        Ok(oldest)
    }
}

impl Tables {
    /// One that is there already stays as it is. Usernames are told in normal form.
    pub(super) fn record(&mut self, entries: &[AuditEntry]) {
        for entry in entries {
            self.audit.entry(entry.id).or_insert_with(|| entry.clone());
        }
    }

    pub(super) fn authorize(&self, deed: &Deed) -> Result<(), Denied> {
        let Some(authority) = &deed.authority else { return Ok(()) };
        let found = self.sessions.get(&authority.session).and_then(|session| {
            let user = self.users.get(&session.user_id)?;
            Some((session.clone(), user.clone()))
        });
        authority.check(found.as_ref())
    }
}

fn passes(entry: &AuditEntry, filter: &AuditFilter) -> bool {
    let AuditFilter { actor, target, action, outcome, request_id, since, until } = filter;
    let is = |party: &Option<Party>, name: &str| {
        party.as_ref().is_some_and(|party| party.username.normal() == name)
    };
    actor.as_deref().is_none_or(|name| is(&entry.actor, name))
        && target.as_deref().is_none_or(|name| is(&entry.target, name))
        && action.is_none_or(|action| entry.action == action)
        && outcome.is_none_or(|outcome| entry.outcome == outcome)
        && request_id.as_ref().is_none_or(|id| entry.request_id.as_ref() == Some(id))
        && since.is_none_or(|since| entry.at >= since)
        && until.is_none_or(|until| entry.at < until)
}
