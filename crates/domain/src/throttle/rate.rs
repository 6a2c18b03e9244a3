//! The rule of every throttle: the generic cell rate algorithm (ITU-T I.371, Annex A).

use std::time::Duration;

/// So many tries at once, and as many again, evenly, over the period.
///
/// A key's state is one number: the moment at which it will have all its tries again (the "theoretical arrival
/// time"), in microseconds on the clock of whoever keeps it. No state is a moment that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    burst: u32,
    period: Duration,
}

impl Rate {
    /// `None` where nothing would ever pass, or the tries come faster than one a microsecond.
    pub const fn new(burst: u32, period: Duration) -> Option<Self> {
        if burst == 0 || period.as_micros() < burst as u128 || period.as_secs() > Self::LONGEST.as_secs() {
            return None;
        }
        Some(Self { burst, period })
    }

    /// The longest period: its microseconds are exact in a double, which is what Lua counts with.
    pub const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

    /// So many times as many tries in the same period; `None` where they come faster than one a microsecond.
    pub const fn times(self, factor: u32) -> Option<Self> {
        Self::new(self.burst.saturating_mul(factor), self.period)
    }

    /// Most tries at once.
    pub const fn burst(self) -> u32 {
        self.burst
    }

    /// How long it takes to have all tries again.
    pub const fn period(self) -> Duration {
        self.period
    }

    /// Microseconds for one try.
    pub fn interval(self) -> u64 {
        micros(self.period) / u64::from(self.burst)
    }

    /// Microseconds for all tries.
    pub fn tolerance(self) -> u64 {
        self.interval().saturating_mul(u64::from(self.burst))
    }

    /// The state after one more try at `now`, or how long it is until there may be one.
    pub fn take(self, state: u64, now: u64) -> Result<u64, Duration> {
        let next = self.within(state, now).saturating_add(self.interval());
        let allowed_at = next.saturating_sub(self.tolerance());
        if now < allowed_at { Err(Duration::from_micros(allowed_at - now)) } else { Ok(next) }
    }

    /// The state without the last try.
    pub fn give_back(self, state: u64, now: u64) -> u64 {
        self.within(state, now).saturating_sub(self.interval()).max(now)
    }

    /// A state that this rate can lead to: another one was kept before the rate was changed, or the clock was put back.
    fn within(self, state: u64, now: u64) -> u64 {
        state.clamp(now, now.saturating_add(self.tolerance()))
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: u64 = 1_700_000_000_000_000;

    fn rate(burst: u32, seconds: u64) -> Rate {
        Rate::new(burst, Duration::from_secs(seconds)).unwrap()
    }

    /// How many of the tries at these moments pass.
    fn passed(rate: Rate, moments: impl IntoIterator<Item = u64>) -> u64 {
        let mut state = 0;
        let mut passed = 0;
        for now in moments {
            if let Ok(next) = rate.take(state, now) {
                (state, passed) = (next, passed + 1);
            }
        }
        passed
    }

    #[test]
    fn a_burst_passes_and_then_one_an_interval() {
        let rate = rate(5, 60);
        assert_eq!(passed(rate, [START; 9]), 5);
        let later =
            [START; 5].into_iter().chain([START + 11_999_999, START + 12_000_000, START + 12_000_001]);
        assert_eq!(passed(rate, later), 6);
    }

    #[test]
    fn who_is_refused_is_told_when_to_come_again_and_then_passes() {
        let rate = rate(5, 60);
        let state = (0..5).fold(0, |state, _| rate.take(state, START).unwrap());
        assert_eq!(rate.take(state, START), Err(Duration::from_secs(12)));
        assert_eq!(rate.take(state, START + 2_000_000), Err(Duration::from_secs(10)));
        assert!(rate.take(state, START + 12_000_000).is_ok());
    }

    #[test]
    fn a_try_that_is_given_back_does_not_count() {
        let rate = rate(2, 60);
        let mut state = rate.take(0, START).unwrap();
        for _ in 0..9 {
            state = rate.give_back(rate.take(state, START).unwrap(), START);
        }
        assert!(rate.take(state, START).is_ok());
        assert_eq!(rate.give_back(0, START), START);
    }

    #[test]
    fn a_clock_that_is_put_back_locks_nobody_out_for_longer_than_the_period() {
        let rate = rate(2, 60);
        let ahead = (0..2).fold(0, |state, _| rate.take(state, START + 1_000_000_000_000).unwrap());
        assert_eq!(rate.take(ahead, START), Err(Duration::from_secs(30)));
    }

    #[test]
    fn what_lets_nothing_pass_is_no_rate() {
        assert_eq!(Rate::new(0, Duration::from_secs(1)), None);
        assert_eq!(Rate::new(1, Duration::ZERO), None);
        assert_eq!(Rate::new(1_000_001, Duration::from_secs(1)), None);
        assert_eq!(Rate::new(1, Rate::LONGEST + Duration::from_secs(1)), None);
    }

    proptest! {
        /// In any stretch of time no more pass than the burst and what the stretch brings.
        #[test]
        fn no_more_pass_than_the_rate_allows(
            burst in 1_u32..50,
            seconds in 1_u64..100_000,
            steps in prop::collection::vec(0_u64..5_000_000, 1..200),
        ) {
            let rate = rate(burst, seconds);
            let mut now = START;
            let moments: Vec<u64> = steps.iter().map(|step| { now += step; now }).collect();
            let elapsed = now - moments[0];
            prop_assert!(passed(rate, moments) <= u64::from(burst) + elapsed / rate.interval());
        }

        /// Whoever waits as told passes.
        #[test]
        fn waiting_as_told_helps(burst in 1_u32..50, seconds in 1_u64..100_000, state in any::<u64>()) {
            let rate = rate(burst, seconds);
            if let Err(wait) = rate.take(state, START) {
                let later = START + u64::try_from(wait.as_micros()).unwrap();
                prop_assert!(rate.take(rate.within(state, START), later).is_ok());
                prop_assert!(wait <= rate.period());
            }
        }
    }
}
