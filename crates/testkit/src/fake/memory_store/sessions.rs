//! Sessions in memory.

use async_trait::async_trait;
use doorward_domain::Timestamp;
use doorward_domain::audit::AuditEntry;
use doorward_domain::port::{
    EndSessionsError, EndedSession, Ending, LiveSession, NewSession, Opened, Rotated, SessionRepository,
    StoreError,
};
use doorward_domain::token::{EndReason, Rotation, RotationLimits, Session, SessionId, Successor, TokenId};
use doorward_domain::user::UserId;

use super::{MemoryStore, Tables};

#[async_trait]
impl SessionRepository for MemoryStore {
    async fn open(&self, new: &NewSession) -> Result<Opened, StoreError> {
        Ok(self.0.lock().open(new))
    }

    async fn find_live(&self, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError> {
        let tables = self.0.lock();
        let session = tables.sessions.get(&id).filter(|session| session.is_live(now));
        Ok(session.and_then(|session| {
            let user = tables.users.get(&session.user_id).filter(|user| user.active)?;
            Some(LiveSession { session: session.clone(), user: user.clone() })
        }))
    }

    async fn rotate(
        &self,
        id: SessionId,
        presented: TokenId,
        successor: Successor,
        now: Timestamp,
        limits: RotationLimits,
        reuse: &AuditEntry,
    ) -> Result<Option<Rotated>, StoreError> {
        let mut tables = self.0.lock();
        let Tables { users, sessions, .. } = &mut *tables;
        let rotated = sessions.get_mut(&id).and_then(|session| {
            let user = users.get(&session.user_id)?.clone();
            let rotation = session.rotate(presented, successor, now, limits);
            Some(Rotated { rotation, session: session.clone(), user })
        });
        if let Some(Rotated { rotation: Rotation::Reused, user, .. }) = &rotated {
            tables.record(&[reuse.clone().about(user).in_session(id)]);
        }
        Ok(rotated)
    }

    async fn end(&self, ending: &Ending) -> Result<Vec<SessionId>, EndSessionsError> {
        let mut tables = self.0.lock();
        tables.authorize(&ending.deed)?;
        let mut ended = Vec::new();
        for session in tables.sessions.values_mut() {
            let is_meant = session.user_id == ending.user && ending.which.includes(session.id);
            if is_meant && session.is_live(ending.at) {
                session.end(ending.at, ending.reason);
                ended.push(session.id);
            }
        }
        if !ended.is_empty() {
            tables.record(&ending.entries_with(ended.len()));
        }
        Ok(ended)
    }

    async fn list_live(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let tables = self.0.lock();
        let live = tables.sessions.values().filter(|session| session.user_id == user && session.is_live(now));
        let mut live: Vec<Session> = live.cloned().collect();
        live.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
        Ok(live)
    }

    async fn list_ended(
        &self,
        since: Timestamp,
        after: Option<EndedSession>,
        limit: usize,
    ) -> Result<Vec<EndedSession>, StoreError> {
        let tables = self.0.lock();
        let ended = |session: &Session| session.ended.map(|end| EndedSession { at: end.at, id: session.id });
        let mut found: Vec<EndedSession> = tables.sessions.values().filter_map(ended).collect();
        found.retain(|session| session.at >= since && after.is_none_or(|after| *session > after));
        found.sort_unstable();
        found.truncate(limit);
        Ok(found)
    }
}

impl Tables {
    fn open(&mut self, new: &NewSession) -> Opened {
        let NewSession { session, seen, rehashed, max_live, .. } = new;
        let already_open = self.sessions.contains_key(&session.id);
        let Some(user) = self.users.get_mut(&session.user_id) else {
            return Opened::CredentialChanged;
        };
        // The step may be carried out twice: the second time there is nothing left to do.
        if already_open {
            return Opened::Done(Box::new(user.clone()));
        }
        if !user.active || user.password != *seen {
            return Opened::CredentialChanged;
        }
        if let Some(rehashed) = rehashed {
            user.password = rehashed.clone();
        }
        user.last_login = Some(session.created_at);
        user.version += 1;
        let user = user.clone();
        let ended = self.end_oldest(session, *max_live);
        self.sessions.insert(session.id, session.clone());
        self.record(&new.entries_with(&ended));
        Opened::Done(Box::new(user))
    }

    /// Makes room for `newcomer`, which is never the one to end, whatever the clock said.
    fn end_oldest(&mut self, newcomer: &Session, max_live: usize) -> Vec<SessionId> {
        let now = newcomer.created_at;
        let mut live: Vec<&mut Session> = self
            .sessions
            .values_mut()
            .filter(|session| session.user_id == newcomer.user_id && session.is_live(now))
            .collect();
        live.sort_by_key(|session| session.created_at);
        let surplus = (live.len() + 1).saturating_sub(max_live.max(1));
        let oldest = live.into_iter().take(surplus);
        oldest
            .map(|session| {
                session.end(now, EndReason::TooMany);
                session.id
            })
            .collect()
    }
}
