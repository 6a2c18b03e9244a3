//! `SessionRepository` on `SQLite`.

mod ended;
mod find;

#[cfg(test)]
mod plan_tests;

use async_trait::async_trait;
use doorward_domain::Timestamp;
use doorward_domain::audit::AuditEntry;
use doorward_domain::port::{
    EndSessionsError, EndedSession, Ending, LiveSession, NewSession, Opened, Rotated, SessionRepository,
    StoreError,
};
use doorward_domain::token::{RotationLimits, Session, SessionId, Successor, TokenId};
use doorward_domain::user::UserId;
use doorward_sql::steps::{self, Try};

pub(crate) use find::find_with_user;

use crate::store::SqliteStore;

#[async_trait]
impl SessionRepository for SqliteStore {
    async fn open(&self, new: &NewSession) -> Result<Opened, StoreError> {
        let new = new.clone();
        self.step(async move |mut transaction| steps::open(&mut transaction, &new).await).await
    }

    async fn find_live(&self, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError> {
        let read = || self.look_up(move |connection| find::find_live(connection, id, now));
        self.asked().live_session(id, now, read).await
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
        let reuse = reuse.clone();
        self.step(async move |mut transaction| {
            steps::rotate(&mut transaction, id, now, Try::First, &reuse, |session| {
                session.rotate(presented, successor, now, limits)
            })
            .await
        })
        .await
    }

    async fn end(&self, ending: &Ending) -> Result<Vec<SessionId>, EndSessionsError> {
        let ending = ending.clone();
        self.step(async move |mut transaction| steps::end(&mut transaction, &ending, Try::First).await).await
    }

    async fn list_live(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        self.look_up(move |connection| find::list_live(connection, user, now)).await
    }

    async fn list_ended(
        &self,
        since: Timestamp,
        after: Option<EndedSession>,
        limit: usize,
    ) -> Result<Vec<EndedSession>, StoreError> {
        self.walk(move |connection| ended::list(connection, since, after, limit)).await
    }
}
