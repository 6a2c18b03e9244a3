//! Numbers that look unlike each other, for spreading what would otherwise happen at the same moment.
//!
//! Nothing here needs to be unpredictable, so this is no randomness: it comes from counting, put through `SplitMix64`
//! (Steele, Lea and Flood, 2014). The process and a place in its memory make two nodes differ.

use std::sync::atomic::{AtomicU64, Ordering};

/// A sequence of its own.
#[derive(Debug)]
pub(crate) struct Chance {
    begin: u64,
    drawn: AtomicU64,
}

impl Chance {
    pub(crate) fn new() -> Self {
        let place = Box::new(0_u8);
        let place = std::ptr::from_ref::<u8>(&place).addr() as u64;
        Self::starting_at(mix(place ^ (u64::from(std::process::id()) << 32)))
    }

    fn starting_at(begin: u64) -> Self {
        Self { begin, drawn: AtomicU64::new(0) }
    }

    /// The next number, from the whole range.
    pub(crate) fn draw(&self) -> u64 {
        mix(self.begin.wrapping_add(self.drawn.fetch_add(1, Ordering::Relaxed)))
    }
}

fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_differ_within_a_sequence_and_between_two() {
        let draw = |begin| {
            let chance = Chance::starting_at(begin);
            (0..1_000).map(|_| chance.draw()).collect::<Vec<_>>()
        };
        let mut numbers = draw(1);
        assert_ne!(numbers, draw(2_000));
        let high = numbers.iter().filter(|number| **number > u64::MAX / 2).count();
        assert!((400..=600).contains(&high), "{high} of 1000 are in the upper half");
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 1_000);
    }
}
