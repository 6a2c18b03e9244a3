//! Kinds of values: how each is read into the domain, and how the API description shows it.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use doorward_domain::Timestamp;
use doorward_domain::user::{Email, Link, Password, PasswordRules, Text};
use serde_json::{Value, json};

use super::Json;

/// From the year 0 to the end of 9999, in milliseconds: what RFC 3339 can write.
const WRITABLE_TIMES: RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// Reads a value, or says what is wrong with it.
pub(crate) type Read<T> = Box<dyn Fn(&Json) -> Result<T, String>>;

/// A kind of value.
pub(crate) struct Kind<T> {
    /// The value, or what is wrong with it.
    pub(crate) read: Read<T>,
    schema: Box<dyn Fn() -> Value>,
}

impl<T: 'static> Kind<T> {
    fn new(
        schema: impl Fn() -> Value + 'static,
        read: impl Fn(&Json) -> Result<T, String> + 'static,
    ) -> Self {
        Self { read: Box::new(read), schema: Box::new(schema) }
    }

    fn from_text<E: Display>(
        schema: impl Fn() -> Value + 'static,
        parse: impl Fn(&str) -> Result<T, E> + 'static,
    ) -> Self {
        Self::new(schema, move |json| match json {
            Json::Text(text) | Json::Bare(text) => parse(text).map_err(|error| error.to_string()),
            _ => Err("must be a string".to_owned()),
        })
    }

    /// With another example and a sentence about it.
    pub(crate) fn described(
        self,
        description: &'static str,
        example: impl Into<Value> + Clone + 'static,
    ) -> Self {
        let plain = self.schema;
        let schema = move || {
            let mut schema = plain();
            if let Some(schema) = schema.as_object_mut() {
                schema.insert("description".into(), description.into());
                schema.insert("example".into(), example.clone().into());
            }
            schema
        };
        Self { read: self.read, schema: Box::new(schema) }
    }
}

impl<T> Kind<T> {
    /// Its OpenAPI 3.0 schema, with an example; made only when somebody asks.
    pub(crate) fn schema(&self) -> Value {
        (self.schema)()
    }
}

/// An e-mail address.
pub(crate) fn email() -> Kind<Email> {
    let schema = || {
        json!({
            "type": "string", "format": "email", "minLength": 5, "maxLength": 254, "example": "ada@example.com",
        })
    };
    Kind::from_text(schema, Email::parse)
}

/// A password, as typed; what a new one must be like is the domain's business.
pub(crate) fn password() -> Kind<Password> {
    let schema = || {
        json!({
            "type": "string", "format": "password", "maxLength": 8192, "pattern": NO_CONTROL,
            "example": "correct horse batt",
        })
    };
    Kind::from_text(schema, Password::parse)
}

/// A password that somebody chooses now; the bounds are those of the rules unless an operator sets others.
pub(crate) fn new_password() -> Kind<Password> {
    let PasswordRules { min, max } = PasswordRules::default();
    let schema = move || {
        json!({
            "type": "string", "format": "password", "minLength": min, "maxLength": max, "pattern": NO_CONTROL,
            "example": "correct horse batt",
        })
    };
    Kind::from_text(schema, Password::parse)
}

/// A text of 1 to `MAX` characters.
pub(crate) fn text<const MAX: usize>() -> Kind<Text<MAX>> {
    let schema = || json!({ "type": "string", "minLength": 1, "maxLength": MAX, "pattern": NO_CONTROL });
    Kind::from_text(schema, Text::parse)
}

/// A short text as it was written, that the domain compares and does not keep.
pub(crate) fn written(max: usize) -> Kind<String> {
    let schema = move || json!({ "type": "string", "minLength": 1, "maxLength": max, "pattern": NO_CONTROL });
    Kind::from_text(schema, move |text| {
        if text.is_empty() {
            Err("must not be empty".to_owned())
        } else if text.chars().count() > max {
            Err(format!("must have at most {max} characters"))
        } else if text.chars().any(char::is_control) {
            Err("must not contain control characters".to_owned())
        } else {
            Ok(text.to_owned())
        }
    })
}

/// One of a few names; which ones is asked only for the schema.
pub(crate) fn one_of<T>(names: fn() -> Vec<String>) -> Kind<T>
where
    T: FromStr<Err: Display> + 'static,
{
    let schema = move || {
        let names = names();
        json!({ "type": "string", "example": names.first(), "enum": names })
    };
    Kind::from_text(schema, str::parse)
}

/// A web address.
pub(crate) fn link() -> Kind<Link> {
    let schema = || {
        json!({
            "type": "string", "format": "uri", "maxLength": 2048, "pattern": "^[Hh][Tt][Tt][Pp][Ss]?:",
            "example": "https://video.example/kucing",
        })
    };
    Kind::from_text(schema, Link::parse)
}

/// A point in time.
pub(crate) fn timestamp() -> Kind<Timestamp> {
    let schema = || json!({ "type": "string", "format": "date-time", "example": "2026-01-31T12:00:00.000Z" });
    Kind::from_text(schema, |text| {
        let time =
            DateTime::parse_from_rfc3339(text).map_err(|_| "must be a time such as 2026-01-31T12:00:00Z")?;
        // In UTC, where a leap second is the first of the next minute.
        let millis = time.timestamp_millis();
        if WRITABLE_TIMES.contains(&millis) {
            Ok(Timestamp::from_millis(millis))
        } else {
            Err("must be between the years 0 and 9999")
        }
    })
}

/// A point in time the way every response writes it (RFC 3339, UTC, milliseconds).
pub(crate) fn written_time(time: Timestamp) -> String {
    let time = DateTime::<Utc>::from_timestamp_millis(time.millis()).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// True or false.
pub(crate) fn flag() -> Kind<bool> {
    Kind::new(
        || json!({ "type": "boolean", "example": true }),
        |json| match json {
            Json::Flag(flag) => Ok(*flag),
            Json::Bare(text) if text == "true" => Ok(true),
            Json::Bare(text) if text == "false" => Ok(false),
            _ => Err("must be true or false".to_owned()),
        },
    )
}

/// A whole number within bounds.
pub(crate) fn number(min: i64, max: i64) -> Kind<i64> {
    let schema = move || json!({ "type": "integer", "minimum": min, "maximum": max, "example": max.min(50) });
    Kind::new(schema, move |json| {
        let number = match json {
            Json::Whole(number) => Some(*number),
            Json::Bare(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            _ => None,
        };
        number
            .filter(|number| (min..=max).contains(number))
            .ok_or_else(|| format!("must be a whole number from {min} to {max}"))
    })
}

/// A text without C0 and C1 control characters.
pub(crate) const NO_CONTROL: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(kind: &Kind<T>, text: &str) -> Result<T, String> {
        (kind.read)(&Json::Text(text.to_owned()))
    }

    #[test]
    fn a_time_is_read_with_any_offset_and_written_in_utc() {
        let time = read(&timestamp(), "2026-01-31T14:00:00.5+02:00").unwrap();
        assert_eq!(written_time(time), "2026-01-31T12:00:00.500Z");
        for text in ["", "2026-01-31", "2026-13-01T00:00:00Z", "yesterday", "2026-01-31T12:00:00"] {
            assert!(read(&timestamp(), text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_that_is_taken_can_be_written_again() {
        for text in ["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"] {
            assert_eq!(written_time(read(&timestamp(), text).unwrap()), text);
        }
        for text in ["0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z"] {
            assert!(read(&timestamp(), text).is_err(), "{text}");
        }
    }

    #[test]
    fn inp_11_numbers_are_bounded_and_strict() {
        let limit = number(1, 200);
        for (json, expected) in [
            (Json::Whole(1), Some(1)),
            (Json::Whole(200), Some(200)),
            (Json::Bare("50".into()), Some(50)),
            (Json::Whole(0), None),
            (Json::Whole(-1), None),
            (Json::Whole(201), None),
            (Json::Bare("-1".into()), None),
            (Json::Bare("1;".into()), None),
            (Json::Bare("NaN".into()), None),
            (Json::Bare(String::new()), None),
            (Json::Bare("9223372036854775808".into()), None),
            (Json::Number, None),
            (Json::Text("50".into()), None),
        ] {
            assert_eq!((limit.read)(&json).ok(), expected, "{json:?}");
        }
    }

    #[test]
    fn a_value_of_another_type_is_named() {
        assert_eq!((email().read)(&Json::Whole(1)).unwrap_err(), "must be a string");
        assert_eq!((flag().read)(&Json::Text("true".into())).unwrap_err(), "must be true or false");
    }
}
