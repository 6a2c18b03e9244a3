//! The one thread that writes.
//!
//! It takes the job that waits longest and every other one that waits already, and carries them out in one
//! transaction, each in a savepoint of its own: one wait for the disk serves all of them, and a job that fails takes
//! back only what it did itself. Nobody is answered before the transaction is on disk.

#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use diesel::connection::{Connection, SimpleConnection, TransactionManager};
use diesel::result::Error;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::port::StoreError;
use doorward_sql::Abort;
use futures_channel::oneshot;

use super::queue::{Jobs, Waiting};
use super::{Answer, caught};
use crate::error::{StatementError, Trouble, answer};
use crate::open::{Access, DatabaseFile};
use crate::store::{WRITE, count_failure};

/// Most jobs in one transaction; it bounds how long the first of them waits for the others.
const MOST_AT_ONCE: usize = 64;

/// Something to write.
pub(crate) trait WriteJob: Send {
    /// Does the work and keeps the answer. `false` asks to take back what was written.
    fn run(&mut self, connection: &mut SqliteConnection) -> bool;
    /// Gives the answer, once it is on disk.
    fn answer(self: Box<Self>);
    /// Gives this error instead of the answer.
    fn refuse(self: Box<Self>, trouble: Trouble);
}

struct Step<W, T, E> {
    work: Option<W>,
    answer: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

/// Makes a job of a step. If its turn comes in time it is carried out even if the caller no longer waits: a logout
/// counts when it was sent.
pub(crate) fn write_job<T, E, W>(work: W) -> (Box<dyn WriteJob>, Answer<T, E>)
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    W: FnOnce(&mut SqliteConnection) -> Result<T, Abort<E>> + Send + 'static,
{
    let (caller, answer) = oneshot::channel();
    (Box::new(Step { work: Some(work), answer: None, caller }), answer)
}

impl<T, E, W> WriteJob for Step<W, T, E>
where
    T: Send,
    E: From<StoreError> + Send,
    W: FnOnce(&mut SqliteConnection) -> Result<T, Abort<E>> + Send,
{
    fn run(&mut self, connection: &mut SqliteConnection) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        let answer = caught(|connection| work(connection).map_err(counted), connection);
        self.answer.insert(answer).is_ok()
    }

    fn answer(self: Box<Self>) {
        if let Some(answer) = self.answer {
            // The caller may have gone meanwhile.
            self.caller.send(answer).ok();
        }
    }

    fn refuse(self: Box<Self>, trouble: Trouble) {
        count_failure(WRITE);
        self.caller.send(Err(StoreError::from(trouble).into())).ok();
    }
}

impl Waiting for Box<dyn WriteJob> {
    fn refuse(self, trouble: Trouble) {
        WriteJob::refuse(self, trouble);
    }
}

/// The thread's part.
pub(crate) struct Writer {
    file: DatabaseFile,
    /// None after a failure that may have left it in the middle of something: the next batch opens another.
    connection: Option<SqliteConnection>,
    jobs: Jobs<Box<dyn WriteJob>>,
    broken: Arc<AtomicBool>,
    openings: Arc<AtomicU64>,
}

impl Writer {
    /// `broken` becomes true when nothing will be written any more; `openings` grows with each connection after this.
    pub(crate) fn new(
        file: DatabaseFile,
        connection: SqliteConnection,
        jobs: Jobs<Box<dyn WriteJob>>,
        broken: Arc<AtomicBool>,
        openings: Arc<AtomicU64>,
    ) -> Self {
        Self { file, connection: Some(connection), jobs, broken, openings }
    }

    /// Writes until it is time to end, and brings the log home.
    pub(crate) fn run(mut self) {
        let mut ending = false;
        while !ending {
            let (batch, last) = self.jobs.batch(MOST_AT_ONCE);
            if !batch.is_empty() {
                self.carry_out(batch);
            }
            ending = last;
        }
        if let Some(connection) = &mut self.connection {
            // Whoever closes the file last does it again; here it only helps when another process stays.
            connection.batch_execute("PRAGMA wal_checkpoint(PASSIVE)").ok();
        }
    }

    fn carry_out(&mut self, mut batch: Vec<Box<dyn WriteJob>>) {
        match self.transaction(&mut batch) {
            Ok(()) => batch.into_iter().for_each(WriteJob::answer),
            Err(trouble) => {
                self.connection = None;
                for job in batch {
                    job.refuse(trouble.clone());
                }
            }
        }
    }

    /// Every transaction of this service begins and ends here.
    fn transaction(&mut self, batch: &mut [Box<dyn WriteJob>]) -> Result<(), Trouble> {
        if self.broken.load(Ordering::Acquire) {
            return Err(Trouble::NotDurable);
        }
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                self.openings.fetch_add(1, Ordering::AcqRel);
                none.insert(self.file.connect(Access::Write).map_err(Trouble::no_connection)?)
            }
        };
        let mut committing = false;
        let done = connection.immediate_transaction(|connection| {
            match &mut *batch {
                // It is undone with the transaction: a savepoint would keep each page as it was, in memory.
                [job] => {
                    if !job.run(connection) {
                        return Err(Undone::ByTheJob);
                    }
                }
                several => several.iter_mut().try_for_each(|job| in_savepoint(connection, &mut **job))?,
            }
            committing = true;
            Ok(())
        });
        settled(done, connection, 0).map_err(|error| {
            let error = StatementError::from(error);
            if committing && error.is_disk_failure() {
                self.give_up(&error);
            }
            Trouble::Transaction(error)
        })
    }

    /// After a failed sync nobody knows what the disk holds, and a second sync that succeeds proves nothing: the
    /// kernel may have dropped the pages. A restart reads what is there.
    fn give_up(&self, error: &StatementError) {
        self.broken.store(true, Ordering::Release);
        tracing::error!(
            error = error as &dyn std::error::Error,
            "a commit failed on disk; no more is written"
        );
    }
}

/// What the caller is told, counted where it is a failure of the store.
fn counted<E: From<StoreError>>(abort: Abort<E>) -> E {
    if matches!(abort, Abort::Failed(_)) {
        count_failure(WRITE);
    }
    answer(abort)
}

enum Undone {
    ByTheJob,
    Failed(Error),
}

impl From<Error> for Undone {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// An error is one of the savepoint: the transaction around it is no longer to be trusted.
#[expect(clippy::disallowed_methods, reason = "this is the adapter's one place")]
fn in_savepoint(connection: &mut SqliteConnection, job: &mut dyn WriteJob) -> QueryResult<()> {
    let done =
        connection.transaction(|connection| if job.run(connection) { Ok(()) } else { Err(Undone::ByTheJob) });
    settled(done, connection, 1)
}

/// What a job wanted undone is no error, if the connection is in as many transactions around it as it should be.
fn settled(done: Result<(), Undone>, connection: &mut SqliteConnection, depth: u32) -> QueryResult<()> {
    type Transactions = <SqliteConnection as Connection>::TransactionManager;
    match done {
        Ok(()) => Ok(()),
        Err(Undone::Failed(error)) => Err(error),
        Err(Undone::ByTheJob) => {
            let found = Transactions::transaction_manager_status_mut(connection).transaction_depth();
            let is_whole = found.is_ok_and(|found| found.map_or(0, NonZeroU32::get) == depth);
            if is_whole { Ok(()) } else { Err(Error::BrokenTransactionManager) }
        }
    }
}
