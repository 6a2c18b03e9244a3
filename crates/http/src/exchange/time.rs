//! Times as other systems write them.

use doorward_domain::Timestamp;

use crate::read::{Json, timestamp};

/// Reads RFC 3339, and what databases and scripts make of it: a space for the `T`, an offset of hours alone, none for UTC.
pub(super) fn time_of(text: &str) -> Result<Timestamp, String> {
    let plain = (timestamp().read)(&Json::Text(text.to_owned()));
    plain.or_else(|error| (timestamp().read)(&Json::Text(completed(text))).map_err(|_| error))
}

fn completed(text: &str) -> String {
    let mut whole = text.replacen(' ', "T", 1);
    let offset = whole.split_once('T').and_then(|(_, time)| time.rsplit_once(['+', '-']));
    match offset.map(|(_, digits)| digits.len()) {
        Some(2) => whole.push_str(":00"),
        Some(4) => whole.insert(whole.len() - 2, ':'),
        Some(_) => {}
        None if whole.ends_with(['Z', 'z']) => {}
        None => whole.push('Z'),
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_databases_and_scripts_are_read() {
        let expected = time_of("2020-06-29T16:49:24.517Z").unwrap();
        for text in [
            "2020-06-29 16:49:24.517730",
            "2020-06-29T16:49:24.517730",
            "2020-06-29 16:49:24.517730+00",
            "2020-06-29 16:49:24.517+00:00",
            "2020-06-29 18:49:24.517+0200",
            "2020-06-29 15:49:24.517-01",
            "2020-06-29 16:49:24.517Z",
        ] {
            assert_eq!(time_of(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            " ",
            "2020-06-29",
            "yesterday",
            "16:49",
            "2020-06-29 25:00:00",
            "é-T+é",
            "2020-06-29 16:49:24+1",
        ] {
            assert!(time_of(text).is_err(), "{text}");
        }
    }
}
