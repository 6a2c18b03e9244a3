//! `SessionRepository` on `CockroachDB` and `PostgreSQL`.

mod ended;
mod expired;
mod find;
mod sweep;

#[cfg(test)]
mod plan_tests;

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use doorward_domain::Timestamp;
use doorward_domain::audit::AuditEntry;
use doorward_domain::port::{
    EndSessionsError, EndedSession, Ending, LiveSession, NewSession, Opened, Rotated, SessionRepository,
    StoreError,
};
use doorward_domain::token::{Rotation, RotationLimits, Session, SessionId, Successor, TokenId};
use doorward_domain::user::UserId;
use doorward_sql::steps::{self, Try};
use futures_util::FutureExt;

pub(crate) use find::find_with_user;
pub(crate) use sweep::Sweep;

use crate::operation::Operation;
use crate::store::CockroachStore;

#[async_trait]
impl SessionRepository for CockroachStore {
    async fn open(&self, new: &NewSession) -> Result<Opened, StoreError> {
        let opened = self
            .write(Operation::OpenSession, new.session.user_id, new, |transaction, new, _| {
                steps::open(transaction, new).boxed()
            })
            .await?;
        self.sweep(new.session.created_at);
        Ok(opened)
    }

    async fn find_live(&self, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError> {
        let read = async || {
            self.read(Operation::FindSession, &(id, now), |connection, (id, now)| {
                find::find_live(connection, *id, *now).boxed()
            })
            .await
        };
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
        // Whether the try before would have answered that. Of several that come at the same moment only one ends it.
        let reused = AtomicBool::new(false);
        let input = (id, presented, successor, now, limits, reuse, reused);
        self.write(Operation::RotateSession, id, &input, |transaction, input, tries| {
            let &(id, presented, successor, now, limits, reuse, ref reused) = input;
            let rule = move |session: &mut Session| session.rotate(presented, successor, now, limits);
            let tries = if reused.load(Ordering::Relaxed) { tries } else { Try::First };
            async move {
                let rotated = steps::rotate(transaction, id, now, tries, reuse, rule).await?;
                let is_reuse = rotated.as_ref().is_some_and(|rotated| rotated.rotation == Rotation::Reused);
                reused.store(is_reuse, Ordering::Relaxed);
                Ok(rotated)
            }
            .boxed()
        })
        .await
    }

    async fn end(&self, ending: &Ending) -> Result<Vec<SessionId>, EndSessionsError> {
        self.write(Operation::EndSessions, ending.user, ending, |transaction, ending, tries| {
            steps::end(transaction, ending, tries).boxed()
        })
        .await
    }

    async fn list_live(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        self.read(Operation::ListLiveSessions, &(user, now), |connection, (user, now)| {
            find::list_live(connection, *user, *now).boxed()
        })
        .await
    }

    /// It takes no place among the lists: it is one walk a node, and a flood of lists is when it is needed most.
    async fn list_ended(
        &self,
        since: Timestamp,
        after: Option<EndedSession>,
        limit: usize,
    ) -> Result<Vec<EndedSession>, StoreError> {
        self.read(
            Operation::ListEndedSessions,
            &(since, after, limit),
            |connection, &(since, after, limit)| ended::list(connection, since, after, limit).boxed(),
        )
        .await
    }
}
