//! The value of a setting as somebody would write it into a file: as TOML, or as JSON.

use serde_json::{Number, Value};

use super::kind::Form;

/// A value, in the type that a file has for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// `true` or `false`.
    Switch(bool),
    /// A number.
    Number(Number),
    /// Anything else.
    Text(String),
    /// Several of that.
    List(Vec<String>),
}

impl Written {
    /// From the text that says the same; a list has commas between its items.
    pub(crate) fn of(form: &Form, text: &str) -> Self {
        let plain = || Self::Text(text.to_owned());
        match form {
            Form::Switch => text.parse().map_or_else(|_| plain(), Self::Switch),
            Form::Number { .. } => text.parse::<u64>().map_or_else(|_| plain(), Self::count),
            Form::Fraction => {
                let number = text.parse().ok().and_then(Number::from_f64);
                number.map_or_else(plain, Self::Number)
            }
            Form::List { none, .. } if text == *none => {
                if none.is_empty() {
                    Self::List(Vec::new())
                } else {
                    plain()
                }
            }
            Form::List { .. } => Self::List(text.split(',').map(|item| item.trim().to_owned()).collect()),
            Form::Word(_) | Form::Text(_) | Form::Duration { .. } | Form::Size { .. } => plain(),
        }
    }

    /// A whole number.
    pub(super) fn count(count: u64) -> Self {
        Self::Number(Number::from(count))
    }

    /// As TOML.
    pub(crate) fn toml(&self) -> String {
        match self {
            Self::Switch(switch) => switch.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => quoted(text),
            Self::List(items) => {
                format!("[{}]", items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// As JSON.
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Switch(switch) => Value::from(*switch),
            Self::Number(number) => Value::from(number.clone()),
            Self::Text(text) => Value::from(text.as_str()),
            Self::List(items) => Value::from(items.as_slice()),
        }
    }
}

/// A basic string of TOML is one of JSON, but for one character that TOML wants escaped too.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format, Toml};

    use super::*;

    #[test]
    fn a_text_is_the_same_when_it_is_read_again() {
        for text in ["", "a b", "\"'\\\n\t\r\u{0}\u{7f}\u{1b}", "ü 🦀 \u{2028}", "# [x] = 1"] {
            let file = format!("text = {}", Written::Text(text.to_owned()).toml());
            let read: String = Figment::from(Toml::string(&file)).extract_inner("text").unwrap();
            assert_eq!(read, text);
        }
    }

    #[test]
    fn a_value_has_the_type_that_a_file_has_for_it() {
        let rates = Form::List { pattern: "", none: "off" };
        let origins = Form::List { pattern: "", none: "" };
        let number = Form::Number { least: 0, most: 9 };
        for (form, text, toml, json) in [
            (&Form::Switch, "true", "true", "true"),
            (&number, "007", "7", "7"),
            (&Form::Fraction, ".05", "0.05", "0.05"),
            (&Form::Fraction, "1", "1.0", "1.0"),
            (&Form::Text(""), "15m", "\"15m\"", "\"15m\""),
            (&rates, "off", "\"off\"", "\"off\""),
            (&rates, "1 per 1s,2 per 1m", "[\"1 per 1s\", \"2 per 1m\"]", "[\"1 per 1s\",\"2 per 1m\"]"),
            (&origins, "", "[]", "[]"),
        ] {
            let written = Written::of(form, text);
            assert_eq!((written.toml().as_str(), written.json().to_string().as_str()), (toml, json));
        }
    }
}
