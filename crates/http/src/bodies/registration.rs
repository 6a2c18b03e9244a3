//! What somebody opens an account with.

use doorward_domain::accounts::NewAccount;
use doorward_domain::user::{Change, ProfileChange, UserChanges};
use serde_json::{Value, json};

use super::Body;
use super::new_password::confirmed_password;
use super::own_fields::own_fields;
use crate::read::{Fields, email, text};

/// An account to open.
pub(crate) struct Registration(pub(crate) NewAccount);

impl Body for Registration {
    const NAME: &'static str = "Registration";

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let username =
            email().described("The e-mail address that names the account from now on.", "ada@example.com");
        let address = fields.take("username", &username);
        let password = confirmed_password(fields);
        let name =
            fields.take_if_given("name", &text().described("Short for profile.fullname.", "Kucing Cakep"));
        let mut own = own_fields(fields);
        if let Some(name) = name {
            set_fullname(&mut own, name, fields);
        }
        Some(Self(NewAccount { fields: own, ..NewAccount::new(address?, password?) }))
    }

    fn example() -> Value {
        json!({
            "username": "ada@example.com",
            "password": "correct horse batt",
            "password_confirm": "correct horse batt",
            "name": "Kucing Cakep",
        })
    }
}

/// Takes the short form of `profile.fullname` over.
pub(crate) fn set_fullname(
    own: &mut UserChanges,
    name: doorward_domain::user::Text<200>,
    fields: &mut Fields<'_>,
) {
    let profile = match std::mem::take(&mut own.profile) {
        Change::Set(profile) => profile,
        Change::Keep | Change::Clear => ProfileChange::default(),
    };
    if matches!(&profile.fullname, Change::Set(fullname) if *fullname != name) {
        fields.fault("name", "must be the same as profile.fullname when both are given");
    }
    own.profile = Change::Set(ProfileChange { fullname: Change::Set(name), ..profile });
}
