//! How often something may happen.

use std::time::Duration;

use doorward_domain::throttle::Rate;

use super::amount::whole_number;
use super::{Form, Kind};

/// Rates that all hold, or none.
pub(in crate::settings) struct Rates;

impl Kind for Rates {
    type Value = Vec<Rate>;

    fn allowed(&self) -> String {
        "off, or rates with commas between, such as 10 per 5m, 20 per 1day".to_owned()
    }

    fn form(&self) -> Form {
        Form::List { pattern: "[0-9]+ +per +[^,]+", none: "off" }
    }

    fn read(&self, text: &str) -> Option<Vec<Rate>> {
        parse(text).ok()
    }

    fn read_list(&self, items: &[String]) -> Option<Vec<Rate>> {
        self.read(&items.join(","))
    }

    fn reason(&self, text: &str) -> Option<String> {
        parse(text).err().flatten().map(str::to_owned)
    }
}

/// What is wrong, where more can be said than what a rate should look like.
fn parse(text: &str) -> Result<Vec<Rate>, Option<&'static str>> {
    if text == "off" { Ok(Vec::new()) } else { text.split(',').map(rate).collect() }
}

fn rate(text: &str) -> Result<Rate, Option<&'static str>> {
    let (count, period) = text.split_once(" per ").ok_or(None)?;
    let count = whole_number(count.trim()).ok_or(None)?;
    let period = humantime::parse_duration(period.trim()).map_err(|_| None)?;
    Rate::new(count, period).ok_or_else(|| Some(objection(count, period)))
}

/// Why these are no rate.
fn objection(count: u32, period: Duration) -> &'static str {
    if count == 0 {
        "a count of 0 would let nothing pass; off is no limit"
    } else if period > Rate::LONGEST {
        "a period is at most 366 days"
    } else {
        "a rate is at most one in a microsecond"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::kind::taken;

    fn rate(burst: u32, seconds: u64) -> Rate {
        Rate::new(burst, Duration::from_secs(seconds)).unwrap()
    }

    #[test]
    fn several_rates_may_hold_at_once() {
        let both = Some(vec![rate(10, 300), rate(20, 86_400)]);
        assert_eq!(Rates.read("10 per 5m, 20 per 1day"), both);
        assert_eq!(Rates.read("10 per 5m,20  per  24h "), both);
        assert_eq!(Rates.read_list(&["10 per 5m".to_owned(), "20 per 1day".to_owned()]), both);
        assert_eq!(Rates.read("1 per 1h 30m"), Some(vec![rate(1, 5_400)]));
    }

    #[test]
    fn only_off_is_no_limit() {
        assert_eq!(Rates.read("off"), Some(Vec::new()));
        assert_eq!(Rates.read_list(&[]), None);
        let wrong = ["", "0", "none", "OFF", "10", "10 per", "per 5m", "10/5m", "10 per 5", "ten per 5m"];
        assert_eq!(taken(&Rates, &wrong), Vec::<String>::new());
        let wrong =
            ["+1 per 5m", "-1 per 5m", "1.5 per 5m", "10 per 5m,", "10 per 5m, off", "5000000000 per 1h"];
        assert_eq!(taken(&Rates, &wrong), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_rate_is_refused_with_the_reason() {
        for (text, reason) in [
            ("0 per 1h", "would let nothing pass"),
            ("10 per 5m, 0 per 1day", "would let nothing pass"),
            ("10 per 2years", "at most 366 days"),
            ("1001 per 1ms", "one in a microsecond"),
            ("1 per 0s", "one in a microsecond"),
        ] {
            assert_eq!(Rates.read(text), None);
            let told = Rates.reason(text).unwrap();
            assert!(told.contains(reason), "{text:?}: {told}");
        }
        assert_eq!(Rates.reason("ten per 5m"), None);
    }
}
