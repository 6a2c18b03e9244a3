//! `UserDocuments` in Redis: database 1, the seed's documents under the addresses of their accounts.

#[cfg(test)]
mod fuzzing;
mod layered;
mod record;
#[cfg(test)]
mod tests;

pub use layered::LayeredDocuments;

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use deadpool_redis::redis::{self, Script};
use doorward_domain::port::{Stamp, UserDocuments};
use doorward_domain::user::{KeptDocument, UserDocument, UserId};

use crate::keyspace::Keyspace;
use crate::lanes::{Lane, LaneError, Lanes};
use record::Record;

/// How long a document is kept that nobody changes: an hour, and up to a tenth more or less, so that those kept at once
/// do not all go at once.
const SECONDS: u64 = 60 * 60;

/// Stands in the place of the address when the account was deleted, for longer than any document could.
const DELETED: &str = "deleted";
const DELETED_SECONDS: u64 = 2 * SECONDS;

/// Documents of accounts, in Redis.
pub struct RedisDocuments {
    lanes: Lanes,
    keyspace: Keyspace,
    keep: Script,
    delete: Script,
}

impl RedisDocuments {
    pub(crate) fn new(lanes: Lanes) -> Self {
        Self {
            keyspace: lanes.connector().keyspace(),
            lanes,
            keep: Script::new(include_str!("keep.lua")),
            delete: Script::new(include_str!("delete.lua")),
        }
    }

    /// Whether its server answers.
    pub(crate) async fn ping(&self) -> Result<(), LaneError> {
        let lane = self.lanes.ready().await?;
        Ok(lane.query(&redis::cmd("PING")).await?)
    }

    async fn find_there(&self, id: UserId, stamp: Stamp) -> Result<Option<UserDocument>, LaneError> {
        let Some(lane) = self.lanes.at_once() else { return Ok(None) };
        let Some(address) = self.address(&lane, id).await? else { return Ok(None) };
        let key = self.keyspace.document(&address);
        let found: Option<Vec<u8>> = lane.query(redis::cmd("GET").arg(key)).await?;
        Ok(found.and_then(|found| {
            let document = Record::read(&found, stamp);
            document.filter(|document| document.id == id)
        }))
    }

    async fn keep_there(&self, document: &UserDocument, stamp: Stamp) -> Result<(), LaneError> {
        let Some(text) = Record::write(document, stamp) else { return Ok(()) };
        let lane = self.lanes.ready().await?;
        let id = document.id.to_string();
        let address = document.email.normal();
        match self.address(&lane, document.id).await? {
            Some(old) if old == DELETED => return Ok(()),
            // This one is of before the account moved.
            Some(old) if old != address && !self.delete_at(&lane, &old, &id, document.version).await? => {
                return Ok(());
            }
            _ => {}
        }
        let mut keep = self.keep.prepare_invoke();
        let seconds = lifetime(stamp);
        keep.key(self.keyspace.document(address)).arg(document.version).arg(id).arg(text).arg(seconds);
        let kept: u8 =
            keep.invoke_async(&mut lane.connection()).await.inspect_err(|error| lane.judge(error))?;
        if kept == 1 && self.note(&lane, document.id, address, seconds).await?.as_deref() == Some(DELETED) {
            // The account was deleted while this was on its way.
            self.forget(&lane, document.id).await?;
        }
        Ok(())
    }

    async fn delete_there(&self, id: UserId) -> Result<(), LaneError> {
        let lane = self.lanes.ready().await?;
        self.forget(&lane, id).await
    }

    /// Removes the document of an account. Whoever was about to keep one notices, before or after this.
    async fn forget(&self, lane: &Lane, id: UserId) -> Result<(), LaneError> {
        if let Some(address) = self.note(lane, id, DELETED, DELETED_SECONDS).await? {
            self.delete_at(lane, &address, &id.to_string(), i64::MAX).await?;
        }
        Ok(())
    }

    /// The address under which a document of the account was kept last.
    async fn address(&self, lane: &Lane, id: UserId) -> Result<Option<String>, LaneError> {
        let found = lane.query::<Option<Vec<u8>>>(redis::cmd("GET").arg(self.keyspace.address(id))).await;
        match found {
            Ok(found) => Ok(found.and_then(|address| String::from_utf8(address).ok())),
            // Something else stands there, and gives way to the next one.
            Err(error) if error.code() == Some("WRONGTYPE") => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Notes where the document of an account is; answers what was noted before.
    async fn note(
        &self,
        lane: &Lane,
        id: UserId,
        address: &str,
        seconds: u64,
    ) -> Result<Option<String>, LaneError> {
        let mut command = redis::cmd("SET");
        command.arg(self.keyspace.address(id)).arg(address).arg("EX").arg(seconds);
        match lane.query::<Option<Vec<u8>>>(command.clone().arg("GET")).await {
            Ok(before) => Ok(before.and_then(|address| String::from_utf8(address).ok())),
            Err(error) if error.code() == Some("WRONGTYPE") => {
                lane.query::<()>(&command).await?;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// `false` where a document of the account stays there, because its version is higher than this one.
    async fn delete_at(&self, lane: &Lane, address: &str, id: &str, version: i64) -> Result<bool, LaneError> {
        let mut delete = self.delete.prepare_invoke();
        delete.key(self.keyspace.document(address)).arg(id).arg(version);
        let deleted = delete.invoke_async(&mut lane.connection()).await;
        Ok(deleted.inspect_err(|error| lane.judge(error))?)
    }
}

#[async_trait]
impl UserDocuments for RedisDocuments {
    async fn find(&self, id: UserId, stamp: Stamp) -> Option<Arc<KeptDocument>> {
        let found = self.find_there(id, stamp).await.unwrap_or_else(|error| {
            tell(&error);
            None
        });
        found.map(|document| Arc::new(document.into()))
    }

    async fn keep(&self, document: &Arc<KeptDocument>, stamp: Stamp) {
        if let Err(error) = self.keep_there(document, stamp).await {
            tell(&error);
        }
    }

    async fn delete(&self, id: UserId) {
        if let Err(error) = self.delete_there(id).await {
            tell(&error);
        }
    }
}

/// A stamp is as random as anything.
fn lifetime(stamp: Stamp) -> u64 {
    let [chance, ..] = stamp.uuid().into_bytes();
    SECONDS * 9 / 10 + SECONDS / 5 * u64::from(chance) / 255
}

fn tell(error: &LaneError) {
    tracing::debug!(error = error as &dyn Error, "the database answers for a document");
}
