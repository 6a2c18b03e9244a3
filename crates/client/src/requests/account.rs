//! Opening an account, and changing it.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Change;
use crate::answers::{Favorite, LinkedAccount, Role, UserTypeName};
use crate::secret::Secret;

/// The fields that people set on their own account; what is kept is not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AccountFields {
    /// The address to reach the person at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Which user type is shown first.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub default_user_type: Change<UserTypeName>,
    /// Who somebody is.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub profile: Change<ProfileChange>,
    /// Accounts on other platforms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<LinkedAccountsChange>,
    /// What somebody is on the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_type: Option<UserTypesChange>,
    /// All the titles, in place of those before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub played_games: Option<Vec<String>>,
    /// Whom somebody likes to watch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favorites: Option<FavoritesChange>,
}

/// Changes to a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ProfileChange {
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub fullname: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub gender: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub city: Change<String>,
}

/// Changes to the accounts on other platforms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct LinkedAccountsChange {
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub gmail: Change<LinkedAccount>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub youtube: Change<LinkedAccount>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub facebook: Change<LinkedAccount>,
}

/// Changes to what somebody is on the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct UserTypesChange {
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub streamer: Change<ChannelChange>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub seller: Change<ChannelChange>,
}

/// A channel, and its streams if they change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChannelChange {
    /// The channel's identifier.
    pub streamer_id: String,
    /// All the identifiers of streams, in place of those before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streaming_history: Option<Vec<String>>,
}

/// Favourites; a list takes the place of the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct FavoritesChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facebook: Option<Vec<Favorite>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub youtube: Option<Vec<Favorite>>,
}

/// An account to open.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The e-mail address that names the account from now on.
    pub username: String,
    /// The password to log in with.
    pub password: Secret,
    /// What is known of the person already.
    pub fields: AccountFields,
}

impl Registration {
    /// An account of which nothing more is known.
    pub fn new(username: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self { username: username.into(), password: password.into(), fields: AccountFields::default() }
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = object(&self.fields);
        body.insert("username".into(), self.username.as_str().into());
        for name in ["password", "password_confirm"] {
            body.insert(name.into(), self.password.expose().into());
        }
        Value::Object(body)
    }
}

/// Changes to one's own account.
#[derive(Clone, Debug, Default)]
pub struct OwnUpdate {
    /// What changes.
    pub fields: AccountFields,
    /// Needed to change the e-mail address.
    pub current_password: Option<Secret>,
}

impl From<AccountFields> for OwnUpdate {
    fn from(fields: AccountFields) -> Self {
        Self { fields, current_password: None }
    }
}

impl OwnUpdate {
    pub(crate) fn body(&self) -> Value {
        let mut body = object(&self.fields);
        prove(&mut body, self.current_password.as_ref());
        Value::Object(body)
    }
}

/// Changes to an account; the role and the state are for admins.
#[derive(Clone, Debug, Default)]
pub struct UserUpdate {
    /// What changes.
    pub fields: AccountFields,
    /// Another role.
    pub role: Option<Role>,
    /// Whether the account may log in; to disable it ends its sessions.
    pub active: Option<bool>,
    /// Needed to change the e-mail address of one's own account.
    pub current_password: Option<Secret>,
}

impl From<AccountFields> for UserUpdate {
    fn from(fields: AccountFields) -> Self {
        Self { fields, ..Self::default() }
    }
}

impl UserUpdate {
    pub(crate) fn body(&self) -> Value {
        let mut body = object(&self.fields);
        if let Some(role) = &self.role {
            body.insert("role".into(), role.as_str().into());
        }
        if let Some(active) = self.active {
            body.insert("active".into(), active.into());
        }
        prove(&mut body, self.current_password.as_ref());
        Value::Object(body)
    }
}

fn object(fields: &AccountFields) -> Map<String, Value> {
    match serde_json::to_value(fields) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

fn prove(body: &mut Map<String, Value>, current_password: Option<&Secret>) {
    if let Some(password) = current_password {
        body.insert("current_password".into(), password.expose().into());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_kept_is_not_sent_and_what_is_cleared_is_null() {
        let profile = ProfileChange {
            city: Change::Set("London".into()),
            gender: Change::Clear,
            ..ProfileChange::default()
        };
        let fields = AccountFields {
            profile: Change::Set(profile),
            default_user_type: Change::Clear,
            ..AccountFields::default()
        };
        let expected = json!({ "profile": { "city": "London", "gender": null }, "default_user_type": null });
        assert_eq!(OwnUpdate::from(fields).body(), expected);
        assert_eq!(UserUpdate::default().body(), json!({}));
    }

    #[test]
    fn a_registration_does_not_print_its_password() {
        let registration = Registration::new("ada@example.com", "correct horse batt");
        assert!(!format!("{registration:?}").contains("horse"));
        let expected = json!({
            "username": "ada@example.com",
            "password": "correct horse batt",
            "password_confirm": "correct horse batt",
        });
        assert_eq!(registration.body(), expected);
    }
}
