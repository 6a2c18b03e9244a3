//! `Archive` on `SQLite`.

use async_trait::async_trait;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::audit::{AuditEntry, AuditId};
use doorward_domain::port::{Archive, StoreError};
use doorward_domain::token::{Session, SessionId};
use doorward_domain::user::{User, UserId};
use doorward_sql::columns::Id;
use doorward_sql::rows::{self, AddressRow, AuditRow, SessionRow, UserRow};
use doorward_sql::schema::{audit_log, sessions, unfinished_transfers, user_addresses, users};
use doorward_sql::{Abort, no_transfer};

use crate::store::SqliteStore;
use crate::writing;

#[async_trait]
impl Archive for SqliteStore {
    async fn users_after(&self, after: Option<UserId>, limit: usize) -> Result<Vec<User>, StoreError> {
        self.walk(move |connection| {
            let mut some = users::table.select(UserRow::as_select()).order(users::id).into_boxed();
            if let Some(after) = after {
                some = some.filter(users::id.gt(Id::from(after)));
            }
            Ok(rows::users(some.limit(i64::try_from(limit).unwrap_or(i64::MAX)).load(connection)?)?)
        })
        .await
    }

    async fn sessions_after(
        &self,
        after: Option<SessionId>,
        limit: usize,
    ) -> Result<Vec<Session>, StoreError> {
        self.walk(move |connection| {
            let mut some = sessions::table.select(SessionRow::as_select()).order(sessions::id).into_boxed();
            if let Some(after) = after {
                some = some.filter(sessions::id.gt(Id::from(after)));
            }
            Ok(rows::sessions(some.limit(i64::try_from(limit).unwrap_or(i64::MAX)).load(connection)?)?)
        })
        .await
    }

    async fn audit_after(&self, after: Option<AuditId>, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        self.walk(move |connection| {
            let mut some = audit_log::table.select(AuditRow::as_select()).order(audit_log::id).into_boxed();
            if let Some(after) = after {
                some = some.filter(audit_log::id.gt(Id::from(after)));
            }
            let some = some.limit(i64::try_from(limit).unwrap_or(i64::MAX));
            Ok(rows::audit_entries(some.load(connection)?))
        })
        .await
    }

    /// An address that is somebody else's makes the primary key refuse all of it.
    async fn add_users(&self, users: &[User]) -> Result<(), StoreError> {
        let users = users.to_vec();
        self.write(move |connection| {
            require_begun(connection)?;
            for user in &users {
                let add = diesel::insert_into(users::table).values(UserRow::try_from(user)?);
                if add.on_conflict(users::id).do_nothing().execute(connection)? == 1 {
                    for row in AddressRow::all_of(user) {
                        diesel::insert_into(user_addresses::table).values(row).execute(connection)?;
                    }
                }
            }
            Ok(())
        })
        .await
    }

    async fn add_sessions(&self, sessions: &[Session]) -> Result<(), StoreError> {
        let sessions = sessions.to_vec();
        self.write(move |connection| {
            require_begun(connection)?;
            for session in &sessions {
                let add = diesel::insert_into(sessions::table).values(SessionRow::from(session));
                add.on_conflict(sessions::id).do_nothing().execute(connection)?;
            }
            Ok(())
        })
        .await
    }

    async fn add_audit(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        let entries = entries.to_vec();
        self.write(move |connection| {
            require_begun(connection)?;
            Ok(writing::record(connection, &entries)?)
        })
        .await
    }

    async fn remove_users(&self, users: &[UserId]) -> Result<(), StoreError> {
        let users = users.to_vec();
        self.write(move |connection| {
            require_begun(connection)?;
            for id in users {
                diesel::delete(users::table.find(Id::from(id))).execute(connection)?;
            }
            Ok(())
        })
        .await
    }

    async fn remove_sessions(&self, sessions: &[SessionId]) -> Result<(), StoreError> {
        let sessions = sessions.to_vec();
        self.write(move |connection| {
            require_begun(connection)?;
            for id in sessions {
                diesel::delete(sessions::table.find(Id::from(id))).execute(connection)?;
            }
            Ok(())
        })
        .await
    }

    async fn remove_audit(&self, entries: &[AuditId]) -> Result<(), StoreError> {
        let entries = entries.to_vec();
        self.write(move |connection| {
            require_begun(connection)?;
            for id in entries {
                diesel::delete(audit_log::table.find(Id::from(id))).execute(connection)?;
            }
            Ok(())
        })
        .await
    }

    async fn unfinished_transfer(&self) -> Result<Option<String>, StoreError> {
        self.look_up(|connection| {
            let source = unfinished_transfers::table.select(unfinished_transfers::source);
            Ok(source.get_result(connection).optional()?)
        })
        .await
    }

    async fn begin_transfer(&self, source: &str) -> Result<(), StoreError> {
        let source = source.to_owned();
        self.write(move |connection| {
            if !has_begun(connection)? {
                let from = unfinished_transfers::source.eq(source);
                diesel::insert_into(unfinished_transfers::table).values(from).execute(connection)?;
            }
            Ok(())
        })
        .await
    }

    async fn finish_transfer(&self) -> Result<(), StoreError> {
        self.write(|connection| {
            diesel::delete(unfinished_transfers::table).execute(connection)?;
            Ok(())
        })
        .await
    }
}

fn has_begun(connection: &mut SqliteConnection) -> QueryResult<bool> {
    let begun = exists(unfinished_transfers::table.select(unfinished_transfers::source));
    diesel::select(begun).get_result(connection)
}

fn require_begun(connection: &mut SqliteConnection) -> Result<(), Abort<StoreError>> {
    if has_begun(connection)? {
        return Ok(());
    }
    Err(Abort::Refused(no_transfer()))
}
