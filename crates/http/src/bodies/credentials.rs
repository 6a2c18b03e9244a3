//! What somebody logs in with.

use doorward_domain::user::Password;
use serde_json::{Value, json};

use super::Body;
use crate::read::{Fields, password, written};

/// A username and a password.
pub(crate) struct Credentials {
    /// As written; what is no address belongs to nobody.
    pub(crate) username: String,
    pub(crate) password: Password,
}

impl Body for Credentials {
    const NAME: &'static str = "Credentials";

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let username = written(254).described("The e-mail address of the account.", "ada@example.com");
        let username = fields.take("username", &username);
        let password = fields.take("password", &password());
        Some(Self { username: username?, password: password? })
    }

    fn example() -> Value {
        json!({ "username": "ada@example.com", "password": "correct horse batt" })
    }
}
