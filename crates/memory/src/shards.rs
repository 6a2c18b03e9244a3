//! One thing in several parts with a lock each, so that worker threads seldom wait for each other.

use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroUsize;

use parking_lot::{Mutex, MutexGuard};

/// How many parts: a small machine has fewer cores, and a great one rarely needs two of them here at the same moment.
const PARTS: usize = 8;

/// Parts of a thing, chosen by a key. Which key is where differs from process to process, so that nobody outside can
/// aim at one part.
pub(crate) struct Shards<T> {
    first: Mutex<T>,
    others: Vec<Mutex<T>>,
    hasher: RandomState,
}

impl<T> Shards<T> {
    pub(crate) fn new(part: impl Fn() -> T) -> Self {
        let others = (1..PARTS).map(|_| Mutex::new(part())).collect();
        Self { first: Mutex::new(part()), others, hasher: RandomState::new() }
    }

    /// The part where everything about `key` is.
    pub(crate) fn lock(&self, key: &impl Hash) -> MutexGuard<'_, T> {
        let number = self.hasher.hash_one(key) % (PARTS as u64);
        let part = usize::try_from(number).ok().and_then(|number| self.others.get(number));
        part.unwrap_or(&self.first).lock()
    }

    /// Every part, one after another.
    pub(crate) fn each(&self) -> impl Iterator<Item = MutexGuard<'_, T>> {
        std::iter::once(&self.first).chain(&self.others).map(Mutex::lock)
    }
}

/// What one part may hold where all of them together may hold `total`.
pub(crate) fn share(total: usize) -> NonZeroUsize {
    NonZeroUsize::new(total.div_ceil(PARTS)).unwrap_or(NonZeroUsize::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_part_and_many_keys_have_all_of_them() {
        let shards = Shards::new(Vec::new);
        for key in 0..2_000_u32 {
            shards.lock(&(key % 1_000)).push(key % 1_000);
        }
        let mut sizes = Vec::new();
        for part in shards.each() {
            assert!(part.iter().all(|key| part.iter().filter(|other| *other == key).count() == 2));
            sizes.push(part.len());
        }
        assert_eq!((sizes.len(), sizes.iter().sum::<usize>()), (PARTS, 2_000));
        assert!(sizes.iter().all(|size| *size > 100), "{sizes:?}");
    }

    #[test]
    fn the_parts_together_hold_the_total_and_each_holds_something() {
        assert_eq!(share(8_000).get(), 1_000);
        assert_eq!(share(8_001).get(), 1_001);
        assert_eq!(share(0).get(), 1);
    }
}
