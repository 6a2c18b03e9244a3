//! What somebody wrote for a setting, and where.

use std::fmt;
use std::path::PathBuf;

use figment::value::Value;

/// What a source gave for one name.
pub(super) struct Given {
    /// As it was written.
    pub(super) raw: Raw,
    /// By which source.
    pub(super) origin: Origin,
}

/// A value as it was written.
pub(super) enum Raw {
    /// A text, or a number or a switch as text.
    Text(String),
    /// A list of such.
    List(Vec<String>),
    /// A table or something else that no setting is.
    Other,
}

impl Raw {
    /// As one text, with commas in a list.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::List(items) => Some(items.join(",")),
            Self::Other => None,
        }
    }
}

/// A source.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// The environment variable of that name.
    Environment(String),
    /// The option of that name.
    CommandLine(String),
    /// The settings file.
    File(PathBuf),
    /// A file that holds nothing but the value.
    SecretFile {
        /// Which one.
        path: PathBuf,
        /// What names it, as a setting.
        key: String,
        /// Where that is.
        named: Box<Self>,
    },
}

impl Origin {
    /// A later one wins over an earlier one.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::File(_) => 0,
            Self::Environment(_) => 1,
            Self::CommandLine(_) => 2,
            Self::SecretFile { named, .. } => named.rank(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(variable) => write!(formatter, "from {variable}"),
            Self::CommandLine(option) => write!(formatter, "from {option}"),
            Self::File(path) => write!(formatter, "in {}", path.display()),
            Self::SecretFile { path, key, named } => {
                write!(formatter, "from the file {} named by ", path.display())?;
                match &**named {
                    Self::Environment(variable) => formatter.write_str(variable),
                    named => write!(formatter, "{key} {named}"),
                }
            }
        }
    }
}

impl Given {
    /// `name = "value" (origin)`, for a message.
    pub(super) fn shown(&self, name: &str, value_too: bool) -> String {
        let origin = &self.origin;
        let text = match &self.raw {
            _ if !value_too => return format!("{name} ({origin})"),
            Raw::Text(text) => format!("{:?}", shortened(text)),
            Raw::List(items) => format!("{:?}", items.iter().map(|item| shortened(item)).collect::<Vec<_>>()),
            Raw::Other => "a table".to_owned(),
        };
        format!("{name} = {text} ({origin})")
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 80 { text.to_owned() } else { text.chars().take(79).chain(['…']).collect() }
}

impl From<Value> for Raw {
    fn from(value: Value) -> Self {
        match value {
            Value::Array(_, items) => {
                items.into_iter().map(scalar).collect::<Option<_>>().map_or(Self::Other, Self::List)
            }
            value => scalar(value).map_or(Self::Other, Self::Text),
        }
    }
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(text),
        Value::Bool(_, switch) => Some(switch.to_string()),
        Value::Num(_, number) => number
            .to_i128()
            .map(|number| number.to_string())
            .or_else(|| number.to_u128().map(|number| number.to_string()))
            .or_else(|| number.to_f64().map(|number| number.to_string())),
        _ => None,
    }
}
