//! Carrying migrations out, one process at a time.

use std::time::Duration;

use diesel::migration::MigrationConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use doorward_sql::{Extent, SchemaStatus};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep};

use super::lease::{self, Asked};
use super::{MigrateError, known, noted};
use crate::connect::PooledConnection;
use crate::store::CockroachStore;

/// A third of what the lease lasts.
const RENEWED_EVERY: Duration = Duration::from_secs(20);
/// How often somebody who waits asks whether the other one is done.
const ASKED_EVERY: Duration = Duration::from_millis(500);

/// What is told while migrations are carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Somebody else is at it, and is waited for.
    WaitingFor(String),
    /// This one begins.
    Begun(String),
}

impl CockroachStore {
    /// Carries out every migration that is missing, and answers their names. Many processes may do this at once: one
    /// does, the others wait for `patience` and find nothing left to do. `owner` names this process, unlike any other.
    pub async fn migrate(
        &self,
        owner: &str,
        patience: Duration,
        tell: impl FnMut(Progress),
    ) -> Result<Vec<String>, MigrateError> {
        self.migrate_as_far_as(Extent::Everything, owner, patience, tell).await
    }

    /// The same for a part of the migrations.
    pub async fn migrate_as_far_as(
        &self,
        extent: Extent,
        owner: &str,
        patience: Duration,
        mut tell: impl FnMut(Progress),
    ) -> Result<Vec<String>, MigrateError> {
        let status = self.schema_status().await?;
        refuse_newer(&status, extent)?;
        if status.to_do(extent).next().is_none() {
            return Ok(Vec::new());
        }
        lease::prepare(self).await?;
        self.wait_for_lease(owner, patience, &mut tell).await?;
        let renewing = Renewing::start(self.clone(), owner.to_owned());
        let outcome = self.carry_out(extent, owner, &mut tell).await;
        drop(renewing);
        let released = lease::release(self, owner).await;
        let names = outcome?;
        released?;
        Ok(names)
    }

    /// Gives back what is left of a [`CockroachStore::migrate`] that was dropped, so that nobody has to wait until its
    /// lease ends. A statement that it began may go on in its thread, until no connection is in use any more.
    pub async fn release_migrations(&self, owner: &str) -> Result<(), doorward_domain::port::StoreError> {
        lease::release(self, owner).await
    }

    async fn wait_for_lease(
        &self,
        owner: &str,
        patience: Duration,
        tell: &mut impl FnMut(Progress),
    ) -> Result<(), MigrateError> {
        let over = Instant::now() + patience;
        let mut told = false;
        while let Asked::Theirs(other) = lease::take(self, owner).await? {
            if Instant::now() >= over {
                return Err(MigrateError::Busy { owner: other });
            }
            if !told {
                tell(Progress::WaitingFor(other));
                told = true;
            }
            sleep(ASKED_EVERY).await;
        }
        Ok(())
    }

    async fn carry_out(
        &self,
        extent: Extent,
        owner: &str,
        tell: &mut impl FnMut(Progress),
    ) -> Result<Vec<String>, MigrateError> {
        let mut done = Vec::new();
        loop {
            // Whoever was held up for longer than the lease lasts must not go on beside its next owner; and when that one
            // is through, what it did is not to be done again.
            if lease::take(self, owner).await? != Asked::Ours {
                return Err(MigrateError::LostLease);
            }
            let status = self.schema_status().await?;
            refuse_newer(&status, extent)?;
            let Some(name) = status.to_do(extent).next().map(str::to_owned) else {
                return Ok(done);
            };
            tell(Progress::Begun(name.clone()));
            run(self.pool().get().await?, name.clone()).await?;
            noted::wait_for(self, &name).await?;
            noted::note(self, &name).await?;
            done.push(name);
        }
    }
}

fn refuse_newer(status: &SchemaStatus, extent: Extent) -> Result<(), MigrateError> {
    match status.obstacle(extent) {
        None => Ok(()),
        Some(found) => Err(MigrateError::Newer { found: found.to_owned() }),
    }
}

/// Runs the statement of a migration. diesel's migrations block: they get a thread.
async fn run(connection: PooledConnection, name: String) -> Result<(), MigrateError> {
    spawn_blocking(move || {
        let migrations = known().map_err(MigrateError::Embedded)?;
        let Some(migration) = migrations.iter().find(|migration| migration.name().to_string() == name) else {
            return Ok(());
        };
        let mut connection = AsyncConnectionWrapper::<PooledConnection>::from(connection);
        // The table in which it is noted may not be there yet.
        let done = connection.setup().map_err(Into::into).and_then(|_| migration.run(&mut connection));
        done.map_err(|source| MigrateError::Failed { name, source })
    })
    .await?
}

/// Keeps the lease while a migration takes its time, until it is dropped.
struct Renewing(JoinHandle<()>);

impl Renewing {
    fn start(store: CockroachStore, owner: String) -> Self {
        Self(tokio::spawn(async move {
            loop {
                sleep(RENEWED_EVERY).await;
                if let Err(error) = lease::take(&store, &owner).await {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "the lease on the migrations was not renewed");
                }
            }
        }))
    }
}

impl Drop for Renewing {
    fn drop(&mut self) {
        self.0.abort();
    }
}
