//! What Redis knows about a token.

use std::sync::Arc;

use deadpool_redis::redis::{self, RedisError};
use doorward_domain::port::{Stamp, Standing};
use doorward_domain::token::Claims;
use uuid::Uuid;

use super::{RedisRevocations, STAMP_SECONDS, set_for};
use crate::gather::Said;
use crate::lanes::Lane;
use crate::near::Near;

impl RedisRevocations {
    /// Asks on a connection to the server that this epoch believes.
    pub(super) async fn find_on(
        &self,
        lane: &Arc<Lane>,
        token: &Claims,
        epoch: Uuid,
    ) -> Result<Standing, RedisError> {
        let told = lane.near().map(Near::told);
        let Said { is_revoked, complete, user, live } = lane.ask_about(token, self.keyspace, epoch).await?;
        if is_revoked {
            return Ok(Standing::Revoked);
        }
        // What was lost is being gathered. What is read now may be there only by half.
        if complete != Some(epoch) {
            return Ok(Standing::Unknown(None));
        }
        let Some(stamp) = user.map(Stamp::new) else {
            return Ok(Standing::Unknown(Some(self.stamp(lane, token, epoch).await?)));
        };
        if live != Some(stamp.uuid()) {
            return Ok(Standing::Unknown(Some(stamp)));
        }
        if let (Some(near), Some(told)) = (lane.near(), told) {
            near.keep(told, token, epoch, stamp);
        }
        Ok(Standing::Live(stamp))
    }

    /// Gives the account a stamp; of several that do so at once, all get the same.
    async fn stamp(&self, lane: &Lane, token: &Claims, epoch: Uuid) -> Result<Stamp, RedisError> {
        let key = self.keyspace.user(token.subject, epoch);
        let mine = self.new_stamp();
        let mut command = set_for(&key, mine, STAMP_SECONDS);
        if lane.query::<Option<String>>(command.arg("NX")).await?.is_some() {
            return Ok(mine);
        }
        let theirs: Option<String> = lane.query(redis::cmd("GET").arg(&key)).await?;
        // If it is gone again, what is noted under this one will count for nothing.
        Ok(theirs.and_then(|theirs| theirs.parse().ok()).map_or(mine, Stamp::new))
    }
}
