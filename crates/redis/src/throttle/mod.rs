//! `LoginThrottle` in Redis: one count for all nodes.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deadpool_redis::redis::{self, Script};
use doorward_domain::port::LoginThrottle;
use doorward_domain::throttle::{Rate, ThrottleKey};

use crate::keyspace::Keyspace;
use crate::lanes::{LaneError, Lanes};

/// Counts tries in Redis. Where that is out of reach, each node counts for itself and lets pass half as many.
pub struct RedisThrottle {
    lanes: Arc<Lanes>,
    keyspace: Keyspace,
    alone: Arc<dyn LoginThrottle>,
    take: Script,
    give_back: Script,
}

impl RedisThrottle {
    pub(crate) fn new(lanes: Arc<Lanes>, alone: Arc<dyn LoginThrottle>) -> Self {
        Self {
            keyspace: lanes.connector().keyspace(),
            lanes,
            alone,
            take: Script::new(include_str!("take.lua")),
            give_back: Script::new(include_str!("give_back.lua")),
        }
    }

    /// Runs a script; one that the server does not know (any more) is brought to it. It may have run where there is no
    /// answer: then a try counts twice, which is the safe side.
    async fn run(&self, script: &Script, key: &ThrottleKey, rates: &[Rate]) -> Result<u64, LaneError> {
        let lane = self.lanes.ready().await?;
        let mut invocation = script.prepare_invoke();
        for (index, rate) in rates.iter().enumerate() {
            let key = self.keyspace.throttle(key, index);
            invocation.key(key).arg(rate.interval()).arg(rate.tolerance());
        }
        let answer = invocation.invoke_async(&mut lane.connection()).await;
        Ok(answer.inspect_err(|error| lane.judge(error))?)
    }

    async fn forget_there(&self, key: &ThrottleKey, rates: &[Rate]) -> Result<(), LaneError> {
        if rates.is_empty() {
            return Ok(());
        }
        let lane = self.lanes.ready().await?;
        let keys: Vec<_> = (0..rates.len()).map(|index| self.keyspace.throttle(key, index)).collect();
        Ok(lane.query(redis::cmd("DEL").arg(keys)).await?)
    }

    async fn vouch_there(&self, key: &ThrottleKey, lifetime: Duration) -> Result<(), LaneError> {
        let Ok(millis @ 1..) = u64::try_from(lifetime.as_millis()) else { return Ok(()) };
        let lane = self.lanes.ready().await?;
        let key = self.keyspace.known(key);
        Ok(lane.query(redis::cmd("SET").arg(key).arg(1).arg("PX").arg(millis)).await?)
    }

    async fn is_vouched_there(&self, key: &ThrottleKey) -> Result<bool, LaneError> {
        let lane = self.lanes.ready().await?;
        Ok(lane.query(redis::cmd("EXISTS").arg(self.keyspace.known(key))).await?)
    }
}

#[async_trait]
impl LoginThrottle for RedisThrottle {
    async fn take(&self, key: &ThrottleKey, rates: &[Rate]) -> Result<(), Duration> {
        if rates.is_empty() {
            return Ok(());
        }
        match self.run(&self.take, key, rates).await {
            Ok(0) => Ok(()),
            Ok(wait) => Err(Duration::from_micros(wait)),
            Err(error) => {
                tell(&error);
                self.alone.take(key, &halved(rates)).await
            }
        }
    }

    async fn give_back(&self, key: &ThrottleKey, rates: &[Rate]) {
        if rates.is_empty() {
            return;
        }
        if let Err(error) = self.run(&self.give_back, key, rates).await {
            tell(&error);
            self.alone.give_back(key, &halved(rates)).await;
        }
    }

    async fn forget(&self, key: &ThrottleKey, rates: &[Rate]) {
        self.alone.forget(key, rates).await;
        if let Err(error) = self.forget_there(key, rates).await {
            tell(&error);
        }
    }

    async fn vouch(&self, key: &ThrottleKey, lifetime: Duration) {
        // Here as well, for when Redis is away.
        self.alone.vouch(key, lifetime).await;
        if let Err(error) = self.vouch_there(key, lifetime).await {
            tell(&error);
        }
    }

    async fn is_vouched(&self, key: &ThrottleKey) -> bool {
        if self.alone.is_vouched(key).await {
            return true;
        }
        self.is_vouched_there(key).await.unwrap_or_else(|error| {
            tell(&error);
            false
        })
    }
}

fn tell(error: &LaneError) {
    tracing::debug!(error = error as &dyn Error, "this node counts tries for itself");
}

fn halved(rates: &[Rate]) -> Vec<Rate> {
    rates.iter().filter_map(|rate| Rate::new((rate.burst() / 2).max(1), rate.period())).collect()
}
