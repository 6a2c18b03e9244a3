//! What is counted for one key.

use std::time::Duration;

use doorward_domain::throttle::Rate;

/// A state for each rate of the key, in their order, as [`Rate`] makes them.
#[derive(Default)]
pub(super) struct Counter(Vec<u64>);

impl Counter {
    /// Takes a place under all rates or none; the longest wait is the one that helps.
    pub(super) fn take(&mut self, rates: &[Rate], now: u64) -> Result<(), Duration> {
        self.0.resize(self.0.len().max(rates.len()), 0);
        if let Some(wait) = self.wait(rates, now) {
            return Err(wait);
        }
        for (state, rate) in self.0.iter_mut().zip(rates) {
            *state = rate.take(*state, now).unwrap_or(*state);
        }
        Ok(())
    }

    pub(super) fn give_back(&mut self, rates: &[Rate], now: u64) {
        for (state, rate) in self.0.iter_mut().zip(rates) {
            *state = rate.give_back(*state, now);
        }
    }

    /// How long it is until something passes, where nothing does now.
    pub(super) fn wait(&self, rates: &[Rate], now: u64) -> Option<Duration> {
        self.0.iter().zip(rates).filter_map(|(state, rate)| rate.take(*state, now).err()).max()
    }

    /// Whether it says no more than no counter would.
    pub(super) fn is_at_rest(&self, now: u64) -> bool {
        self.0.iter().all(|state| *state <= now)
    }
}
