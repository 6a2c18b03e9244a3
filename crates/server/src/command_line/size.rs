//! Sizes as people read them.

use std::fmt;

const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];

/// Bytes, shown in the largest unit that there is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size(pub(super) u64);

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut whole, mut rest, mut unit) = (self.0, 0, "B");
        for larger in UNITS {
            if whole < 1024 {
                break;
            }
            (whole, rest, unit) = (whole / 1024, whole % 1024, larger);
        }
        if unit == "B" {
            write!(formatter, "{whole} B")
        } else {
            write!(formatter, "{whole}.{} {unit}", rest * 10 / 1024)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_largest_unit_that_there_is_one_of() {
        for (bytes, told) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536 * 1024, "1.5 MiB"),
            (10 * 1024 * 1024 * 1024, "10.0 GiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(Size(bytes).to_string(), told);
        }
    }
}
