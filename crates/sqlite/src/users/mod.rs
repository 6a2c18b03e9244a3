//! `UserRepository` on `SQLite`: a file a step.

mod addresses;
mod delete;
mod find;
mod insert;
mod list;
mod password;
mod update;

use async_trait::async_trait;
use doorward_domain::port::{
    DeleteUserError, InsertUserError, PasswordChange, PasswordChanged, StoreError, UpdateUserError,
    UserFilter, UserQuery, UserRepository,
};
use doorward_domain::user::{Email, User, UserId};

pub(crate) use find::find;
pub(crate) use password::keep_credentials;

use crate::store::SqliteStore;

#[async_trait]
impl UserRepository for SqliteStore {
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.look_up(move |connection| find(connection, id)).await
    }

    async fn find_by_address(&self, address: &Email) -> Result<Option<User>, StoreError> {
        let address = address.clone();
        self.look_up(move |connection| find::find_by_address(connection, &address)).await
    }

    async fn insert(&self, user: &User) -> Result<(), InsertUserError> {
        let user = user.clone();
        self.write(move |connection| insert::insert(connection, &user)).await
    }

    async fn update(&self, user: &User) -> Result<(), UpdateUserError> {
        let user = user.clone();
        self.write(move |connection| update::update(connection, &user)).await
    }

    async fn change_password(&self, change: &PasswordChange) -> Result<PasswordChanged, StoreError> {
        let change = change.clone();
        self.write(move |connection| password::change(connection, &change)).await
    }

    async fn delete_with_sessions(&self, id: UserId) -> Result<(), DeleteUserError> {
        self.write(move |connection| delete::delete(connection, id)).await
    }

    async fn list(&self, query: &UserQuery) -> Result<Vec<User>, StoreError> {
        let query = query.clone();
        self.walk(move |connection| list::page(connection, &query)).await
    }

    async fn count(&self, filter: &UserFilter) -> Result<u64, StoreError> {
        let filter = filter.clone();
        self.walk(move |connection| list::count(connection, &filter)).await
    }
}
