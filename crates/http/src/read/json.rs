//! A JSON document as it was sent, without the liberties that lenient readers take.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Deeper nesting than any body of ours has.
const MAX_DEPTH: usize = 16;

/// More keys than any object of ours has.
const MAX_KEYS: usize = 64;

/// One JSON value; an object's keys are unique and in the order sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Flag(bool),
    Whole(i64),
    /// Any other number; no field of ours takes one.
    Number,
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    /// A value of a query string, which has no types: it stands for a text, a number or a flag.
    Bare(String),
}

impl Json {
    /// Reads one object and nothing after it (RFC 8259). An array is refused although serde would read a structure
    /// from it; a key given twice is refused although serde would keep the last.
    pub(crate) fn read_object(bytes: &[u8]) -> Option<Self> {
        match serde_json::from_slice(bytes) {
            Ok(object @ Self::Object(_)) => Some(object),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Depth(0).deserialize(deserializer)
    }
}

/// How many lists and objects are open around a value.
#[derive(Clone, Copy)]
struct Depth(usize);

impl Depth {
    fn inside<E: Error>(self) -> Result<Self, E> {
        if self.0 < MAX_DEPTH { Ok(Self(self.0 + 1)) } else { Err(E::custom("nested too deeply")) }
    }
}

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Depth {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Flag(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Whole(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        Ok(i64::try_from(number).map_or(Json::Number, Json::Whole))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(inside)? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut keys = std::collections::HashSet::new();
        let mut entries = Vec::new();
        while let Some(key) = object.next_key::<String>()? {
            let value = object.next_value_seed(inside)?;
            if !keys.insert(key.clone()) {
                return Err(Error::custom("a key stands twice"));
            }
            if keys.len() > MAX_KEYS {
                return Err(Error::custom("too many keys"));
            }
            entries.push((key, value));
        }
        Ok(Json::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_object_is_read_in_order() {
        let object =
            Json::read_object(br#" {"b": [1, -2, 1.5, 1e3], "a": {"c": null, "d": "x"}, "e": true} "#);
        assert_eq!(
            object,
            Some(Json::Object(vec![
                ("b".into(), Json::List(vec![Json::Whole(1), Json::Whole(-2), Json::Number, Json::Number])),
                (
                    "a".into(),
                    Json::Object(vec![("c".into(), Json::Null), ("d".into(), Json::Text("x".into()))])
                ),
                ("e".into(), Json::Flag(true)),
            ]))
        );
    }

    #[test]
    fn inp_02_everything_but_one_object_is_refused() {
        for text in [
            "",
            " ",
            "null",
            "true",
            "1",
            "\"x\"",
            "[]",
            "[\"a@b.co\",\"pw\"]",
            "{}{}",
            "{} x",
            "{},",
            "\u{feff}{}",
            "{\"a\":1,\"a\":2}",
            "{\"a\":{\"b\":1,\"b\":1}}",
            "{\"a\":1,\"\\u0061\":2}",
            "{'a':1}",
            "{a:1}",
            "{\"a\":01}",
            "{\"a\":+1}",
            "{\"a\":NaN}",
            "{\"a\":1,}",
            "{\"a\":\"\u{1}\"}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":1e999}",
        ] {
            assert_eq!(Json::read_object(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Json::read_object(b"{\"a\":\"\xff\"}"), None);
    }

    #[test]
    fn inp_03_deep_nesting_is_refused_wherever_it_stands() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::read_object(nested(MAX_DEPTH - 1).as_bytes()).is_some());
        assert_eq!(Json::read_object(nested(MAX_DEPTH).as_bytes()), None);
        assert_eq!(Json::read_object(nested(100_000).as_bytes()), None);
        assert_eq!(Json::read_object(format!("{{\"a\":{}", "[".repeat(100_000)).as_bytes()), None);
    }

    #[test]
    fn inp_03_an_object_of_many_keys_is_refused() {
        let object = |count: usize| {
            let keys: Vec<String> = (0..count).map(|number| format!("\"k{number}\":1")).collect();
            format!("{{{}}}", keys.join(","))
        };
        assert!(Json::read_object(object(MAX_KEYS).as_bytes()).is_some());
        assert_eq!(Json::read_object(object(MAX_KEYS + 1).as_bytes()), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Json::read_object(&bytes);
        }

        #[test]
        fn every_object_with_unique_keys_is_read(map in prop::collection::btree_map("\\PC{0,8}", "\\PC{0,8}", 0..8)) {
            let text = serde_json::to_vec(&map).unwrap();
            let entries = map.into_iter().map(|(key, value)| (key, Json::Text(value))).collect();
            prop_assert_eq!(Json::read_object(&text), Some(Json::Object(entries)));
        }
    }
}
