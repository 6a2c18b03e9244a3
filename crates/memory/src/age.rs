//! What counts no more makes room.

use std::hash::Hash;

use lru::LruCache;

/// How many are looked at whenever one is added: more than one, so that what has aged goes faster than others come.
const LOOKED_AT: usize = 2;

/// Forgets of those that were not used for the longest time the ones that count no more, up to the first that does.
///
/// To be called whenever something is added. Where everything counts for about the same time, what is remembered is
/// then what was added or used within that time, however much there was before.
pub(crate) fn forget_oldest<K: Hash + Eq, V>(map: &mut LruCache<K, V>, counts_no_more: impl Fn(&V) -> bool) {
    for _ in 0..LOOKED_AT {
        if map.peek_lru().is_none_or(|(_, value)| !counts_no_more(value)) {
            return;
        }
        map.pop_lru();
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_that_counts_is_forgotten_and_what_has_aged_goes_within_half_as_many_steps(
            old in 0..200_usize, new in 0..200_usize,
        ) {
            let mut map = LruCache::new(NonZeroUsize::new(1_000).unwrap());
            for number in 0..old {
                map.put(number, false);
            }
            for number in 0..new {
                forget_oldest(&mut map, |counts| !counts);
                map.put(old + number, true);
            }
            prop_assert_eq!(map.len(), new + old.saturating_sub(new * 2));
            prop_assert_eq!(map.iter().filter(|(_, counts)| **counts).count(), new);
        }
    }
}
