//! `UserRepository` on `SQLite`.

mod find;
mod list;

use std::sync::Arc;

use async_trait::async_trait;
use doorward_domain::audit::{AuditEntry, Deed};
use doorward_domain::port::{
    DeleteUserError, InsertUserError, NewPassword, PasswordChange, PasswordChanged, StoreError,
    UpdateUserError, UserFilter, UserQuery, UserRepository,
};
use doorward_domain::token::SessionId;
use doorward_domain::user::{Email, KeptDocument, User, UserId};
use doorward_sql::steps::{self, Try};

pub(crate) use find::find;

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

    async fn insert(&self, user: &User, entries: &[AuditEntry]) -> Result<(), InsertUserError> {
        let (user, entries) = (user.clone(), entries.to_vec());
        self.step(async move |mut transaction| steps::insert(&mut transaction, &user, &entries).await).await
    }

    async fn update(&self, user: &User, deed: &Deed) -> Result<(), UpdateUserError> {
        let (user, deed) = (user.clone(), deed.clone());
        self.step(async move |mut transaction| {
            steps::update(&mut transaction, &user, &deed, Try::First).await
        })
        .await
    }

    async fn change_password(&self, change: &PasswordChange) -> Result<PasswordChanged, StoreError> {
        let change = change.clone();
        self.step(async move |mut transaction| steps::change_password(&mut transaction, &change).await).await
    }

    async fn set_password(&self, new: &NewPassword) -> Result<Option<Vec<SessionId>>, StoreError> {
        let new = new.clone();
        self.step(async move |mut transaction| steps::set_password(&mut transaction, &new).await).await
    }

    async fn delete_with_sessions(&self, id: UserId, deed: &Deed) -> Result<(), DeleteUserError> {
        let deed = deed.clone();
        self.step(async move |mut transaction| steps::delete(&mut transaction, id, &deed, Try::First).await)
            .await
    }

    async fn list(&self, query: &UserQuery) -> Result<Vec<Arc<KeptDocument>>, StoreError> {
        let read = async || {
            let (query, kept) = (query.clone(), self.kept());
            self.walk(move |connection| list::page(connection, &query, &kept)).await
        };
        self.asked().pages.ask(query, read).await
    }

    async fn count(&self, filter: &UserFilter) -> Result<u64, StoreError> {
        let read = async || {
            let filter = filter.clone();
            self.walk(move |connection| list::count(connection, &filter)).await
        };
        self.asked().counts.ask(filter, read).await
    }
}
