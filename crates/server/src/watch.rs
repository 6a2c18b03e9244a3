//! An embedded database that a command changes beside the service: who serves notices within a moment, and the command
//! waits until then.
//!
//! The service believes what it remembers only for a second from when it has begun to look whether anybody else has
//! written to the file, and looks more often than that. A command that has changed an account waits for longer: then
//! nobody believes any more what was so before.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use doorward_domain::port::{Revocations, Revoked, Stamp, Standing, StoreError};
use doorward_domain::token::Claims;
use doorward_domain::user::UserId;
use doorward_memory::{LEASE, Lease, MemoryRevocations};
use doorward_sqlite::SqliteStore;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::ownership::Ownership;

/// How often it is looked for what others have written.
const EVERY: Duration = Duration::from_millis(250);

/// How much longer than the lease a change is waited for: clocks of one machine do not differ, but they may be read late.
const MORE: Duration = Duration::from_millis(100);

/// Looks for what others write, until it is dropped.
pub(crate) struct Watch(JoinHandle<()>);

impl Watch {
    /// Looks at once, and then again and again.
    pub(crate) fn begin(file: SqliteStore, revocations: Arc<MemoryRevocations>, lease: Arc<Lease>) -> Self {
        Self(tokio::spawn(async move {
            loop {
                let begun = Instant::now();
                match file.others_wrote().await {
                    Ok(true) => {
                        revocations.distrust();
                        lease.renew(begun);
                    }
                    Ok(false) => lease.renew(begun),
                    // Nothing is believed until it can be looked again; requests tell of the trouble.
                    Err(error) => {
                        let error: &dyn std::error::Error = &error;
                        tracing::debug!(error, "it cannot be seen whether others write");
                    }
                }
                sleep(EVERY).await;
            }
        }))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a service in another process remembers of the file.
pub(crate) struct Elsewhere(PathBuf);

impl Elsewhere {
    /// Of this file.
    pub(crate) fn new(database: PathBuf) -> Self {
        Self(database)
    }
}

#[async_trait]
impl Revocations for Elsewhere {
    async fn find(&self, _: &Claims) -> Standing {
        Standing::Unknown(None)
    }

    async fn confirm(&self, _: &Claims, _: Stamp) {}

    async fn changed(&self, _: UserId, _: &[Revoked]) -> Result<Option<Stamp>, StoreError> {
        if Ownership::is_held(&self.0) {
            sleep(LEASE + MORE).await;
        }
        Ok(None)
    }
}
