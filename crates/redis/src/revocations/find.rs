//! What Redis knows about a token.

use std::sync::Arc;

use deadpool_redis::redis::{self, ErrorKind, RedisError, Value};
use doorward_domain::port::{Stamp, Standing};
use doorward_domain::token::Claims;
use uuid::Uuid;

use super::{RedisRevocations, STAMP_SECONDS, set_for};
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
        if let Some(stamp) = lane.near().and_then(|near| near.find(token, epoch)) {
            return Ok(Standing::Live(stamp));
        }
        let told = lane.near().map(Near::told);
        let [of_token, of_session, marker, user, live] = self.read(lane, token, epoch).await?;
        if of_token != Value::Nil || of_session != Value::Nil {
            return Ok(Standing::Revoked);
        }
        // What was lost is being gathered. What is read now may be there only by half.
        if identifier(&marker) != Some(epoch) {
            return Ok(Standing::Unknown(None));
        }
        let Some(stamp) = identifier(&user).map(Stamp::new) else {
            return Ok(Standing::Unknown(Some(self.stamp(lane, token, epoch).await?)));
        };
        if identifier(&live) != Some(stamp.uuid()) {
            return Ok(Standing::Unknown(Some(stamp)));
        }
        if let (Some(near), Some(told)) = (lane.near(), told) {
            near.keep(told, token, epoch, stamp);
        }
        Ok(Standing::Live(stamp))
    }

    /// The values of the five keys, read at one moment.
    async fn read(&self, lane: &Arc<Lane>, token: &Claims, epoch: Uuid) -> Result<[Value; 5], RedisError> {
        let keys = vec![
            self.keyspace.token(token.id.uuid()),
            self.keyspace.token(token.session.uuid()),
            self.keyspace.complete(),
            self.keyspace.user(token.subject, epoch),
            self.keyspace.live(token.session, epoch),
        ];
        let values = lane.values(keys).await?;
        values.try_into().map_err(|_| (ErrorKind::UnexpectedReturnType, "MGET answers a value a key").into())
    }

    /// Gives the account a stamp; of several that do so at once, all get the same.
    async fn stamp(&self, lane: &Lane, token: &Claims, epoch: Uuid) -> Result<Stamp, RedisError> {
        let key = self.keyspace.user(token.subject, epoch);
        let mine = self.new_stamp();
        let mut command = set_for(&key, mine, STAMP_SECONDS);
        if lane.query::<Option<String>>(command.arg("NX")).await?.is_some() {
            return Ok(mine);
        }
        let theirs: Value = lane.query(redis::cmd("GET").arg(&key)).await?;
        // If it is gone again, what is noted under this one will count for nothing.
        Ok(identifier(&theirs).map_or(mine, Stamp::new))
    }
}

fn identifier(value: &Value) -> Option<Uuid> {
    match value {
        Value::BulkString(text) => Uuid::try_parse_ascii(text).ok(),
        _ => None,
    }
}
