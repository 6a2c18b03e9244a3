//! What a migration made, and the note that it did.
//!
//! `CockroachDB` may answer before an index is built, to whoever finds that somebody else has begun it. A migration is
//! called like what it makes, or takes away, so that this can be looked for before it is noted.

use std::time::Duration;

use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;
use doorward_domain::port::StoreError;
use doorward_sql::MigrationKind;
use doorward_sql::columns::Id;
use futures_util::FutureExt;
use tokio::time::sleep;

use super::MigrateError;
use crate::operation::Operation;
use crate::store::CockroachStore;

/// Indexes that are not complete are in neither list.
const MADE: &str = "SELECT EXISTS (SELECT 1 FROM pg_indexes \
         WHERE schemaname = current_schema() AND indexname = $1::TEXT) \
     OR EXISTS (SELECT 1 FROM information_schema.tables \
         WHERE table_schema = current_schema() AND table_name = $1::TEXT) \
     OR EXISTS (SELECT 1 FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name || '_' || column_name = $1::TEXT) AS made";
const NOTE: &str =
    "INSERT INTO __diesel_schema_migrations (version) VALUES ($1::TEXT) ON CONFLICT (version) DO NOTHING";

/// An index of a large table takes its time.
const LOOKED_FOR_EVERY: Duration = Duration::from_secs(1);
const TIMES: usize = 3_600;

#[derive(diesel::QueryableByName)]
struct Made {
    #[diesel(sql_type = Bool)]
    made: bool,
}

/// Waits until what the migration makes is there, or what it takes away is gone.
pub(super) async fn wait_for(store: &CockroachStore, migration: &str) -> Result<(), MigrateError> {
    let (_, object) = parts(migration);
    let is_wanted = MigrationKind::of(migration) != MigrationKind::Contract;
    for _ in 0..TIMES {
        if is_made(store, object).await? == is_wanted {
            return Ok(());
        }
        sleep(LOOKED_FOR_EVERY).await;
    }
    let source = format!("{object} is {} there", if is_wanted { "not" } else { "still" }).into();
    Err(MigrateError::Failed { name: migration.to_owned(), source })
}

async fn is_made(store: &CockroachStore, object: &str) -> Result<bool, StoreError> {
    store
        .read(Operation::Migrate, object, |connection, object| {
            let look = diesel::sql_query(MADE).bind::<Text, _>(object);
            async move {
                let Made { made } = look.get_result(connection).await?;
                Ok(made)
            }
            .boxed()
        })
        .await
}

/// Notes that the migration was carried out, where diesel looks for it.
pub(super) async fn note(store: &CockroachStore, migration: &str) -> Result<(), StoreError> {
    let (version, _) = parts(migration);
    store
        .write(Operation::Migrate, Id::NIL, version, |transaction, version, _| {
            let note = diesel::sql_query(NOTE).bind::<Text, _>(version);
            async move {
                note.execute(transaction.connection()).await?;
                Ok(())
            }
            .boxed()
        })
        .await
}

/// `0001_users` is version 0001, and makes `users`; `0034expand_users_nickname` makes the column `nickname` of `users`.
fn parts(migration: &str) -> (&str, &str) {
    migration.split_once('_').unwrap_or((migration, migration))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan_tests::{connect, empty_tables};

    #[tokio::test]
    async fn what_a_migration_makes_or_takes_away_is_seen_by_its_name() {
        let Some(database) = empty_tables().await else { return };
        let store = connect(&database.url()).await;
        for (object, expected) in [
            ("users", true),
            ("audit_log_by_refusal", true),
            ("users_username", true),
            ("nobody", false),
            ("users_nickname", false),
            ("username", false),
        ] {
            assert_eq!(is_made(&store, object).await.unwrap(), expected, "{object}");
        }
        // Neither has to wait.
        wait_for(&store, "0034expand_users_username").await.unwrap();
        wait_for(&store, "0035contract_users_nickname").await.unwrap();
        note(&store, "0034expand_users_username").await.unwrap();
        assert_eq!(store.schema_status().await.unwrap().unknown, ["0034expand"]);
    }
}
