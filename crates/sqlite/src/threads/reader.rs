//! Threads that read: each has a connection that cannot write, and all take jobs from one queue.

use diesel::SqliteConnection;
use doorward_domain::port::StoreError;
use doorward_sql::Failure;
use futures_channel::oneshot;

use super::queue::{Jobs, Waiting};
use super::{Answer, caught};
use crate::error::{Trouble, failed};

/// Something to read, or to be told why it is not read.
pub(crate) type ReadJob = Box<dyn FnOnce(Result<&mut SqliteConnection, Trouble>) + Send>;

impl Waiting for ReadJob {
    fn refuse(self, trouble: Trouble) {
        self(Err(trouble));
    }
}

/// Makes a job of a query. Nothing is read for a caller who no longer waits.
pub(crate) fn read_job<T, Q>(query: Q) -> (ReadJob, Answer<T, StoreError>)
where
    T: Send + 'static,
    Q: FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
{
    let (caller, answer) = oneshot::channel();
    let job = move |turn: Result<&mut SqliteConnection, Trouble>| {
        if !caller.is_canceled() {
            let found = turn
                .map_err(StoreError::from)
                .and_then(|connection| caught(|connection| query(connection).map_err(failed), connection));
            // The caller may have gone meanwhile.
            caller.send(found).ok();
        }
    };
    (Box::new(job), answer)
}

/// One thread's part.
pub(crate) struct Reader {
    pub(crate) connection: SqliteConnection,
    pub(crate) jobs: Jobs<ReadJob>,
}

impl Reader {
    /// Reads until it is time to end.
    pub(crate) fn run(mut self) {
        while let Some(job) = self.jobs.next() {
            job(Ok(&mut self.connection));
        }
    }
}
