//! A password to replace the current one.

use doorward_domain::user::Password;
use serde_json::{Value, json};

use super::Body;
use crate::read::{Fields, new_password, password};

/// The current password and the next.
pub(crate) struct NewPassword {
    pub(crate) current: Password,
    pub(crate) new: Password,
}

impl Body for NewPassword {
    const NAME: &'static str = "NewPassword";

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let current = fields.take("current_password", &password());
        let new = confirmed_password(fields);
        Some(Self { current: current?, new: new? })
    }

    fn example() -> Value {
        json!({
            "current_password": "correct horse batt",
            "password": "a staple for the next year",
            "password_confirm": "a staple for the next year",
        })
    }
}

/// A new password, entered twice.
pub(super) fn confirmed_password(fields: &mut Fields<'_>) -> Option<Password> {
    let kind = new_password().described(
        "At least 8 characters unless configured otherwise; any characters but control characters.",
        "correct horse batt",
    );
    let new = fields.take("password", &kind);
    let again = fields.take("password_confirm", &password());
    let (new, again) = (new?, again?);
    if new == again {
        Some(new)
    } else {
        fields.fault("password_confirm", "must be the same as password");
        None
    }
}
