//! `UserRepository` on `CockroachDB` and `PostgreSQL`.

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
use doorward_sql::steps;
use futures_util::FutureExt;

use crate::operation::Operation;
use crate::store::CockroachStore;

#[async_trait]
impl UserRepository for CockroachStore {
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.read(Operation::FindUser, &id, |connection, id| find::find(connection, *id).boxed()).await
    }

    async fn find_by_address(&self, address: &Email) -> Result<Option<User>, StoreError> {
        self.read(Operation::FindUserByAddress, address, |connection, address| {
            find::find_by_address(connection, address).boxed()
        })
        .await
    }

    async fn insert(&self, user: &User, entries: &[AuditEntry]) -> Result<(), InsertUserError> {
        self.write(Operation::InsertUser, user.id, &(user, entries), |transaction, (user, entries), _| {
            steps::insert(transaction, user, entries).boxed()
        })
        .await
    }

    async fn update(&self, user: &User, deed: &Deed) -> Result<(), UpdateUserError> {
        self.write(Operation::UpdateUser, user.id, &(user, deed), |transaction, (user, deed), tries| {
            steps::update(transaction, user, deed, tries).boxed()
        })
        .await
    }

    async fn change_password(&self, change: &PasswordChange) -> Result<PasswordChanged, StoreError> {
        self.write(Operation::ChangePassword, change.user_id, change, |transaction, change, _| {
            steps::change_password(transaction, change).boxed()
        })
        .await
    }

    async fn set_password(&self, new: &NewPassword) -> Result<Option<Vec<SessionId>>, StoreError> {
        self.write(Operation::SetPassword, new.user_id, new, |transaction, new, _| {
            steps::set_password(transaction, new).boxed()
        })
        .await
    }

    async fn delete_with_sessions(&self, id: UserId, deed: &Deed) -> Result<(), DeleteUserError> {
        self.write(Operation::DeleteUser, id, &(id, deed), |transaction, (id, deed), tries| {
            steps::delete(transaction, *id, deed, tries).boxed()
        })
        .await
    }

    async fn list(&self, query: &UserQuery) -> Result<Vec<Arc<KeptDocument>>, StoreError> {
        let read = async || {
            let _place = self.list_place().await?;
            self.read(Operation::ListUsers, &(query, self.kept()), |connection, (query, kept)| {
                list::page(connection, query, kept).boxed()
            })
            .await
        };
        self.asked().pages.ask(query, read).await
    }

    async fn count(&self, filter: &UserFilter) -> Result<u64, StoreError> {
        let read = async || {
            let _place = self.list_place().await?;
            self.read(Operation::CountUsers, filter, |connection, filter| {
                list::count(connection, filter).boxed()
            })
            .await
        };
        self.asked().counts.ask(filter, read).await
    }
}
