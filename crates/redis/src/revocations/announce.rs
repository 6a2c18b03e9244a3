//! Telling Redis of a change.

use std::error::Error;

use deadpool_redis::redis::{self, Cmd, ToRedisArgs};
use doorward_domain::port::{Revoked, Stamp};
use doorward_domain::user::UserId;
use uuid::Uuid;

use super::{RedisRevocations, STAMP_SECONDS, revoke};
use crate::lanes::LaneError;

/// How often it is tried: a connection may have died without a word since it was used last.
const TRIES: usize = 2;

impl RedisRevocations {
    /// Tells the server that the epoch believes, and no other; `None` where that did not work. The stamp is the one of
    /// the try that was answered: a stamp that was perhaps set is never set again, since others may have noted something
    /// under it and a change may have come in between.
    pub(super) async fn announce(
        &self,
        believed: &(impl ToString + Sync),
        epoch: Uuid,
        user: UserId,
        revoked: &[Revoked],
    ) -> Option<Stamp> {
        let believed = believed.to_string();
        for _ in 0..TRIES {
            match self.try_to_announce(&believed, epoch, user, revoked).await {
                Ok(Some(stamp)) => return Some(stamp),
                Ok(None) => {}
                Err(error) => {
                    tracing::debug!(error = &error as &dyn Error, "Redis was not told of a change");
                }
            }
        }
        None
    }

    /// `None` where this thread is connected to another server: it is not for this one to say what became of that.
    async fn try_to_announce(
        &self,
        believed: &str,
        epoch: Uuid,
        user: UserId,
        revoked: &[Revoked],
    ) -> Result<Option<Stamp>, LaneError> {
        let lane = self.lanes.ready().await?;
        if lane.witness().to_string() != believed {
            lane.leads_astray();
            return Ok(None);
        }
        let stamp = self.new_stamp();
        let now = self.clock.now();
        let mut news = redis::pipe();
        for Revoked { id, until } in revoked {
            let until = until.plus(self.leeway);
            if until > now {
                revoke(&mut news, self.keyspace, *id, until);
            }
        }
        news.add_command(set_for(self.keyspace.user(user, epoch), stamp, STAMP_SECONDS)).ignore();
        let told = news.query_async::<()>(&mut lane.connection()).await;
        told.inspect_err(|error| lane.judge(error))?;
        Ok(Some(stamp))
    }
}

/// `SET key stamp EX seconds`.
pub(super) fn set_for(key: impl ToRedisArgs, stamp: Stamp, seconds: u64) -> Cmd {
    let mut command = redis::cmd("SET");
    command.arg(key).arg(stamp.uuid().to_string()).arg("EX").arg(seconds);
    command
}
