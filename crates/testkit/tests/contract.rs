//! A promise that is written and run by nobody would be worth nothing.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn contract() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract")
}

/// What stands about a port: in a file, or in a directory of files.
fn texts(port: &str) -> Vec<String> {
    let file = contract().join(port).with_extension("rs");
    if file.exists() {
        return vec![fs::read_to_string(file).unwrap()];
    }
    let files = fs::read_dir(contract().join(port)).unwrap();
    files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

/// The public functions about a port.
fn written(port: &str) -> BTreeSet<String> {
    let mut promises = BTreeSet::new();
    for text in texts(port) {
        promises.extend(
            text.lines()
                .filter_map(|line| line.strip_prefix("pub async fn "))
                .filter_map(|rest| rest.split_once('(').map(|(name, _)| name.to_owned())),
        );
    }
    promises
}

/// The names that the macro in this file expands to tests, after the line that ends so.
fn expanded(file: &str, line: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(contract().join(file)).unwrap();
    let (_, after) = text.split_once(&format!("{line}\n")).unwrap();
    let (names, _) = after.split_once('}').unwrap();
    names.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn every_promise_that_is_written_is_run() {
    for port in ["users", "sessions", "keys", "epochs", "archive", "audit", "deeds", "intake"] {
        assert!(written(port).len() > 5, "the promises of {port} were not found");
        assert_eq!(written(port), expanded("mod.rs", &format!("@each $empty_store {port}")), "{port}");
    }
    for (port, type_name) in
        [("revocations", "Revocations"), ("documents", "UserDocuments"), ("throttle", "LoginThrottle")]
    {
        assert!(written(port).len() > 10, "the promises of {port} were not found");
        assert_eq!(
            written(port),
            expanded("port.rs", &format!("@$how $($fresh)+ {port} {type_name}")),
            "{port}"
        );
    }
}
