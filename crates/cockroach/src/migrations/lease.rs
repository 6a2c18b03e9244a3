//! Who may carry out migrations now: a row with an owner and an expiry, where other databases have advisory locks.

use diesel::result::Error;
use diesel::sql_types::{Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use doorward_domain::port::StoreError;
use doorward_sql::columns::Id;
use futures_util::FutureExt;

use crate::error::Trouble;
use crate::operation::Operation;
use crate::store::CockroachStore;
use crate::writing::only;

/// Made before any migration, by whoever comes first.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migration_lock (\
     id INT2 NOT NULL, owner TEXT, expires_at TIMESTAMPTZ, \
     CONSTRAINT schema_migration_lock_pkey PRIMARY KEY (id))";
const ROW: &str = "INSERT INTO schema_migration_lock (id) VALUES (1) ON CONFLICT (id) DO NOTHING";

/// The lease lasts a minute beyond its last renewal. The clock of the database counts, which all share.
const TAKE: &str = "UPDATE schema_migration_lock \
     SET owner = $1::TEXT, expires_at = now() + INTERVAL '60 seconds' \
     WHERE id = 1 AND (owner IS NULL OR owner = $1::TEXT OR expires_at < now()) RETURNING owner";
const OWNER: &str = "SELECT owner FROM schema_migration_lock WHERE id = 1";
const RELEASE: &str =
    "UPDATE schema_migration_lock SET owner = NULL, expires_at = NULL WHERE id = 1 AND owner = $1::TEXT";

/// How often two may make the table at the same moment before something else must be wrong.
const CREATIONS: usize = 8;

/// What asking for the lease led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// It is ours until it is given back, or was not renewed for a minute.
    Ours,
    /// It is this one's.
    Theirs(String),
}

#[derive(diesel::QueryableByName)]
struct Owner {
    #[diesel(sql_type = Nullable<Text>)]
    owner: Option<String>,
}

/// Makes the table. Of two that do it at once `PostgreSQL` refuses one in the middle of its catalogue; it finds the
/// table when it asks again.
pub(super) async fn prepare(store: &CockroachStore) -> Result<(), StoreError> {
    let mut outcome = Ok(());
    for _ in 0..CREATIONS {
        let mut connection = store.pool().get().await.map_err(Trouble::from)?;
        outcome = create(&mut connection).await;
        if outcome.is_ok() {
            break;
        }
    }
    Ok(outcome.map_err(Trouble::Transaction)?)
}

#[expect(clippy::disallowed_methods, reason = "a change of schema is no transaction")]
async fn create(connection: &mut AsyncPgConnection) -> Result<(), Error> {
    connection.batch_execute(TABLE).await?;
    connection.batch_execute(ROW).await
}

/// Asks for the lease, or for more of it.
pub(super) async fn take(store: &CockroachStore, owner: &str) -> Result<Asked, StoreError> {
    store
        .write(Operation::Migrate, Id::NIL, owner, |transaction, owner, _| {
            async move {
                let connection = transaction.connection();
                let taken: Vec<Owner> =
                    diesel::sql_query(TAKE).bind::<Text, _>(owner).load(connection).await?;
                if !taken.is_empty() {
                    return Ok(Asked::Ours);
                }
                let kept: Vec<Owner> = diesel::sql_query(OWNER).load(connection).await?;
                Ok(Asked::Theirs(only(kept).and_then(|kept| kept.owner).unwrap_or_default()))
            }
            .boxed()
        })
        .await
}

/// Gives the lease back.
pub(super) async fn release(store: &CockroachStore, owner: &str) -> Result<(), StoreError> {
    store
        .write(Operation::Migrate, Id::NIL, owner, |transaction, owner, _| {
            async move {
                let release = diesel::sql_query(RELEASE).bind::<Text, _>(owner);
                release.execute(transaction.connection()).await?;
                Ok(())
            }
            .boxed()
        })
        .await
}
