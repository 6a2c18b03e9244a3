//! Many rows of `users`, a list a column: what `UNNEST` takes.

use doorward_domain::user::User;

use super::{AddressRow, UserRow};
use crate::columns::{Id, Time};
use crate::error::BadColumn;

/// The rows of accounts, in their order. The fields are the columns; documents are text.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct UserColumns {
    pub id: Vec<Id>,
    pub username: Vec<String>,
    pub username_norm: Vec<String>,
    pub email: Vec<String>,
    pub email_norm: Vec<String>,
    pub password_hash: Vec<String>,
    pub password_scheme: Vec<String>,
    pub role: Vec<String>,
    pub active: Vec<bool>,
    pub default_user_type: Vec<Option<String>>,
    pub has_profile: Vec<bool>,
    pub fullname: Vec<Option<String>>,
    pub fullname_search: Vec<Option<String>>,
    pub gender: Vec<Option<String>>,
    pub city: Vec<Option<String>>,
    pub accounts: Vec<String>,
    pub user_types: Vec<String>,
    pub played_games: Vec<String>,
    pub favorites: Vec<String>,
    pub version: Vec<i64>,
    pub last_login_at: Vec<Time>,
    pub created_at: Vec<Time>,
    pub updated_at: Vec<Time>,
}

/// The rows of their addresses, likewise.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct AddressColumns {
    pub address_norm: Vec<String>,
    pub user_id: Vec<Id>,
}

impl UserColumns {
    /// The rows of these.
    pub fn of<'a>(users: impl IntoIterator<Item = &'a User>) -> Result<Self, BadColumn> {
        let mut columns = Self::default();
        for user in users {
            columns.push(user.try_into()?);
        }
        Ok(columns)
    }

    fn push(&mut self, row: UserRow) {
        let UserRow { id, password_hash, password_scheme, last_login_at, fields } = row;
        self.id.push(id);
        self.password_hash.push(password_hash);
        self.password_scheme.push(password_scheme);
        self.last_login_at.push(last_login_at);
        self.username.push(fields.username);
        self.username_norm.push(fields.username_norm);
        self.email.push(fields.email);
        self.email_norm.push(fields.email_norm);
        self.role.push(fields.role);
        self.active.push(fields.active);
        self.default_user_type.push(fields.default_user_type);
        self.has_profile.push(fields.has_profile);
        self.fullname.push(fields.fullname);
        self.fullname_search.push(fields.fullname_search);
        self.gender.push(fields.gender);
        self.city.push(fields.city);
        self.accounts.push(fields.accounts.0);
        self.user_types.push(fields.user_types.0);
        self.played_games.push(fields.played_games.0);
        self.favorites.push(fields.favorites.0);
        self.version.push(fields.version);
        self.created_at.push(fields.created_at);
        self.updated_at.push(fields.updated_at);
    }
}

impl AddressColumns {
    /// The addresses of these.
    pub fn of<'a>(users: impl IntoIterator<Item = &'a User>) -> Self {
        let mut columns = Self::default();
        for user in users {
            for row in AddressRow::all_of(user) {
                columns.address_norm.push(row.address().to_owned());
                columns.user_id.push(user.id.into());
            }
        }
        columns
    }
}
