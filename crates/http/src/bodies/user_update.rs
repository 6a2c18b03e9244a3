//! Changes to an account.

use doorward_domain::user::{Password, Role, UserChanges};
use serde_json::{Value, json};

use super::Body;
use super::own_fields::own_fields;
use crate::read::{Fields, flag, one_of, password};

/// Changes, and the proof that some of them need.
pub(crate) struct Update {
    pub(crate) changes: UserChanges,
    pub(crate) current_password: Option<Password>,
}

/// Changes to the caller's own account.
pub(crate) struct OwnUpdate(pub(crate) Update);

/// Changes to an account, with what only admins may set.
pub(crate) struct UserUpdate(pub(crate) Update);

impl Body for OwnUpdate {
    const NAME: &'static str = "OwnUpdate";

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let changes = own_fields(fields);
        Some(Self(Update { changes, current_password: current_password(fields) }))
    }

    fn example() -> Value {
        json!({
            "profile": { "fullname": "Kucing Cakep", "gender": "Male", "city": "Sidoarjo" },
            "accounts": { "gmail": { "is_login": true } },
            "played_games": ["MOBILE LEGENDS"],
        })
    }
}

impl Body for UserUpdate {
    const NAME: &'static str = "UserUpdate";

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let changes = UserChanges {
            role: fields.take_if_given("role", &one_of(role_names)),
            active: fields.take_if_given("active", &flag()),
            ..own_fields(fields)
        };
        Some(Self(Update { changes, current_password: current_password(fields) }))
    }

    fn example() -> Value {
        json!({ "role": "admin", "profile": { "city": "Sidoarjo" } })
    }
}

pub(crate) fn role_names() -> Vec<String> {
    Role::ALL.map(|role| role.to_string()).to_vec()
}

fn current_password(fields: &mut Fields<'_>) -> Option<Password> {
    let kind = password()
        .described("Needed only to change the e-mail address of one's own account.", "correct horse batt");
    fields.take_if_given("current_password", &kind)
}
