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
    /// Tells the server that the epoch believes, and no other. `false` where that did not work.
    pub(super) async fn announce(
        &self,
        believed: &(impl ToString + Sync),
        epoch: Uuid,
        user: UserId,
        stamp: Stamp,
        revoked: &[Revoked],
    ) -> bool {
        let believed = believed.to_string();
        for _ in 0..TRIES {
            match self.try_to_announce(&believed, epoch, user, stamp, revoked).await {
                Ok(true) => return true,
                Ok(false) => {}
                Err(error) => {
                    tracing::debug!(error = &error as &dyn Error, "Redis was not told of a change");
                }
            }
        }
        false
    }

    /// `false` where this thread is connected to another server: it is not for this one to say what became of that.
    async fn try_to_announce(
        &self,
        believed: &str,
        epoch: Uuid,
        user: UserId,
        stamp: Stamp,
        revoked: &[Revoked],
    ) -> Result<bool, LaneError> {
        let lane = self.lanes.ready().await?;
        if lane.witness().to_string() != believed {
            lane.leads_astray();
            return Ok(false);
        }
        let now = self.clock.now();
        for Revoked { id, until } in revoked {
            let until = until.plus(self.leeway);
            if until > now {
                let revoked = revoke(&mut lane.connection(), &self.keyspace, *id, until).await;
                revoked.inspect_err(|error| lane.judge(error))?;
            }
        }
        let key = self.keyspace.user(user, epoch);
        lane.query::<()>(&set_for(key, stamp, STAMP_SECONDS)).await?;
        Ok(true)
    }
}

/// `SET key stamp EX seconds`.
pub(super) fn set_for(key: impl ToRedisArgs, stamp: Stamp, seconds: u64) -> Cmd {
    let mut command = redis::cmd("SET");
    command.arg(key).arg(stamp.uuid().to_string()).arg("EX").arg(seconds);
    command
}
