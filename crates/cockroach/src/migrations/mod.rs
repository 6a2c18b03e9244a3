//! The migrations inside the binary, and how they are carried out.
//!
//! `CockroachDB` changes a schema outside of transactions and has no advisory locks. So each migration is one statement
//! that may run again, a row with an expiry stands in for the lock, and a migration is noted as carried out only when
//! it is: whatever is interrupted is mended by running all of it once more.

mod error;
mod lease;
mod noted;
mod run;

pub use error::MigrateError;
pub use run::Progress;

use diesel::dsl::sql;
use diesel::migration::{Migration, Result as MigrationResult};
use diesel::pg::Pg;
use diesel::sql_types::{Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use doorward_domain::port::StoreError;
use doorward_sql::{Failure, SchemaStatus, in_order};
use futures_util::FutureExt;

use crate::operation::Operation;
use crate::store::CockroachStore;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/cockroach");

impl CockroachStore {
    /// Which migrations the database has. Nothing is written.
    pub async fn schema_status(&self) -> Result<SchemaStatus, MigrateError> {
        let known = known().map_err(MigrateError::Embedded)?;
        let carried_out = self.carried_out().await?;
        Ok(SchemaStatus::compare(&known, &carried_out))
    }

    async fn carried_out(&self) -> Result<Vec<String>, StoreError> {
        self.read(Operation::Migrate, &(), |connection, ()| carried_out(connection).boxed()).await
    }
}

fn known() -> MigrationResult<Vec<Box<dyn Migration<Pg>>>> {
    in_order(&MIGRATIONS)
}

/// diesel makes its table at the first migration.
async fn carried_out(connection: &mut AsyncPgConnection) -> Result<Vec<String>, Failure> {
    let kept: bool = sql::<Bool>(
        "SELECT EXISTS (SELECT 1 FROM information_schema.tables \
         WHERE table_schema = current_schema() AND table_name = '__diesel_schema_migrations')",
    )
    .get_result(connection)
    .await?;
    if !kept {
        return Ok(Vec::new());
    }
    let versions = sql::<Text>("SELECT version FROM __diesel_schema_migrations ORDER BY version");
    Ok(versions.load(connection).await?)
}
