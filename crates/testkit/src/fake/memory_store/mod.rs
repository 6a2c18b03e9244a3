//! A store in plain maps: the shortest thing that keeps every promise of the store ports.

mod archive;
mod audit;
mod epochs;
mod intake;
mod keys;
mod listing;
mod sessions;
mod users;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use doorward_domain::Timestamp;
use doorward_domain::audit::{AuditEntry, AuditId};
use doorward_domain::port::{Epoch, KeyFingerprint, Probe, StoreError};
use doorward_domain::token::{EndReason, Session, SessionId};
use doorward_domain::user::{Email, User, UserId};
use parking_lot::Mutex;

/// Accounts and sessions in memory. One lock around everything makes each method one atomic step.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Tables>);

#[derive(Debug, Default)]
struct Tables {
    users: BTreeMap<UserId, User>,
    sessions: BTreeMap<SessionId, Session>,
    audit: BTreeMap<AuditId, AuditEntry>,
    keys: BTreeSet<KeyFingerprint>,
    transfer: Option<String>,
    epoch: Option<Epoch>,
}

impl Tables {
    fn is_taken(&self, address: &Email, except: UserId) -> bool {
        self.users.values().any(|user| user.id != except && user.answers_to(address))
    }

    fn is_last_admin(&self, id: UserId) -> bool {
        let mut admins = self.users.values().filter(|user| user.is_active_admin());
        admins.next().is_some_and(|admin| admin.id == id) && admins.next().is_none()
    }

    fn has_live_session(&self, id: UserId, now: Timestamp) -> bool {
        self.sessions.values().any(|session| session.user_id == id && session.is_live(now))
    }

    fn end_sessions_of(&mut self, id: UserId, except: Option<SessionId>, at: Timestamp, reason: EndReason) {
        self.sessions
            .values_mut()
            .filter(|session| session.user_id == id && Some(session.id) != except)
            .for_each(|session| session.end(at, reason));
    }
}

#[async_trait]
impl Probe for MemoryStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    async fn probe(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
