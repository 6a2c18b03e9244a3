//! Taking everything from one store to another: accounts, sessions, the audit log, and the fingerprints of what is in
//! files.
//!
//! Nothing is remembered between two runs but that the target is unfinished. Each run first removes from the target
//! what the source does not have like that, then adds what is missing, then compares both: so a run that was
//! interrupted is finished by the next one, and so is one whose source changed meanwhile.

mod add;
mod encoding;
mod error;
mod observer;
mod remove;
mod row;
#[cfg(test)]
mod tests;
mod verify;

pub(crate) use error::TransferError;
pub(crate) use observer::{Observer, Pass, Step};
pub(crate) use row::Kind;
pub(crate) use verify::Content;

use doorward_domain::audit::AuditEntry;
use doorward_domain::port::{Archive, KeyRegistry, StoreError};
use doorward_domain::token::Session;
use doorward_domain::user::User;

/// How many rows are read, compared and written together. Memory holds a few such batches, however much there is.
const BATCH: usize = 500;

/// One of the two stores.
#[derive(Clone, Copy)]
pub(crate) struct End<'a> {
    /// Where it is, without secrets; the same whenever it is asked.
    pub(crate) name: &'a str,
    /// What it has.
    pub(crate) archive: &'a dyn Archive,
    /// The fingerprints that it knows.
    pub(crate) keys: &'a dyn KeyRegistry,
}

/// From where to where.
#[derive(Clone, Copy)]
pub(crate) struct Transfer<'a> {
    /// Where everything is. It is only read.
    pub(crate) source: End<'a>,
    /// Where everything shall be: empty, or left unfinished by a transfer from the same source.
    pub(crate) target: End<'a>,
    /// Who follows it.
    pub(crate) observer: &'a dyn Observer,
}

impl Transfer<'_> {
    /// Takes everything along, and answers what both have in the end.
    pub(crate) async fn carry_out(&self) -> Result<Content, TransferError> {
        self.begin().await?;
        remove::unlike::<User>(self).await?;
        remove::unlike::<Session>(self).await?;
        remove::unlike::<AuditEntry>(self).await?;
        add::missing::<User>(self).await?;
        add::missing::<Session>(self).await?;
        add::missing::<AuditEntry>(self).await?;
        let registered = self.source.keys.registered().await.map_err(|error| self.unread(error))?;
        self.target.keys.register(&registered).await.map_err(|error| self.unwritten(error))?;
        let content = verify::both(self).await?;
        self.target.archive.finish_transfer().await.map_err(|error| self.unwritten(error))?;
        Ok(content)
    }

    /// Nothing is ever overwritten: what the target has may only come from this source.
    async fn begin(&self) -> Result<(), TransferError> {
        let Self { source, target, .. } = self;
        if source.archive.unfinished_transfer().await.map_err(|error| self.unread(error))?.is_some() {
            return Err(TransferError::SourceUnfinished { source_name: source.name.to_owned() });
        }
        if self.unfinished().await?.is_none() {
            self.require_empty().await?;
            target.archive.begin_transfer(source.name).await.map_err(|error| self.unwritten(error))?;
            // A service may be at work there, which has just opened its first account.
            if let Err(used) = self.require_empty().await {
                target.archive.finish_transfer().await.map_err(|error| self.unwritten(error))?;
                return Err(used);
            }
        }
        // Somebody else may have begun at the same moment.
        match self.unfinished().await? {
            Some(from) if from == source.name => Ok(()),
            Some(from) => Err(TransferError::TargetUnfinished { target: target.name.to_owned(), from }),
            None => Err(TransferError::TargetUsed { target: target.name.to_owned() }),
        }
    }

    async fn require_empty(&self) -> Result<(), TransferError> {
        let target = self.target;
        let anybody = target.archive.users_after(None, 1).await.map_err(|error| self.unwritten(error))?;
        let anything = target.archive.audit_after(None, 1).await.map_err(|error| self.unwritten(error))?;
        if anybody.is_empty() && anything.is_empty() {
            Ok(())
        } else {
            Err(TransferError::TargetUsed { target: target.name.to_owned() })
        }
    }

    async fn unfinished(&self) -> Result<Option<String>, TransferError> {
        self.target.archive.unfinished_transfer().await.map_err(|error| self.unwritten(error))
    }

    /// Between two batches.
    fn go_on(&self) -> Result<(), TransferError> {
        if self.observer.wants_to_stop() { Err(TransferError::Stopped) } else { Ok(()) }
    }

    fn unread(&self, error: StoreError) -> TransferError {
        TransferError::Source { source_name: self.source.name.to_owned(), error }
    }

    fn unwritten(&self, error: StoreError) -> TransferError {
        TransferError::Target { target: self.target.name.to_owned(), error }
    }
}
