//! The strict reader beside `serde_json`: it refuses more, and never reads anything else.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::read::Json;

const DEEPEST: usize = 16;
const MOST_KEYS: usize = 64;

/// Reads the same text twice.
pub(crate) fn hold(bytes: &[u8]) {
    let expected = match serde_json::from_slice(bytes) {
        Ok(object @ Lenient::Object(_)) => expected(object, 0),
        _ => None,
    };
    assert_eq!(Json::read_object(bytes), expected);
}

/// A value of which `serde_json` keeps everything, also keys that are there twice.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lenient {
    Null(()),
    Flag(bool),
    Whole(i64),
    Number(#[expect(dead_code, reason = "no field takes one")] f64),
    Text(String),
    List(Vec<Self>),
    Object(Entries),
}

/// The keys and values of an object.
struct Entries(Vec<(String, Lenient)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = object.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

/// What a strict reader makes of it; `depth` lists and objects are around it.
fn expected(value: Lenient, depth: usize) -> Option<Json> {
    if matches!(value, Lenient::List(_) | Lenient::Object(_)) && depth == DEEPEST {
        return None;
    }
    Some(match value {
        Lenient::Null(()) => Json::Null,
        Lenient::Flag(flag) => Json::Flag(flag),
        Lenient::Whole(number) => Json::Whole(number),
        Lenient::Number(_) => Json::Number,
        Lenient::Text(text) => Json::Text(text),
        Lenient::List(values) => {
            Json::List(values.into_iter().map(|value| expected(value, depth + 1)).collect::<Option<_>>()?)
        }
        Lenient::Object(Entries(entries)) => {
            let keys: HashSet<_> = entries.iter().map(|(key, _)| key).collect();
            if keys.len() < entries.len() || keys.len() > MOST_KEYS {
                return None;
            }
            let entries = entries.into_iter().map(|(key, value)| Some((key, expected(value, depth + 1)?)));
            Json::Object(entries.collect::<Option<_>>()?)
        }
    })
}
