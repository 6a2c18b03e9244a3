//! Values that say where something is: addresses, files, web origins.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::{Form, Kind};

/// An address to listen on.
pub(in crate::settings) struct Address;

impl Kind for Address {
    type Value = SocketAddr;

    fn allowed(&self) -> String {
        "an IP address and a port such as 127.0.0.1:8080 or [::1]:8080".to_owned()
    }

    fn form(&self) -> Form {
        Form::Text("^([0-9.]+|\\[[0-9A-Fa-f:.]+(%[0-9]+)?\\]):[0-9]{1,5}$")
    }

    fn read(&self, text: &str) -> Option<SocketAddr> {
        text.parse().ok()
    }
}

/// A file or a directory.
pub(in crate::settings) struct FilePath;

impl Kind for FilePath {
    type Value = PathBuf;

    fn allowed(&self) -> String {
        "a path".to_owned()
    }

    fn form(&self) -> Form {
        Form::Text("^[^\\u0000]+$")
    }

    fn read(&self, text: &str) -> Option<PathBuf> {
        (!text.is_empty() && !text.contains('\0')).then(|| PathBuf::from(text))
    }
}

/// Web origins: a list in a file, a text with commas elsewhere.
pub(in crate::settings) struct Origins;

impl Kind for Origins {
    type Value = Vec<String>;

    fn allowed(&self) -> String {
        "a list of origins such as https://app.example.com (scheme, host and port only; * is not taken)"
            .to_owned()
    }

    fn form(&self) -> Form {
        Form::List { pattern: "https?://[^/?#@*, ]+", none: "" }
    }

    fn read(&self, text: &str) -> Option<Vec<String>> {
        if text.is_empty() {
            return Some(Vec::new());
        }
        let items: Vec<_> = text.split(',').map(|item| item.trim().to_owned()).collect();
        self.read_list(&items)
    }

    fn read_list(&self, items: &[String]) -> Option<Vec<String>> {
        let origins: Option<BTreeSet<_>> = items.iter().map(|item| origin(item)).collect();
        origins.map(Vec::from_iter)
    }
}

/// An origin as browsers send it (RFC 6454 §6.2): anything else would never match the header.
fn origin(text: &str) -> Option<String> {
    let (scheme, authority) = text.split_once("://")?;
    let uri = url::Url::parse(text).ok()?;
    let plain = matches!(scheme, "http" | "https") && !authority.contains('*');
    (plain && uri.origin().ascii_serialization() == text).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::kind::taken;

    #[test]
    fn origins_are_what_a_browser_sends() {
        let fine = ["https://app.example.com", "http://localhost:3000", "http://[::1]:3000", ""];
        assert_eq!(taken(&Origins, &fine), fine);
        let wrong = [
            "*",
            "https://*",
            "https://*.example.com",
            "https://app.example.com/",
            "https://app.example.com/path",
            "https://app.example.com:443",
            "https://APP.example.com",
            "https://user@app.example.com",
            "app.example.com",
            "file:///tmp",
            "null",
            "https://a.example,",
        ];
        assert_eq!(taken(&Origins, &wrong), Vec::<String>::new());
        assert_eq!(
            Origins.read("https://b.example, https://a.example,https://a.example"),
            Some(vec!["https://a.example".to_owned(), "https://b.example".to_owned()])
        );
    }
}
