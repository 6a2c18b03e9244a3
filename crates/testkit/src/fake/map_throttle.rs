//! Tries, counted in plain maps.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use doorward_domain::Timestamp;
use doorward_domain::port::{Clock, LoginThrottle};
use doorward_domain::throttle::{Rate, ThrottleKey};
use parking_lot::Mutex;

use super::ManualClock;

/// Counts everything and forgets nothing.
pub struct MapThrottle {
    clock: Arc<dyn Clock>,
    states: Mutex<HashMap<(ThrottleKey, usize), u64>>,
    vouched: Mutex<HashMap<ThrottleKey, Timestamp>>,
}

/// On a clock that stands still.
impl Default for MapThrottle {
    fn default() -> Self {
        Self::new(Arc::new(ManualClock::default()))
    }
}

impl MapThrottle {
    /// Has counted nothing yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, states: Mutex::default(), vouched: Mutex::default() }
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.clock.now().millis()).unwrap() * 1_000
    }
}

#[async_trait]
impl LoginThrottle for MapThrottle {
    async fn take(&self, key: &ThrottleKey, rates: &[Rate]) -> Result<(), Duration> {
        let mut states = self.states.lock();
        let (mut taken, mut waits) = (Vec::new(), Vec::new());
        for (index, rate) in rates.iter().enumerate() {
            match rate.take(states.get(&(*key, index)).copied().unwrap_or(0), self.micros()) {
                Ok(state) => taken.push(((*key, index), state)),
                Err(wait) => waits.push(wait),
            }
        }
        if let Some(longest) = waits.into_iter().max() {
            return Err(longest);
        }
        states.extend(taken);
        Ok(())
    }

    async fn give_back(&self, key: &ThrottleKey, rates: &[Rate]) {
        let mut states = self.states.lock();
        for (index, rate) in rates.iter().enumerate() {
            if let Some(state) = states.get_mut(&(*key, index)) {
                *state = rate.give_back(*state, self.micros());
            }
        }
    }

    async fn forget(&self, key: &ThrottleKey, rates: &[Rate]) {
        let mut states = self.states.lock();
        for index in 0..rates.len() {
            states.remove(&(*key, index));
        }
    }

    async fn vouch(&self, key: &ThrottleKey, lifetime: Duration) {
        self.vouched.lock().insert(*key, self.clock.now().plus(lifetime));
    }

    async fn is_vouched(&self, key: &ThrottleKey) -> bool {
        self.vouched.lock().get(key).is_some_and(|until| self.clock.now() < *until)
    }
}
