//! `SessionRepository` on `SQLite`: a file a step.

pub(crate) mod end;
mod find;
mod open;
mod rotate;

use async_trait::async_trait;
use doorward_domain::Timestamp;
use doorward_domain::port::{LiveSession, NewSession, Opened, Rotated, SessionRepository, StoreError};
use doorward_domain::token::{EndReason, RotationLimits, SessionId, Successor, TokenId};

pub(crate) use find::find;
pub(crate) use rotate::keep;

use crate::store::SqliteStore;

#[async_trait]
impl SessionRepository for SqliteStore {
    async fn open(&self, new: &NewSession) -> Result<Opened, StoreError> {
        let new = new.clone();
        self.write(move |connection| open::open(connection, &new)).await
    }

    async fn find_live(&self, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError> {
        self.look_up(move |connection| find::find_live(connection, id, now)).await
    }

    async fn rotate(
        &self,
        id: SessionId,
        presented: TokenId,
        successor: Successor,
        now: Timestamp,
        limits: RotationLimits,
    ) -> Result<Option<Rotated>, StoreError> {
        self.write(move |connection| {
            Ok(rotate::rotate(connection, id, |session| session.rotate(presented, successor, now, limits))?)
        })
        .await
    }

    async fn end(&self, id: SessionId, reason: EndReason, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| Ok(end::end(connection, id, now, reason)?)).await
    }
}
