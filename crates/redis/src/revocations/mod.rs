//! `Revocations` in Redis: database 0, one `MGET` a request.

mod announce;
mod find;
mod owed;
mod without;

pub use without::WithoutRedis;

use std::sync::Arc;
use std::time::Duration;

use announce::set_for;
use async_trait::async_trait;
use deadpool_redis::redis::Pipeline;
use doorward_domain::Timestamp;
use doorward_domain::port::{Clock, Epoch, Ids, Revocations, Revoked, Stamp, Standing, StoreError};
use doorward_domain::token::Claims;
use doorward_domain::user::UserId;
use metrics::{Counter, counter};
use owed::Owed;
use uuid::Uuid;

use crate::keyspace::Keyspace;
use crate::lanes::Lanes;
use crate::trust::Trust;

/// How long a stamp is remembered that nobody asks for. It is made anew when it is gone.
const STAMP_SECONDS: u64 = 24 * 60 * 60;

/// How long a session counts as live without the database being asked again. Where a node dies between a change in the
/// database and telling of it, nobody is told: then this is how long others do not know.
const CONFIRMED_SECONDS: u64 = 5 * 60;

/// What was answered by Redis, or should have been, and how often, and what was remembered: that a token is live.
struct Checks {
    remembered: Counter,
    live: Counter,
    revoked: Counter,
    unknown: Counter,
}

impl Checks {
    fn new() -> Self {
        let checks = |source: &'static str, answer: &'static str| counter!("doorward_revocation_checks_total", "source" => source, "answer" => answer);
        Self {
            remembered: checks("client_cache", "live"),
            live: checks("redis", "live"),
            revoked: checks("redis", "revoked"),
            unknown: checks("redis", "unknown"),
        }
    }

    fn of(&self, standing: Standing) -> &Counter {
        match standing {
            Standing::Live(_) => &self.live,
            Standing::Revoked => &self.revoked,
            Standing::Unknown(_) => &self.unknown,
        }
    }
}

/// What is known about tokens, in Redis.
#[derive(Clone)]
pub struct RedisRevocations {
    lanes: Arc<Lanes>,
    keyspace: Keyspace,
    trust: Arc<Trust>,
    ids: Arc<dyn Ids>,
    clock: Arc<dyn Clock>,
    leeway: Duration,
    owed: Arc<Owed>,
    checks: Arc<Checks>,
}

impl RedisRevocations {
    pub(crate) fn new(
        lanes: Arc<Lanes>,
        trust: Arc<Trust>,
        ids: Arc<dyn Ids>,
        clock: Arc<dyn Clock>,
        leeway: Duration,
    ) -> Self {
        let keyspace = lanes.connector().keyspace();
        let checks = Arc::new(Checks::new());
        Self { lanes, keyspace, trust, ids, clock, leeway, owed: Arc::default(), checks }
    }

    /// What is known of a token, and where such answers are counted.
    async fn standing(&self, token: &Claims) -> (Standing, &Counter) {
        let nothing = (Standing::Unknown(None), &self.checks.unknown);
        let Some(lease) = self.trust.lease() else { return nothing };
        let Some(lane) = self.lanes.at_once() else { return nothing };
        if *lane.witness() != lease.witness {
            lane.leads_astray();
            return nothing;
        }
        if let Some(stamp) = lane.near().and_then(|near| near.find(token, lease.epoch)) {
            return (Standing::Live(stamp), &self.checks.remembered);
        }
        let found = self.find_on(&lane, token, lease.epoch).await.unwrap_or_else(|error| {
            tracing::debug!(error = &error as &dyn std::error::Error, "nothing is known of a token");
            Standing::Unknown(None)
        });
        (found, self.checks.of(found))
    }

    fn new_stamp(&self) -> Stamp {
        Stamp::new(self.ids.token().uuid())
    }

    /// Where it fails, neither Redis nor the database could be told.
    async fn tell(&self, user: UserId, revoked: &[Revoked]) -> Result<Option<Stamp>, StoreError> {
        if let Some(lease) = self.trust.lease() {
            let stamp = self.announce(&lease.witness, lease.epoch, user, revoked).await;
            // As long as the lease holds, no later epoch has begun.
            if stamp.is_some() && lease.holds() {
                return Ok(stamp);
            }
        }
        match self.trust.present().await? {
            None => Ok(None),
            Some(Epoch { id, witness: None }) => {
                self.trust.wait_out(id).await;
                Ok(None)
            }
            Some(Epoch { id, witness: Some(witness) }) => {
                let stamp = self.announce(&witness, id, user, revoked).await;
                if stamp.is_none() {
                    tracing::warn!("Redis could not be told of a change; the database answers until it can");
                    self.trust.end(id).await?;
                }
                Ok(stamp)
            }
        }
    }
}

#[async_trait]
impl Revocations for RedisRevocations {
    async fn find(&self, token: &Claims) -> Standing {
        let (standing, answers) = self.standing(token).await;
        answers.increment(1);
        standing
    }

    async fn confirm(&self, token: &Claims, stamp: Stamp) {
        let Some(lease) = self.trust.lease() else { return };
        let Some(lane) = self.lanes.at_once().filter(|lane| *lane.witness() == lease.witness) else { return };
        let key = self.keyspace.live(token.session, lease.epoch);
        let command = set_for(key, stamp, CONFIRMED_SECONDS);
        if let Err(error) = lane.query::<()>(&command).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "a session could not be confirmed");
        }
    }

    async fn changed(&self, user: UserId, revoked: &[Revoked]) -> Result<Option<Stamp>, StoreError> {
        let told = self.tell(user, revoked).await;
        if told.is_err() {
            self.tell_later(user, revoked);
        }
        told
    }
}

/// Has a token or a session written down as revoked. A longer time that somebody gave it stays.
pub(crate) fn revoke(commands: &mut Pipeline, keyspace: Keyspace, id: Uuid, until: Timestamp) {
    let key = keyspace.token(id);
    let at = until.plus(Duration::from_millis(999)).seconds();
    commands.cmd("SET").arg(&key).arg("true").arg("NX").arg("EXAT").arg(at).ignore();
    commands.cmd("EXPIREAT").arg(&key).arg(at).arg("GT").ignore();
}
