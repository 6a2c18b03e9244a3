//! How often somebody may try, counted in this process.

mod counter;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use doorward_domain::Timestamp;
use doorward_domain::port::{Clock, LoginThrottle};
use doorward_domain::throttle::{Pseudonym, Rate, Scope, ThrottleKey};
use lru::LruCache;

use self::counter::Counter;
use crate::age::forget_oldest;
use crate::shards::{Shards, share};

/// How many counters that refuse are passed over, one after another, when room is made for a new one.
const SPARED: usize = 8;

/// How much is remembered about tries. Beyond it, what was not used for the longest time is forgotten, and whoever it
/// was about has all tries again. What refuses nobody any more goes as others come, in their order of use: at the latest
/// after the longest period of a rate.
///
/// A counter takes about 150 bytes, from when it is made on: by default 120 MB at most for all scopes together, and
/// 10 MB for those who are vouched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleRoom {
    /// Counters in one scope: keys that are made up in one do not push anything out of another.
    pub counters: usize,
    /// Keys that somebody has vouched for.
    pub vouched: usize,
}

impl Default for ThrottleRoom {
    fn default() -> Self {
        Self { counters: 100_000, vouched: 100_000 }
    }
}

/// Counts tries in this process: what passes here, other nodes do not know of.
///
/// Whoever makes up keys to have a counter forgotten has to make up more of them than have room while the counter is
/// not used, and each is a try that counts against the network it comes from. Even so, what goes first is a counter
/// that still lets something pass: to push out one that refuses takes a whole burst for every key that is made up.
pub struct MemoryThrottle {
    shards: Shards<Memory>,
    clock: Arc<dyn Clock>,
}

struct Memory {
    scopes: HashMap<Scope, LruCache<Pseudonym, Counter>>,
    counters: NonZeroUsize,
    vouched: LruCache<ThrottleKey, Timestamp>,
}

impl MemoryThrottle {
    /// Has counted nothing yet.
    pub fn new(room: ThrottleRoom, clock: Arc<dyn Clock>) -> Self {
        let shards = Shards::new(|| Memory {
            scopes: HashMap::new(),
            counters: share(room.counters),
            vouched: LruCache::sparse(share(room.vouched)),
        });
        Self { shards, clock }
    }

    /// Microseconds, which is what a [`Rate`] counts in.
    fn micros(&self) -> u64 {
        u64::try_from(self.clock.now().millis()).unwrap_or(0).saturating_mul(1_000)
    }
}

#[async_trait]
impl LoginThrottle for MemoryThrottle {
    async fn take(&self, key: &ThrottleKey, rates: &[Rate]) -> Result<(), Duration> {
        if rates.is_empty() {
            return Ok(());
        }
        let now = self.micros();
        self.shards.lock(key).take(key, rates, now)
    }

    async fn give_back(&self, key: &ThrottleKey, rates: &[Rate]) {
        let now = self.micros();
        self.shards.lock(key).give_back(key, rates, now);
    }

    async fn forget(&self, key: &ThrottleKey, _: &[Rate]) {
        if let Some(scope) = self.shards.lock(key).scopes.get_mut(&key.scope) {
            scope.pop(&key.subject);
        }
    }

    async fn vouch(&self, key: &ThrottleKey, lifetime: Duration) {
        let now = self.clock.now();
        let until = now.plus(lifetime);
        let vouched = &mut self.shards.lock(key).vouched;
        if vouched.peek(key).is_none_or(|known| *known < until) {
            forget_oldest(vouched, |until| *until <= now);
            vouched.put(*key, until);
        }
    }

    async fn is_vouched(&self, key: &ThrottleKey) -> bool {
        let now = self.clock.now();
        self.shards.lock(key).vouched.get(key).is_some_and(|until| now < *until)
    }
}

impl Memory {
    fn take(&mut self, key: &ThrottleKey, rates: &[Rate], now: u64) -> Result<(), Duration> {
        let room = self.counters;
        let scope = self.scopes.entry(key.scope).or_insert_with(|| LruCache::sparse(room));
        if !scope.contains(&key.subject) {
            forget_oldest(scope, |counter| counter.is_at_rest(now));
            if scope.len() == room.get() {
                spare_those_that_refuse(scope, rates, now);
            }
        }
        scope.get_or_insert_mut(key.subject, Counter::default).take(rates, now)
    }

    fn give_back(&mut self, key: &ThrottleKey, rates: &[Rate], now: u64) {
        let Some(scope) = self.scopes.get_mut(&key.scope) else { return };
        let Some(counter) = scope.get_mut(&key.subject) else { return };
        counter.give_back(rates, now);
        if counter.is_at_rest(now) {
            scope.pop(&key.subject);
        }
    }
}

/// Sees to it that the next counter to go is one that lets something pass, if there is one not far away.
fn spare_those_that_refuse(scope: &mut LruCache<Pseudonym, Counter>, rates: &[Rate], now: u64) {
    for _ in 0..SPARED {
        match scope.peek_lru() {
            Some((subject, counter)) if counter.wait(rates, now).is_some() => {
                let subject = *subject;
                scope.promote(&subject);
            }
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use doorward_testkit::fake::ManualClock;

    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    fn key(scope: Scope, number: u32) -> ThrottleKey {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        ThrottleKey { scope, subject: Pseudonym::new(bytes) }
    }

    fn rates(burst: u32) -> [Rate; 1] {
        [Rate::new(burst, DAY).unwrap()]
    }

    fn throttle(room: ThrottleRoom) -> MemoryThrottle {
        MemoryThrottle::new(room, Arc::new(ManualClock::default()))
    }

    fn counters(throttle: &MemoryThrottle) -> usize {
        throttle.shards.each().map(|memory| memory.scopes.values().map(LruCache::len).sum::<usize>()).sum()
    }

    #[tokio::test]
    async fn dos_06_forged_keys_do_not_make_it_grow() {
        let throttle = throttle(ThrottleRoom { counters: 8_000, vouched: 8_000 });
        for number in 0..100_000 {
            throttle.take(&key(Scope::LoginGuess, number), &rates(10)).await.unwrap();
            throttle.vouch(&key(Scope::LoginGuess, number), DAY).await;
        }
        assert_eq!(counters(&throttle), 8_000);
        let vouched: usize = throttle.shards.each().map(|memory| memory.vouched.len()).sum();
        assert_eq!(vouched, 8_000);
    }

    #[tokio::test]
    async fn dos_06_forged_keys_in_one_scope_push_nothing_out_of_another() {
        let throttle = throttle(ThrottleRoom { counters: 80, vouched: 80 });
        let owner = key(Scope::LoginAccount, 7);
        throttle.take(&owner, &rates(2)).await.unwrap();
        for number in 0..10_000 {
            throttle.take(&key(Scope::LoginGuess, number), &rates(2)).await.unwrap();
        }
        throttle.take(&owner, &rates(2)).await.unwrap();
        assert!(throttle.take(&owner, &rates(2)).await.is_err());
    }

    #[tokio::test]
    async fn dos_06_keys_that_are_used_once_do_not_push_out_those_that_are_refused() {
        let throttle = throttle(ThrottleRoom { counters: 800, vouched: 80 });
        for number in 0..10 {
            throttle.take(&key(Scope::LoginGuess, number), &rates(2)).await.unwrap();
            throttle.take(&key(Scope::LoginGuess, number), &rates(2)).await.unwrap();
        }
        for number in 10..50_000 {
            throttle.take(&key(Scope::LoginGuess, number), &rates(2)).await.unwrap();
        }
        for number in 0..10 {
            assert!(throttle.take(&key(Scope::LoginGuess, number), &rates(2)).await.is_err(), "{number}");
        }
    }

    #[tokio::test]
    async fn where_all_counters_refuse_room_is_made_all_the_same() {
        let throttle = throttle(ThrottleRoom { counters: 8, vouched: 8 });
        for number in 0..1_000 {
            throttle.take(&key(Scope::LoginGuess, number), &rates(1)).await.unwrap();
            assert!(throttle.take(&key(Scope::LoginGuess, number), &rates(1)).await.is_err());
        }
        assert_eq!(counters(&throttle), 8);
    }

    #[tokio::test]
    async fn what_is_given_back_whole_takes_no_room() {
        let throttle = throttle(ThrottleRoom::default());
        for number in 0..100 {
            let key = key(Scope::LoginGuess, number);
            throttle.take(&key, &rates(2)).await.unwrap();
            throttle.take(&key, &rates(2)).await.unwrap();
            throttle.give_back(&key, &rates(2)).await;
            assert_eq!(counters(&throttle), 1);
            throttle.give_back(&key, &rates(2)).await;
            assert_eq!(counters(&throttle), 0);
        }
    }

    #[tokio::test]
    async fn dos_06_what_refuses_nobody_any_more_is_forgotten_as_others_come() {
        let clock = Arc::new(ManualClock::default());
        let throttle = MemoryThrottle::new(ThrottleRoom::default(), clock.clone());
        let rates = [Rate::new(2, Duration::from_secs(60)).unwrap()];
        for number in 0..10_000 {
            let key = key(Scope::LoginGuess, number);
            throttle.take(&key, &rates).await.unwrap();
            throttle.vouch(&key, Duration::from_secs(60)).await;
            clock.advance(Duration::from_secs(1));
        }
        let vouched: usize = throttle.shards.each().map(|memory| memory.vouched.len()).sum();
        let remembered = (counters(&throttle), vouched);
        assert!((25..200).contains(&remembered.0) && (50..200).contains(&remembered.1), "{remembered:?}");
        assert!(throttle.is_vouched(&key(Scope::LoginGuess, 9_999)).await);
    }
}
