//! `Archive` on `CockroachDB` and `PostgreSQL`.

use async_trait::async_trait;
use diesel::QueryResult;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_domain::audit::{AuditEntry, AuditId};
use doorward_domain::port::{Archive, StoreError};
use doorward_domain::token::{Session, SessionId};
use doorward_domain::user::{User, UserId};
use doorward_sql::columns::Id;
use doorward_sql::rows::{self, AddressRow, AuditRow, SessionRow, UserRow};
use doorward_sql::schema::{audit_log, sessions, unfinished_transfers, user_addresses, users};
use doorward_sql::{Abort, BadColumn, Failure, no_transfer};
use futures_util::FutureExt;

use crate::operation::Operation;
use crate::store::CockroachStore;
use crate::writing::{Writing, only};

#[async_trait]
impl Archive for CockroachStore {
    async fn users_after(&self, after: Option<UserId>, limit: usize) -> Result<Vec<User>, StoreError> {
        self.read(Operation::Transfer, &(after, limit), |connection, (after, limit)| {
            let mut some = users::table.select(UserRow::as_select()).order(users::id).into_boxed();
            if let Some(after) = *after {
                some = some.filter(users::id.gt(Id::from(after)));
            }
            let some = some.limit(i64::try_from(*limit).unwrap_or(i64::MAX));
            async move { Ok(rows::users(some.load(connection).await?)?) }.boxed()
        })
        .await
    }

    async fn sessions_after(
        &self,
        after: Option<SessionId>,
        limit: usize,
    ) -> Result<Vec<Session>, StoreError> {
        self.read(Operation::Transfer, &(after, limit), |connection, (after, limit)| {
            let mut some = sessions::table.select(SessionRow::as_select()).order(sessions::id).into_boxed();
            if let Some(after) = *after {
                some = some.filter(sessions::id.gt(Id::from(after)));
            }
            let some = some.limit(i64::try_from(*limit).unwrap_or(i64::MAX));
            async move { Ok(rows::sessions(some.load(connection).await?)?) }.boxed()
        })
        .await
    }

    async fn audit_after(&self, after: Option<AuditId>, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        self.read(Operation::Transfer, &(after, limit), |connection, (after, limit)| {
            let mut some = audit_log::table.select(AuditRow::as_select()).order(audit_log::id).into_boxed();
            if let Some(after) = *after {
                some = some.filter(audit_log::id.gt(Id::from(after)));
            }
            let some = some.limit(i64::try_from(*limit).unwrap_or(i64::MAX));
            async move { Ok(rows::audit_entries(some.load(connection).await?)) }.boxed()
        })
        .await
    }

    async fn add_users(&self, users: &[User]) -> Result<(), StoreError> {
        self.write(Operation::Transfer, Id::NIL, users, |transaction, users, _| {
            add_users(transaction, users).boxed()
        })
        .await
    }

    async fn add_sessions(&self, sessions: &[Session]) -> Result<(), StoreError> {
        self.write(Operation::Transfer, Id::NIL, sessions, |transaction, sessions, _| {
            let rows: Vec<SessionRow> = sessions.iter().map(SessionRow::from).collect();
            async move {
                require_begun(transaction).await?;
                let add = diesel::insert_into(sessions::table).values(rows);
                add.on_conflict(sessions::id).do_nothing().execute(transaction.connection()).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    async fn add_audit(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        self.write(Operation::Transfer, Id::NIL, entries, |transaction, entries, _| {
            async move {
                require_begun(transaction).await?;
                let add = diesel::insert_into(audit_log::table).values(AuditRow::all_of(entries)?);
                add.on_conflict(audit_log::id).do_nothing().execute(transaction.connection()).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    async fn remove_users(&self, users: &[UserId]) -> Result<(), StoreError> {
        self.write(Operation::Transfer, Id::NIL, users, |transaction, users, _| {
            let ids: Vec<Id> = users.iter().copied().map(Id::from).collect();
            async move {
                require_begun(transaction).await?;
                let them = users::table.filter(users::id.eq_any(ids));
                diesel::delete(them).execute(transaction.connection()).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    async fn remove_sessions(&self, sessions: &[SessionId]) -> Result<(), StoreError> {
        self.write(Operation::Transfer, Id::NIL, sessions, |transaction, sessions, _| {
            let ids: Vec<Id> = sessions.iter().copied().map(Id::from).collect();
            async move {
                require_begun(transaction).await?;
                let them = sessions::table.filter(sessions::id.eq_any(ids));
                diesel::delete(them).execute(transaction.connection()).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    async fn remove_audit(&self, entries: &[AuditId]) -> Result<(), StoreError> {
        self.write(Operation::Transfer, Id::NIL, entries, |transaction, entries, _| {
            let ids: Vec<Id> = entries.iter().copied().map(Id::from).collect();
            async move {
                require_begun(transaction).await?;
                let them = audit_log::table.filter(audit_log::id.eq_any(ids));
                diesel::delete(them).execute(transaction.connection()).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    async fn unfinished_transfer(&self) -> Result<Option<String>, StoreError> {
        self.read(Operation::Transfer, &(), |connection, ()| {
            async move {
                let source = unfinished_transfers::table.select(unfinished_transfers::source);
                Ok(source.get_result(connection).await.optional()?)
            }
            .boxed()
        })
        .await
    }

    async fn begin_transfer(&self, source: &str) -> Result<(), StoreError> {
        self.write(Operation::Transfer, Id::NIL, source, |transaction, source, _| {
            async move {
                let connection = transaction.connection();
                if !has_begun(connection).await? {
                    let from = unfinished_transfers::source.eq(source);
                    diesel::insert_into(unfinished_transfers::table).values(from).execute(connection).await?;
                }
                Ok(())
            }
            .boxed()
        })
        .await
    }

    async fn finish_transfer(&self) -> Result<(), StoreError> {
        self.write(Operation::Transfer, Id::NIL, &(), |transaction, (), _| {
            async move {
                diesel::delete(unfinished_transfers::table).execute(transaction.connection()).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }
}

/// An address that is somebody else's makes the primary key refuse all of it.
async fn add_users(transaction: &mut Writing<'_>, users: &[User]) -> Result<(), Abort<StoreError>> {
    require_begun(transaction).await?;
    let rows: Result<Vec<UserRow>, BadColumn> = users.iter().map(UserRow::try_from).collect();
    let add = diesel::insert_into(users::table).values(rows?).on_conflict(users::id).do_nothing();
    let added: Vec<Id> =
        add.returning(users::id).get_results(transaction.connection()).await.map_err(Failure::from)?;
    let addresses: Vec<AddressRow<'_>> =
        users.iter().filter(|user| added.contains(&Id::from(user.id))).flat_map(AddressRow::all_of).collect();
    let add = diesel::insert_into(user_addresses::table).values(addresses);
    add.execute(transaction.connection()).await?;
    Ok(())
}

async fn has_begun(connection: &mut AsyncPgConnection) -> QueryResult<bool> {
    let begun = exists(unfinished_transfers::table.select(unfinished_transfers::source));
    Ok(only(diesel::select(begun).load(connection).await?) == Some(true))
}

async fn require_begun(transaction: &mut Writing<'_>) -> Result<(), Abort<StoreError>> {
    if has_begun(transaction.connection()).await? {
        return Ok(());
    }
    Err(Abort::Refused(no_transfer()))
}
