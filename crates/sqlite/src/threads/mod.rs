//! The threads that `SQLite` runs on, and the bounded queues in front of them.

mod queue;
mod reader;
mod writer;

pub(crate) use queue::{Jobs, Queue, queue};
pub(crate) use reader::{ReadJob, Reader, read_job};
pub(crate) use writer::{WriteJob, Writer, write_job};

use std::panic::{self, AssertUnwindSafe};

use diesel::SqliteConnection;
use doorward_domain::port::StoreError;
use futures_channel::oneshot;

use crate::error::Trouble;

/// What the caller of a job waits for. It ends empty when the thread ends before the job's turn.
pub(crate) type Answer<T, E> = oneshot::Receiver<Result<T, E>>;

/// Does a job's work; a panic in it is an error like any other, and the thread lives on.
fn caught<T, E: From<StoreError>>(
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, E>,
    connection: &mut SqliteConnection,
) -> Result<T, E> {
    panic::catch_unwind(AssertUnwindSafe(|| work(connection)))
        .unwrap_or_else(|panic| Err(StoreError::from(Trouble::panicked(&*panic)).into()))
}
