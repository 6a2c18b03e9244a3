//! A row of `users`, without its generated columns.

use diesel::prelude::*;
use doorward_domain::Timestamp;
use doorward_domain::user::{Email, HashScheme, PasswordHash, Profile, Text, TextError, User};

use super::{Id, column, documents};
use crate::error::BadColumn;
use crate::schema::users;

/// An account as it stands in the file.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = users, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct UserRow {
    id: Id,
    password_hash: String,
    password_scheme: String,
    last_login_at: i64,
    #[diesel(embed)]
    pub(crate) fields: UserFields,
}

/// What an update replaces: everything but the identifier, the password and the last login.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct UserFields {
    username: String,
    username_norm: String,
    email: String,
    email_norm: String,
    role: String,
    active: bool,
    default_user_type: Option<String>,
    has_profile: bool,
    fullname: Option<String>,
    fullname_search: Option<String>,
    gender: Option<String>,
    city: Option<String>,
    accounts: String,
    user_types: String,
    played_games: String,
    favorites: String,
    version: i64,
    created_at: i64,
    updated_at: i64,
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
            accounts: column("users.accounts", documents::accounts_to_json(user.accounts))?,
            user_types: column("users.user_types", documents::user_types_to_json(&user.user_types))?,
            played_games: column("users.played_games", documents::games_to_json(&user.played_games))?,
            favorites: column("users.favorites", documents::favorites_to_json(&user.favorites))?,
            version: user.version,
            created_at: user.created_at.millis(),
            updated_at: user.updated_at.millis(),
        })
    }
}

impl TryFrom<UserRow> for User {
    type Error = BadColumn;

    fn try_from(row: UserRow) -> Result<Self, BadColumn> {
        let fields = row.fields;
        let scheme = column("users.password_scheme", scheme_called(&row.password_scheme))?;
        let default_user_type = fields.default_user_type.as_deref().map(str::parse).transpose();
        Ok(Self {
            id: row.id.into(),
            username: column("users.username", Email::parse(&fields.username))?,
            email: column("users.email", Email::parse(&fields.email))?,
            password: PasswordHash::new(scheme, row.password_hash),
            role: column("users.role", fields.role.parse())?,
            active: fields.active,
            default_user_type: column("users.default_user_type", default_user_type)?,
            profile: fields.has_profile.then(|| profile(&fields)).transpose()?,
            accounts: column("users.accounts", documents::accounts_from_json(&fields.accounts))?,
            user_types: column("users.user_types", documents::user_types_from_json(&fields.user_types))?,
            played_games: column("users.played_games", documents::games_from_json(&fields.played_games))?,
            favorites: column("users.favorites", documents::favorites_from_json(&fields.favorites))?,
            version: fields.version,
            last_login: Some(row.last_login_at).filter(|at| *at != 0).map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(fields.created_at),
            updated_at: Timestamp::from_millis(fields.updated_at),
        })
    }
}

fn profile(fields: &UserFields) -> Result<Profile, BadColumn> {
    Ok(Profile {
        fullname: column("users.fullname", text(fields.fullname.as_deref()))?,
        gender: column("users.gender", text(fields.gender.as_deref()))?,
        city: column("users.city", text(fields.city.as_deref()))?,
    })
}

fn text<const MAX: usize>(written: Option<&str>) -> Result<Option<Text<MAX>>, TextError> {
    written.map(Text::parse).transpose()
}

/// The column `last_login_at`, where 0 is never.
pub(crate) fn last_login_at(last_login: Option<Timestamp>) -> i64 {
    last_login.map_or(0, Timestamp::millis)
}

/// The column `password_scheme`.
pub(crate) fn scheme_name(scheme: HashScheme) -> &'static str {
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
