//! How old a connection may become.

use std::time::Duration;

/// A tenth more than usual or a tenth less, as `chance` has it, so that connections which were opened together are not
/// all replaced together. `chance` is drawn from the whole range of `u64`.
pub(super) fn lifetime(usual: Duration, chance: u64) -> Duration {
    let tenth = usual / 10;
    let [a, b, c, d, ..] = chance.to_be_bytes();
    let part = f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX);
    usual.saturating_sub(tenth).saturating_add((tenth * 2).mul_f64(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    #[test]
    fn lifetimes_lie_around_the_usual_one_and_differ() {
        let (usual, chance) = (Duration::from_mins(5), Chance::new());
        let mut lifetimes: Vec<_> = (0..1_000).map(|_| lifetime(usual, chance.draw())).collect();
        assert!(lifetimes.iter().all(|lifetime| (270..=330).contains(&lifetime.as_secs())));
        let sum: Duration = lifetimes.iter().sum();
        assert!((295..=305).contains(&(sum / 1_000).as_secs()), "{sum:?}");
        lifetimes.sort();
        lifetimes.dedup();
        assert!(lifetimes.len() > 990, "{} of 1000 differ", lifetimes.len());
    }

    #[test]
    fn no_lifetime_and_the_longest_are_both_fine() {
        for chance in [0, 7, u64::MAX] {
            assert_eq!(lifetime(Duration::ZERO, chance), Duration::ZERO);
            assert!(lifetime(Duration::MAX, chance) > Duration::MAX / 2);
        }
    }
}
