//! Values that say where traces go.

use std::fmt;

use url::Url;

use super::{Form, Kind, REDACTED};

/// Where a collector of traces listens.
pub(in crate::settings) struct Collector;

impl Kind for Collector {
    type Value = Url;

    fn allowed(&self) -> String {
        "a URL that begins with http:// or https://, without user, password, query and fragment".to_owned()
    }

    fn form(&self) -> Form {
        Form::Text("^https?://[^?#@]+$")
    }

    fn read(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        (matches!(url.scheme(), "http" | "https") && url.has_host() && is_plain).then_some(url)
    }

    fn may_be_shown(&self) -> bool {
        false
    }

    /// What is read has no place for a secret.
    fn masked(&self, text: &str) -> String {
        text.to_owned()
    }
}

/// Headers that each message to a collector has, such as one that proves who sends it.
pub(in crate::settings) struct Headers;

/// Names and values, which print as `[redacted]`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct HeaderList(Vec<(String, String)>);

impl HeaderList {
    /// Each with its value.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        self.0.iter().cloned()
    }
}

impl fmt::Debug for HeaderList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

impl Kind for Headers {
    type Value = HeaderList;

    fn allowed(&self) -> String {
        "headers such as name=value, with commas between".to_owned()
    }

    fn form(&self) -> Form {
        Form::List { pattern: " *[A-Za-z0-9-]+ *=[^,]+", none: "" }
    }

    fn read(&self, text: &str) -> Option<HeaderList> {
        let header = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            let (name, value) = (name.trim(), value.trim());
            let is_name =
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            let is_value = !value.is_empty() && value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            (is_name && is_value).then(|| (name.to_owned(), value.to_owned()))
        };
        text.split(',').map(header).collect::<Option<_>>().map(HeaderList)
    }

    fn read_list(&self, items: &[String]) -> Option<HeaderList> {
        self.read(&items.join(","))
    }

    fn may_be_shown(&self) -> bool {
        false
    }

    fn masked(&self, text: &str) -> String {
        let names = text.split(',').map(|pair| pair.split_once('=').map_or("", |(name, _)| name.trim()));
        names.map(|name| format!("{name}={REDACTED}")).collect::<Vec<_>>().join(",")
    }
}

/// A part of a whole.
pub(in crate::settings) struct Part;

impl Kind for Part {
    type Value = f64;

    fn allowed(&self) -> String {
        "a number from 0 to 1".to_owned()
    }

    fn form(&self) -> Form {
        Form::Fraction
    }

    fn read(&self, text: &str) -> Option<f64> {
        text.parse().ok().filter(|part| (0.0..=1.0).contains(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::kind::taken;

    #[test]
    fn a_collector_is_named_without_secrets() {
        let named = [
            "http://127.0.0.1:4318",
            "https://traces.example.com/otlp/v1/traces",
            "https://user:sesame@traces.example.com",
            "https://traces.example.com/?token=sesame",
            "traces.example.com:4318",
            "grpc://traces.example.com",
        ];
        assert_eq!(taken(&Collector, &named), named[..2]);
    }

    #[test]
    fn headers_are_pairs_of_visible_characters_that_nothing_prints() {
        let headers = Headers.read("authorization=Basic c2VzYW1l==, x-scope=a=b").unwrap();
        let pairs: Vec<_> = headers.pairs().collect();
        assert_eq!(pairs[0], ("authorization".to_owned(), "Basic c2VzYW1l==".to_owned()));
        assert_eq!(pairs[1], ("x-scope".to_owned(), "a=b".to_owned()));
        assert_eq!(format!("{headers:?}"), "[redacted]");
        assert_eq!(
            Headers.masked("authorization=Basic c2VzYW1l==, x-scope=a=b"),
            "authorization=[redacted],x-scope=[redacted]"
        );
        assert!(taken(&Headers, &["", "a", "a=", "=b", "a=b,", "a b=c", "a=b\nc=d", "ä=b"]).is_empty());
    }

    #[test]
    fn a_part_lies_between_nothing_and_everything() {
        assert_eq!(taken(&Part, &["0", "0.05", "1", "-0.1", "1.1", "NaN", "inf", "half"]).len(), 3);
    }
}
