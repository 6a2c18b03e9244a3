//! How old a connection may become.

use std::time::Duration;

/// Spreads lifetimes over a tenth more and a tenth less, so that connections which were opened together are not all
/// replaced together.
///
/// This needs no chance, only that the numbers look unlike each other: they come from counting, put through `SplitMix64`
/// (Steele, Lea and Flood, 2014). The process and a place in its memory make two nodes differ.
#[derive(Debug)]
pub(super) struct Spread(u64);

impl Spread {
    pub(super) fn new() -> Self {
        let place = Box::new(0_u8);
        let place = std::ptr::from_ref::<u8>(&place).addr() as u64;
        Self(mix(place ^ (u64::from(std::process::id()) << 32)))
    }

    /// How long the connection with this number may live.
    pub(super) fn lifetime(&self, number: u64, usual: Duration) -> Duration {
        let tenth = usual / 10;
        let [.., a, b, c, d] = mix(self.0.wrapping_add(number)).to_be_bytes();
        let part = f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX);
        usual.saturating_sub(tenth).saturating_add((tenth * 2).mul_f64(part))
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
    fn lifetimes_lie_around_the_usual_one_and_differ() {
        let usual = Duration::from_secs(300);
        let mut lifetimes: Vec<_> = (0..1_000).map(|number| Spread(7).lifetime(number, usual)).collect();
        assert!(lifetimes.iter().all(|lifetime| (270..=330).contains(&lifetime.as_secs())));
        let sum: Duration = lifetimes.iter().sum();
        assert!((295..=305).contains(&(sum / 1_000).as_secs()), "{sum:?}");
        lifetimes.sort();
        lifetimes.dedup();
        assert!(lifetimes.len() > 990, "{} of 1000 differ", lifetimes.len());
    }

    #[test]
    fn two_nodes_do_not_count_alike() {
        let usual = Duration::from_secs(300);
        let of = |seed| (0..8).map(|number| Spread(seed).lifetime(number, usual)).collect::<Vec<_>>();
        assert_ne!(of(mix(1)), of(mix(2)));
    }

    #[test]
    fn no_lifetime_and_the_longest_are_both_fine() {
        let spread = Spread::new();
        assert_eq!(spread.lifetime(1, Duration::ZERO), Duration::ZERO);
        assert!(spread.lifetime(1, Duration::MAX) > Duration::MAX / 2);
    }
}
