//! Tokens that are known to be good, so that a signature is not checked on every request.

use std::collections::HashMap;
use std::mem;

use doorward_domain::token::Claims;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

/// Threads that look at different shards do not wait for each other.
const SHARDS: usize = 16;

/// A token's name in the memo: SHA-256 of all of it, so that the memo holds nothing that could be used as a token and
/// every bit counts.
pub(super) type Key = [u8; 32];

/// Claims of tokens that were verified or signed here, at most `capacity` of them.
///
/// What it takes is taken on demand: nothing while idle, then 120 to 300 bytes an entry. It does not know the
/// time: whoever asks checks it again, and forgets what has expired.
pub(super) struct Memo {
    shards: [Mutex<Generations>; SHARDS],
    /// Most entries of one generation of one shard.
    room: usize,
}

/// Entries in two generations. When the young one is full it becomes the old one, and the old one is gone: entries in
/// use come back into the young one by being found. Nothing is ever sorted or swept.
#[derive(Default)]
struct Generations {
    young: HashMap<Key, Claims>,
    old: HashMap<Key, Claims>,
}

impl Memo {
    /// A memo of at most `capacity` entries; with none it remembers nothing.
    pub(super) fn new(capacity: usize) -> Self {
        Self { shards: Default::default(), room: capacity / (2 * SHARDS) }
    }

    pub(super) fn key(token: &str) -> Key {
        Sha256::digest(token).into()
    }

    pub(super) fn find(&self, key: &Key) -> Option<Claims> {
        let mut shard = self.shard(key)?.lock();
        if let Some(claims) = shard.young.get(key) {
            return Some(*claims);
        }
        let claims = shard.old.remove(key)?;
        shard.insert(*key, claims, self.room);
        Some(claims)
    }

    pub(super) fn insert(&self, key: Key, claims: Claims) {
        if let Some(shard) = self.shard(&key) {
            shard.lock().insert(key, claims, self.room);
        }
    }

    pub(super) fn forget(&self, key: &Key) {
        self.take(key);
    }

    /// Finds an entry and forgets it.
    pub(super) fn take(&self, key: &Key) -> Option<Claims> {
        let mut shard = self.shard(key)?.lock();
        let (young, old) = (shard.young.remove(key), shard.old.remove(key));
        young.or(old)
    }

    /// `None` when there is no room at all.
    fn shard(&self, key: &Key) -> Option<&Mutex<Generations>> {
        let number = usize::from(*key.first()?) % SHARDS;
        self.shards.get(number).filter(|_| self.room > 0)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock()).map(|shard| shard.young.len() + shard.old.len()).sum()
    }
}

impl Generations {
    fn insert(&mut self, key: Key, claims: Claims, room: usize) {
        if self.young.len() >= room {
            mem::swap(&mut self.young, &mut self.old);
            // It keeps its place for the next ones: nothing is allocated any more once both were full.
            self.young.clear();
        }
        self.young.insert(key, claims);
    }
}

#[cfg(test)]
mod tests {
    use doorward_domain::token::TokenKind;
    use doorward_testkit::sample;

    use super::*;

    fn claims(number: u32) -> Claims {
        let user = sample::user(number);
        Claims { kind: TokenKind::Access, ..sample::session(&user, number, sample::NOW).refresh_claims() }
    }

    fn key(number: u32) -> Key {
        Memo::key(&number.to_string())
    }

    #[test]
    fn an_entry_is_found_until_it_is_forgotten() {
        let memo = Memo::new(1_024);
        assert_eq!(memo.find(&key(1)), None);
        memo.insert(key(1), claims(1));
        assert_eq!(memo.find(&key(1)), Some(claims(1)));
        assert_eq!(memo.find(&key(2)), None);
        memo.forget(&key(1));
        assert_eq!(memo.find(&key(1)), None);
    }

    #[test]
    fn an_entry_is_taken_once_whichever_generation_it_is_in() {
        let memo = Memo::new(64);
        for number in 0..64 {
            memo.insert(key(number), claims(number));
        }
        let taken: Vec<_> = (0..64).filter_map(|number| memo.take(&key(number))).collect();
        assert!(taken.len() > 16 && memo.len() == 0, "{}", taken.len());
        assert_eq!(memo.take(&key(63)), None);
    }

    #[test]
    fn a_flood_never_takes_more_than_the_capacity() {
        let memo = Memo::new(1_024);
        for number in 0..10_000 {
            memo.insert(key(number), claims(1));
            assert!(memo.len() <= 1_024);
        }
        assert!(memo.len() > 256);
    }

    #[test]
    fn what_is_in_use_outlives_a_flood() {
        let memo = Memo::new(1_024);
        memo.insert(key(0), claims(1));
        for number in 1..10_000 {
            memo.insert(key(number), claims(2));
            assert_eq!(memo.find(&key(0)), Some(claims(1)), "gone after {number}");
        }
        assert_eq!(memo.find(&key(1)), None);
    }

    #[test]
    fn without_capacity_nothing_is_remembered() {
        let memo = Memo::new(0);
        memo.insert(key(1), claims(1));
        assert_eq!((memo.find(&key(1)), memo.len()), (None, 0));
    }
}
