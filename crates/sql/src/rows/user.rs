//! A row of `users`, without its generated columns.

use diesel::prelude::*;
use doorward_domain::Timestamp;
use doorward_domain::user::{Email, HashScheme, PasswordHash, Profile, Text, TextError, User};

use super::documents;
use crate::columns::{Id, Json, Time};
use crate::error::BadColumn;
use crate::schema::users;

/// An account as it stands in its table.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct UserRow {
    pub(super) id: Id,
    pub(super) password_hash: String,
    pub(super) password_scheme: String,
    pub(super) last_login_at: Time,
    #[diesel(embed)]
    pub(super) fields: UserFields,
}

/// What an update replaces: everything but the identifier, the password and the last login.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true, treat_none_as_default_value = false, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct UserFields {
    pub(super) username: String,
    pub(super) username_norm: String,
    pub(super) email: String,
    pub(super) email_norm: String,
    pub(super) role: String,
    pub(super) active: bool,
    pub(super) default_user_type: Option<String>,
    pub(super) has_profile: bool,
    pub(super) fullname: Option<String>,
    pub(super) fullname_search: Option<String>,
    pub(super) gender: Option<String>,
    pub(super) city: Option<String>,
    pub(super) accounts: Json,
    pub(super) user_types: Json,
    pub(super) played_games: Json,
    pub(super) favorites: Json,
    pub(super) version: i64,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
}

/// What a login and a change of password write: no update touches it.
#[derive(AsChangeset, Debug)]
#[diesel(table_name = users)]
pub struct CredentialColumns<'a> {
    password_hash: &'a str,
    password_scheme: &'static str,
    last_login_at: Time,
    version: i64,
}

impl<'a> From<&'a User> for CredentialColumns<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            password_hash: user.password.reveal(),
            password_scheme: scheme_name(user.password.scheme()),
            last_login_at: last_login_at(user.last_login),
            version: user.version,
        }
    }
}

impl TryFrom<&User> for UserRow {
    type Error = BadColumn;

    fn try_from(user: &User) -> Result<Self, BadColumn> {
        Ok(Self {
            id: user.id.into(),
            password_hash: user.password.reveal().to_owned(),
            password_scheme: scheme_name(user.password.scheme()).to_owned(),
            last_login_at: last_login_at(user.last_login),
            fields: user.try_into()?,
        })
    }
}

impl TryFrom<&User> for UserFields {
    type Error = BadColumn;

    fn try_from(user: &User) -> Result<Self, BadColumn> {
        let Profile { fullname, gender, city } = user.profile.clone().unwrap_or_default();
        Ok(Self {
            username: user.username.as_str().to_owned(),
            username_norm: user.username.normal().to_owned(),
            email: user.email.as_str().to_owned(),
            email_norm: user.email.normal().to_owned(),
            role: user.role.as_str().to_owned(),
            active: user.active,
            default_user_type: user.default_user_type.map(|name| name.as_str().to_owned()),
            has_profile: user.profile.is_some(),
            fullname_search: fullname.as_ref().map(|text| text.as_str().to_ascii_lowercase()),
            fullname: fullname.map(|text| text.as_str().to_owned()),
            gender: gender.map(|text| text.as_str().to_owned()),
            city: city.map(|text| text.as_str().to_owned()),
            accounts: Json(BadColumn::name("users.accounts", documents::accounts_to_json(user.accounts))?),
            user_types: Json(BadColumn::name(
                "users.user_types",
                documents::user_types_to_json(&user.user_types),
            )?),
            played_games: Json(BadColumn::name(
                "users.played_games",
                documents::games_to_json(&user.played_games),
            )?),
            favorites: Json(BadColumn::name(
                "users.favorites",
                documents::favorites_to_json(&user.favorites),
            )?),
            version: user.version,
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
        })
    }
}

impl TryFrom<UserRow> for User {
    type Error = BadColumn;

    fn try_from(row: UserRow) -> Result<Self, BadColumn> {
        let fields = row.fields;
        let scheme = BadColumn::name("users.password_scheme", scheme_called(&row.password_scheme))?;
        let default_user_type = fields.default_user_type.as_deref().map(str::parse).transpose();
        Ok(Self {
            id: row.id.into(),
            username: BadColumn::name("users.username", Email::parse(&fields.username))?,
            email: BadColumn::name("users.email", Email::parse(&fields.email))?,
            password: PasswordHash::new(scheme, row.password_hash),
            role: BadColumn::name("users.role", fields.role.parse())?,
            active: fields.active,
            default_user_type: BadColumn::name("users.default_user_type", default_user_type)?,
            profile: fields.has_profile.then(|| profile(&fields)).transpose()?,
            accounts: BadColumn::name("users.accounts", documents::accounts_from_json(&fields.accounts.0))?,
            user_types: BadColumn::name(
                "users.user_types",
                documents::user_types_from_json(&fields.user_types.0),
            )?,
            played_games: BadColumn::name(
                "users.played_games",
                documents::games_from_json(&fields.played_games.0),
            )?,
            favorites: BadColumn::name(
                "users.favorites",
                documents::favorites_from_json(&fields.favorites.0),
            )?,
            version: fields.version,
            last_login: Some(row.last_login_at.into()).filter(|at| *at != Timestamp::default()),
            created_at: fields.created_at.into(),
            updated_at: fields.updated_at.into(),
        })
    }
}

/// The accounts of rows, in their order.
pub fn users(rows: Vec<UserRow>) -> Result<Vec<User>, BadColumn> {
    rows.into_iter().map(User::try_from).collect()
}

fn profile(fields: &UserFields) -> Result<Profile, BadColumn> {
    Ok(Profile {
        fullname: BadColumn::name("users.fullname", text(fields.fullname.as_deref()))?,
        gender: BadColumn::name("users.gender", text(fields.gender.as_deref()))?,
        city: BadColumn::name("users.city", text(fields.city.as_deref()))?,
    })
}

fn text<const MAX: usize>(written: Option<&str>) -> Result<Option<Text<MAX>>, TextError> {
    written.map(Text::parse).transpose()
}

/// The column `last_login_at`, where the first moment of 1970 is never.
pub fn last_login_at(last_login: Option<Timestamp>) -> Time {
    last_login.unwrap_or_default().into()
}

/// The column `password_scheme`.
fn scheme_name(scheme: HashScheme) -> &'static str {
    match scheme {
        HashScheme::Peppered => "peppered",
        HashScheme::Imported => "imported",
    }
}

fn scheme_called(name: &str) -> Result<HashScheme, &'static str> {
    [HashScheme::Peppered, HashScheme::Imported]
        .into_iter()
        .find(|scheme| scheme_name(*scheme) == name)
        .ok_or("an unknown scheme")
}
