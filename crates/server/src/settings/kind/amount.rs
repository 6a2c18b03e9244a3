//! Values that are counted: times, sizes, numbers.

use std::str::FromStr;
use std::time::Duration;

use super::{Form, Kind};

/// A duration between two others.
pub(in crate::settings) struct Between(pub(in crate::settings) Duration, pub(in crate::settings) Duration);

impl Kind for Between {
    type Value = Duration;

    fn allowed(&self) -> String {
        let Self(least, most) = self;
        let most = humantime::format_duration(*most);
        if least.is_zero() {
            format!("0 or a duration with its unit, at most {most}")
        } else {
            format!("a duration with its unit, from {} to {most}", humantime::format_duration(*least))
        }
    }

    fn form(&self) -> Form {
        Form::Duration { or_none: self.0.is_zero() }
    }

    fn read(&self, text: &str) -> Option<Duration> {
        let duration = if text == "0" { Duration::ZERO } else { humantime::parse_duration(text).ok()? };
        (self.0..=self.1).contains(&duration).then_some(duration)
    }
}

/// A duration between two others, or none.
pub(in crate::settings) struct NoneOr(pub(in crate::settings) Between);

impl Kind for NoneOr {
    type Value = Duration;

    fn allowed(&self) -> String {
        format!("0 or {}", self.0.allowed())
    }

    fn form(&self) -> Form {
        Form::Duration { or_none: true }
    }

    fn read(&self, text: &str) -> Option<Duration> {
        Between(Duration::ZERO, Duration::ZERO).read(text).or_else(|| self.0.read(text))
    }
}

/// A number of bytes between two others.
pub(in crate::settings) struct Bytes(pub(in crate::settings) usize, pub(in crate::settings) usize);

/// A kibibyte.
pub(in crate::settings) const KIB: usize = 1024;
/// A mebibyte.
pub(in crate::settings) const MIB: usize = 1024 * KIB;

impl Kind for Bytes {
    type Value = usize;

    fn allowed(&self) -> String {
        format!("a size in bytes, KiB or MiB, from {} to {}", bytes_text(self.0), bytes_text(self.1))
    }

    fn form(&self) -> Form {
        Form::Size { least: self.0, most: self.1 }
    }

    fn read(&self, text: &str) -> Option<usize> {
        let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let unit = match text.get(digits.len()..)?.trim_start() {
            "" | "B" => 1,
            "KiB" => KIB,
            "MiB" => MIB,
            _ => return None,
        };
        let size = whole_number::<usize>(digits)?.checked_mul(unit)?;
        (self.0..=self.1).contains(&size).then_some(size)
    }
}

fn bytes_text(size: usize) -> String {
    match size {
        size if size.is_multiple_of(MIB) => format!("{}MiB", size / MIB),
        size if size.is_multiple_of(KIB) => format!("{}KiB", size / KIB),
        size => format!("{size}B"),
    }
}

/// A whole number between two others.
pub(in crate::settings) struct Count(pub(in crate::settings) usize, pub(in crate::settings) usize);

impl Kind for Count {
    type Value = usize;

    fn allowed(&self) -> String {
        format!("a whole number from {} to {}", self.0, self.1)
    }

    fn form(&self) -> Form {
        Form::Number { least: self.0, most: self.1 }
    }

    fn read(&self, text: &str) -> Option<usize> {
        whole_number(text).filter(|number| (self.0..=self.1).contains(number))
    }
}

/// Digits and nothing else: `from_str` would take a plus sign.
pub(super) fn whole_number<N: FromStr>(text: &str) -> Option<N> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The cost of a password hash.
pub(in crate::settings) struct BcryptCost;

impl Kind for BcryptCost {
    type Value = u32;

    fn allowed(&self) -> String {
        // Also where a test build takes less.
        "a whole number from 10 to 16".to_owned()
    }

    fn form(&self) -> Form {
        Form::Number { least: 10, most: 16 }
    }

    fn read(&self, text: &str) -> Option<u32> {
        whole_number(text).filter(|cost| doorward_crypto::COSTS.contains(cost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::kind::taken;

    #[test]
    fn sizes_have_exact_units() {
        let kind = Bytes(1, 2 * MIB);
        let sizes = ["64KiB", "64 KiB", "1MiB", "100", "100B"].map(|text| kind.read(text));
        assert_eq!(sizes, [Some(65_536), Some(65_536), Some(MIB), Some(100), Some(100)]);
        let wrong =
            ["", "KiB", "64kb", "64KB", "-1", "+1", "1.5KiB", "3MiB", "0", "99999999999999999999MiB", "6é"];
        assert_eq!(taken(&kind, &wrong), Vec::<String>::new());
    }

    #[test]
    fn durations_need_a_unit_and_stay_between_their_limits() {
        let kind = Between(Duration::ZERO, Duration::from_secs(60));
        assert_eq!(kind.read("0"), Some(Duration::ZERO));
        assert_eq!(kind.read("1m"), Some(Duration::from_secs(60)));
        assert_eq!(kind.read("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(taken(&kind, &["", "5", "61s", "1h", "-1s", "soon"]), Vec::<String>::new());
        assert_eq!(Between(Duration::from_secs(1), Duration::from_secs(60)).read("0"), None);
    }

    #[test]
    fn none_is_allowed_where_little_is_not() {
        let kind = NoneOr(Between(Duration::from_secs(60), Duration::from_secs(3600)));
        assert_eq!(
            ["0", "0s", "1m"].map(|text| kind.read(text).map(|time| time.as_secs())),
            [Some(0), Some(0), Some(60)]
        );
        assert_eq!(taken(&kind, &["", "1ms", "59s", "2h", "60"]), Vec::<String>::new());
        assert_eq!(kind.allowed(), "0 or a duration with its unit, from 1m to 1h");
    }

    #[test]
    fn numbers_are_digits() {
        assert_eq!(Count(1, 32).read("32"), Some(32));
        assert_eq!(
            taken(&Count(1, 32), &["", "0", "33", "+5", "-5", "5.0", " 5", "five"]),
            Vec::<String>::new()
        );
    }
}
