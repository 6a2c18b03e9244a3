//! Chance that a seed repeats.

/// A generator of numbers that look random (`SplitMix64`, by Steele, Lea and Flood), good enough for choosing faults.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// True in so many of a hundred cases.
    pub(super) fn comes_up(&mut self, percent: u64) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % 100 < percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(seed: u64) -> Vec<bool> {
        let mut chance = Chance::seeded(seed);
        (0..10_000).map(|_| chance.comes_up(10)).collect()
    }

    #[test]
    fn a_seed_repeats_itself_and_ten_in_a_hundred_are_about_a_tenth() {
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        let come_up = drawn(1).into_iter().filter(|it| *it).count();
        assert!((900..1100).contains(&come_up), "{come_up}");
    }
}
