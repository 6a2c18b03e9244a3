//! What is wrong with one field: all that reading a request can say.

use std::borrow::Cow;

use serde::Serialize;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldFault {
    /// The path of the field, such as `profile.gender` or `played_games[3]`.
    pub field: String,
    /// What is wrong, for a person.
    pub message: Cow<'static, str>,
}

impl FieldFault {
    /// One field with what is wrong with it.
    pub fn new(field: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), message: message.into() }
    }

    /// What is wrong with a row as a whole.
    pub fn of_row(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("", message)
    }
}
