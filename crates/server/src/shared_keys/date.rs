//! A point in time as people and programs read it.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use doorward_domain::Timestamp;

/// The last second of the year 9999: RFC 3339 has no later ones.
const LAST_SECOND: u64 = 253_402_300_799;

/// Shows itself as RFC 3339 says, in UTC and to the second; whatever is outside of any calendar as its nearest end.
pub(crate) struct Date(pub(crate) Timestamp);

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = u64::try_from(self.0.seconds()).unwrap_or_default().min(LAST_SECOND);
        humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(seconds)).fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_to_the_second_and_never_panic() {
        let told = [i64::MIN, 0, 1_767_225_600, i64::MAX].map(|second| Date(Timestamp::from_seconds(second)));
        assert_eq!(
            told.map(|date| date.to_string()),
            ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
        );
    }
}
