//! `UserDocuments` in Redis: database 1, the seed's documents under the addresses of their accounts.

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
use doorward_domain::user::{UserDocument, UserId};

use crate::keyspace::Keyspace;
use crate::lanes::{Lane, LaneError, Lanes};
use record::Record;

/// How long a document is kept that nobody changes: an hour, and up to a tenth more or less, so that those kept at once
/// do not all go at once.
const SECONDS: u64 = 60 * 60;

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
        let moved_from = self.address(&lane, document.id).await?.filter(|old| old != address);
        if let Some(old) = moved_from
            && !self.delete_at(&lane, &old, &id, document.version).await?
        {
            // This one is of before the account moved.
            return Ok(());
        }
        let mut keep = self.keep.prepare_invoke();
        let seconds = lifetime(stamp);
        keep.key(self.keyspace.document(address)).arg(document.version).arg(id).arg(text).arg(seconds);
        let kept: u8 =
            keep.invoke_async(&mut lane.connection()).await.inspect_err(|error| lane.judge(error))?;
        if kept == 1 {
            let pointer = self.keyspace.address(document.id);
            lane.query::<()>(redis::cmd("SET").arg(pointer).arg(address).arg("EX").arg(seconds)).await?;
        }
        Ok(())
    }

    async fn delete_there(&self, id: UserId) -> Result<(), LaneError> {
        let lane = self.lanes.ready().await?;
        if let Some(address) = self.address(&lane, id).await? {
            self.delete_at(&lane, &address, &id.to_string(), i64::MAX).await?;
        }
        Ok(lane.query(redis::cmd("DEL").arg(self.keyspace.address(id))).await?)
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
    async fn find(&self, id: UserId, stamp: Stamp) -> Option<Arc<UserDocument>> {
        let found = self.find_there(id, stamp).await.unwrap_or_else(|error| {
            tell(&error);
            None
        });
        found.map(Arc::new)
    }

    async fn keep(&self, document: &Arc<UserDocument>, stamp: Stamp) {
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
