//! `doorward users`: accounts that come in and go out by the file, and changes of one.

mod change;
mod export;
mod import;
mod resume;

use serde_json::{Value, json};

use crate::support::Place;

/// What a system before this one made of [`OLD`], with bcrypt at a low cost.
const HASH: &str = "$2b$10$abcdefghijklmnopqrstuuAoEKbT94EPXNlVUE9AK2Q/3bKYld/ZS";
const OLD: &str = "an old password";
const PASSWORD: &str = "correct horse batt";

/// A row with a hash.
fn row(username: &str) -> String {
    json!({ "username": username, "password_hash": HASH }).to_string() + "\n"
}

/// So many rows, of `person0@example.com` and so on.
fn people(count: usize) -> String {
    (0..count).map(|number| row(&format!("person{number}@example.com"))).collect()
}

/// The lines of a file of results.
fn results(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// How many accounts there are, the first admin left out.
fn accounts(place: &Place) -> usize {
    let (listed, _) = place.ends_with(0, &["users", "list", "--role", "user", "--format", "json"]);
    listed.lines().count()
}

/// The details of what the audit log tells of imports, the newest first.
fn told(place: &Place) -> Vec<Value> {
    let (said, _) = place.ends_with(0, &["audit", "--action", "user.import"]);
    said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["details"].clone()).collect()
}

fn path(place: &Place, name: &str) -> String {
    place.file(name, "").display().to_string()
}

/// The same, where nothing is yet.
fn new_path(place: &Place, name: &str) -> String {
    let path = path(place, name);
    std::fs::remove_file(&path).unwrap();
    path
}
