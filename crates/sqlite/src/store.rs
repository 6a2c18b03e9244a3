//! The handle that the rest of the service holds.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use doorward_domain::port::{Probe, StoreError};
use doorward_sql::intake::Expectation;
use doorward_sql::schema::users;
use doorward_sql::{Abort, Asked, Extent, Failure, KeptDocuments, SchemaStatus};
use metrics::{counter, histogram};

use crate::error::Trouble;
use crate::open::{Access, DatabaseFile, OpenError};
use crate::threads::{Jobs, Queue, ReadJob, Reader, WriteJob, Writer, queue, read_job, write_job};
use crate::writing::{Writing, carry_out};

/// What an operator may decide about the file's use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqliteSettings {
    /// How many threads read: half of them look single things up, the other half walks through lists, one each at
    /// least. So a flood of lists costs lists, never the look-up that every request begins with.
    pub readers: usize,
    /// How long a step waits for another process that writes, before it is [`StoreError::Unavailable`].
    pub busy_timeout: Duration,
    /// How many steps may wait in front of each kind of thread; more are [`StoreError::Unavailable`] at once.
    pub queue: usize,
    /// How long a step may wait there; one that is taken by its thread later is [`StoreError::Unavailable`], and not
    /// carried out.
    pub queue_timeout: Duration,
    /// How much of the file the connection that writes keeps in memory, in KiB. More helps where many rows are written,
    /// which touch many pages.
    pub writer_cache: u32,
    /// Whether opening makes the file if there is none, and brings its tables up to date. Otherwise both are for
    /// [`SqliteStore::migrate`], and a file with older tables is refused.
    pub migrate: bool,
}

impl Default for SqliteSettings {
    fn default() -> Self {
        Self {
            readers: 4,
            busy_timeout: Duration::from_secs(3),
            queue: 4_096,
            queue_timeout: Duration::from_secs(1),
            writer_cache: 1_024,
            migrate: true,
        }
    }
}

/// How many steps wait for a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// To look something up.
    pub lookups: usize,
    /// To walk through a list.
    pub lists: usize,
    /// To write.
    pub writes: usize,
}

/// What counters call a step that writes.
pub(crate) const WRITE: &str = "write";

/// Accounts and sessions in one file. Clones share threads and connections.
#[derive(Clone)]
pub struct SqliteStore(Arc<Shared>);

struct Shared {
    lookups: Queue<ReadJob>,
    lists: Queue<ReadJob>,
    writes: Queue<Box<dyn WriteJob>>,
    broken: Arc<AtomicBool>,
    /// How often the writer has opened the file.
    openings: Arc<AtomicU64>,
    /// Which opening the writer was in when others were looked for last, and what it saw.
    seen: Mutex<Option<(u64, i64)>>,
    expectation: Expectation,
    kept: Arc<KeptDocuments>,
    asked: Asked,
    threads: Mutex<Threads>,
}

/// Joined in this order, so that the writer is the last to close the file.
#[derive(Default)]
struct Threads {
    lookups: Vec<JoinHandle<()>>,
    lists: Vec<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
}

impl SqliteStore {
    /// Opens the file at `path`, made if there is none, readable for nobody else, and brings its tables up to date.
    /// A file that is not ours, is damaged or was changed by a newer version, in more than what it has added, is refused
    /// and left as it is.
    ///
    /// This blocks: call it before there is anything else to do.
    pub fn open(path: &Path, settings: SqliteSettings) -> Result<Self, OpenError> {
        let open = if settings.migrate { DatabaseFile::open } else { DatabaseFile::open_current };
        let (file, mut connection) = open(path, settings.busy_timeout)?;
        let file = file.with_writer_cache(settings.writer_cache);
        file.give_cache(&mut connection)?;
        let (lookups, lookup_jobs) = queue(settings.queue, settings.queue_timeout);
        let (lists, list_jobs) = queue(settings.queue, settings.queue_timeout);
        let (writes, write_jobs) = queue(settings.queue, settings.queue_timeout);
        let (broken, openings) = <(Arc<AtomicBool>, Arc<AtomicU64>)>::default();
        let half = settings.readers / 2;
        let threads = Threads {
            lookups: readers("sqlite-lookup", settings.readers - half, &file, &lookup_jobs)?,
            lists: readers("sqlite-list", half, &file, &list_jobs)?,
            writer: Some(writer(Writer::new(
                file,
                connection,
                write_jobs,
                broken.clone(),
                openings.clone(),
            ))?),
        };
        let (seen, expectation, threads) = (Mutex::new(None), Expectation::default(), Mutex::new(threads));
        let (kept, asked) = (Arc::default(), Asked::default());
        Ok(Self(Arc::new(Shared {
            lookups,
            lists,
            writes,
            broken,
            openings,
            seen,
            expectation,
            kept,
            asked,
            threads,
        })))
    }

    /// Which migrations the file at `path` has. It is not changed; where there is none, none is made.
    ///
    /// This blocks.
    pub fn schema_status(path: &Path, settings: SqliteSettings) -> Result<SchemaStatus, OpenError> {
        DatabaseFile::schema_status(path, settings.busy_timeout)
    }

    /// Makes the file at `path` if there is none, carries out every migration that is missing, as far as `extent` goes,
    /// all of them or none, and answers their names. Where another process keeps the file to itself, `tell` is called, and it is waited for as
    /// long as `patience`; then the error [is busy](OpenError::is_busy).
    ///
    /// This blocks.
    pub fn migrate(
        path: &Path,
        settings: SqliteSettings,
        extent: Extent,
        patience: Duration,
        tell: impl FnOnce(),
    ) -> Result<Vec<String>, OpenError> {
        DatabaseFile::migrate(path, settings.busy_timeout, extent, patience, tell)
    }

    /// What lists have read before.
    pub(crate) fn kept(&self) -> Arc<KeptDocuments> {
        self.0.kept.clone()
    }

    /// What is being asked of it.
    pub(crate) fn asked(&self) -> &Asked {
        &self.0.asked
    }

    pub(crate) fn expectation(&self) -> &Expectation {
        &self.0.expectation
    }

    /// Whether another process has written to the file since this was asked last. The first time, and where that cannot
    /// be known, it may have.
    pub async fn others_wrote(&self) -> Result<bool, StoreError> {
        let openings = Arc::clone(&self.0.openings);
        let now = self
            .write::<_, StoreError, _>(move |connection| {
                // It counts what others have committed; what this connection commits does not count.
                let version = sql::<BigInt>("PRAGMA data_version").get_result(connection)?;
                Ok((openings.load(Ordering::Acquire), version))
            })
            .await?;
        let before = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
        Ok(before != Some(now))
    }

    /// Ends the threads once everything that waits is done, and closes the file; whatever comes later, from any clone,
    /// is [`StoreError::Unavailable`]. Dropping the last clone does the same.
    ///
    /// This blocks until they have ended.
    pub fn close(&self) {
        self.0.close();
    }

    /// What waits in front of the threads.
    pub fn waiting(&self) -> Waiting {
        let Shared { lookups, lists, writes, .. } = &*self.0;
        Waiting { lookups: lookups.len(), lists: lists.len(), writes: writes.len() }
    }

    /// Has a reader look something up.
    pub(crate) async fn look_up<T, Q>(&self, query: Q) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Q: FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    {
        read("lookup", &self.0.lookups, query).await
    }

    /// Has a reader walk through a list, however long that takes.
    pub(crate) async fn walk<T, Q>(&self, query: Q) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Q: FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    {
        read("list", &self.0.lists, query).await
    }

    /// Has the writer carry out a step. What it wrote is on disk when this answers `Ok`.
    pub(crate) async fn step<T, E, S>(&self, step: S) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        S: AsyncFnOnce(Writing<'_>) -> Result<T, Abort<E>> + Send + 'static,
    {
        self.write(|connection| carry_out(connection, step)).await
    }

    /// Has the writer carry out something else.
    pub(crate) async fn write<T, E, W>(&self, work: W) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        W: FnOnce(&mut SqliteConnection) -> Result<T, Abort<E>> + Send + 'static,
    {
        let _timed = Timed::begin(WRITE);
        let (job, answer) = write_job(work);
        self.0.writes.submit(job).map_err(StoreError::from).inspect_err(|_| count_failure(WRITE))?;
        answer.await.unwrap_or_else(|_| Err(StoreError::from(Trouble::Closed).into()))
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl Probe for SqliteStore {
    fn name(&self) -> &'static str {
        "database"
    }

    /// Reads a page of the file, behind whatever else waits to be looked up, and no longer than that may wait.
    async fn probe(&self) -> Result<(), StoreError> {
        if self.0.broken.load(Ordering::Acquire) {
            return Err(Trouble::NotDurable.into());
        }
        self.look_up(|connection| {
            let _anybody: bool =
                diesel::select(exists(users::table.select(users::id))).get_result(connection)?;
            Ok(())
        })
        .await
    }
}

impl Shared {
    fn close(&self) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let Threads { lookups, lists, writer } = std::mem::take(&mut *threads);
        self.lookups.stop(lookups.len());
        self.lists.stop(lists.len());
        lookups.into_iter().chain(lists).for_each(join);
        if let Some(writer) = writer {
            self.writes.stop(1);
            join(writer);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.close();
    }
}

async fn read<T, Q>(operation: &'static str, queue: &Queue<ReadJob>, query: Q) -> Result<T, StoreError>
where
    T: Send + 'static,
    Q: FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
{
    let _timed = Timed::begin(operation);
    let (job, answer) = read_job(query);
    let found = match queue.submit(job) {
        Ok(()) => answer.await.unwrap_or_else(|_| Err(Trouble::Closed.into())),
        Err(full) => Err(full.into()),
    };
    found.inspect_err(|_| count_failure(operation))
}

/// Measures how long somebody waits, for the queue and for the work.
struct Timed {
    operation: &'static str,
    begun: Instant,
}

impl Timed {
    fn begin(operation: &'static str) -> Self {
        Self { operation, begun: Instant::now() }
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        histogram!("doorward_database_operation_duration_seconds", "operation" => self.operation)
            .record(self.begun.elapsed());
    }
}

/// Counts an answer that is none: what is refused by a rule is no failure.
pub(crate) fn count_failure(operation: &'static str) {
    counter!("doorward_database_operation_failures_total", "operation" => operation).increment(1);
}

fn readers(
    name: &str,
    threads: usize,
    file: &DatabaseFile,
    jobs: &Jobs<ReadJob>,
) -> Result<Vec<JoinHandle<()>>, OpenError> {
    (0..threads.max(1))
        .map(|_| {
            let reader = Reader { connection: file.connect(Access::Read)?, jobs: jobs.clone() };
            spawn(name, move || reader.run())
        })
        .collect()
}

fn writer(writer: Writer) -> Result<JoinHandle<()>, OpenError> {
    spawn("sqlite-writer", move || writer.run())
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    thread::Builder::new().name(name.to_owned()).spawn(run).map_err(OpenError::Thread)
}

fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a thread of the SQLite store panicked");
    }
}
