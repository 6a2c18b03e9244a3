//! The file itself.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use diesel::{Connection, SqliteConnection};
use doorward_sql::{Extent, SchemaStatus};

use super::connect::{self, Access};
use super::{OpenError, inspect, migrate, place};

/// One at a time in this process, for the reason [`make_private`] gives.
static OPENING: Mutex<()> = Mutex::new(());

/// A file that has been looked at and found to be ours.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseFile {
    /// Absolute, so that `SQLite` takes it for nothing but a path: `:memory:`, `file:…?mode=…` and the empty name
    /// mean something else to it.
    path: String,
    busy_timeout: Duration,
    /// Of a connection that writes, in KiB, if it is not that of any other.
    writer_cache: Option<u32>,
}

/// A file with the connection through which it was looked at.
struct Looked {
    file: DatabaseFile,
    connection: SqliteConnection,
    status: SchemaStatus,
}

impl DatabaseFile {
    /// Opens the file, made if there is none, brings its tables up to date, and answers the connection that writes.
    pub(crate) fn open(path: &Path, busy_timeout: Duration) -> Result<(Self, SqliteConnection), OpenError> {
        let Looked { file, mut connection, status } = Self::make_and_look(path, busy_timeout)?;
        let extent = migrate::usual_extent(&status);
        migrate::migrate(&mut connection, &status, extent)?;
        remark(&inspect::status(&mut connection)?);
        Ok((file, connection))
    }

    /// Opens the file if its tables are up to date, and neither makes one nor changes it.
    pub(crate) fn open_current(
        path: &Path,
        busy_timeout: Duration,
    ) -> Result<(Self, SqliteConnection), OpenError> {
        let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Looked { file, mut connection, status }) = Self::look(path, busy_timeout)? else {
            return Err(OpenError::Absent);
        };
        migrate::refuse_newer(&status)?;
        migrate::refuse_older(&status)?;
        remark(&status);
        connect::configure(&mut connection, Access::Write, busy_timeout)?;
        Ok((file, connection))
    }

    /// Which migrations the file has: none if it is not there.
    pub(crate) fn schema_status(path: &Path, busy_timeout: Duration) -> Result<SchemaStatus, OpenError> {
        let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        match Self::look(path, busy_timeout)? {
            Some(looked) => Ok(looked.status),
            None => migrate::compare(&[]),
        }
    }

    /// Brings the tables up to date, waiting for another process that keeps the file to itself.
    pub(crate) fn migrate(
        path: &Path,
        busy_timeout: Duration,
        extent: Extent,
        patience: Duration,
        tell: impl FnOnce(),
    ) -> Result<Vec<String>, OpenError> {
        let Looked { file: _, mut connection, status } = Self::make_and_look(path, busy_timeout)?;
        migrate::migrate_patiently(&mut connection, &status, extent, patience, tell)
    }

    fn make_and_look(path: &Path, busy_timeout: Duration) -> Result<Looked, OpenError> {
        let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        place::check_directory_of(path)?;
        make_private(path).map_err(OpenError::File)?;
        let looked = Self::look(path, busy_timeout)?;
        let mut looked = looked.ok_or_else(|| OpenError::File(ErrorKind::NotFound.into()))?;
        migrate::refuse_newer(&looked.status)?;
        connect::configure(&mut looked.connection, Access::Write, busy_timeout)?;
        Ok(looked)
    }

    /// Nothing if there is no file.
    fn look(path: &Path, busy_timeout: Duration) -> Result<Option<Looked>, OpenError> {
        let Some(file) = Self::locate(path, busy_timeout)? else { return Ok(None) };
        let mut connection = file.establish()?;
        let status = inspect::inspect(&mut connection)?;
        Ok(Some(Looked { file, connection, status }))
    }

    /// A file that was not looked into yet; nothing if there is none.
    fn locate(path: &Path, busy_timeout: Duration) -> Result<Option<Self>, OpenError> {
        let path = match fs::canonicalize(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            path => path.map_err(OpenError::File)?,
        };
        place::check(&path)?;
        let path = path.into_os_string().into_string().map_err(|_| OpenError::Path)?;
        Ok(Some(Self { path, busy_timeout, writer_cache: None }))
    }

    /// A connection to a file that may be damaged, of another version or not ours. None of its settings is changed.
    pub(crate) fn connect_as_it_is(
        path: &Path,
        busy_timeout: Duration,
    ) -> Result<SqliteConnection, OpenError> {
        let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        Self::locate(path, busy_timeout)?.ok_or(OpenError::Absent)?.establish()
    }

    /// A connection to a copy that nobody changes, wherever it is: also on another machine, or where nothing can be
    /// written.
    pub(crate) fn connect_to_copy(path: &Path) -> Result<SqliteConnection, OpenError> {
        let path = fs::canonicalize(path).map_err(OpenError::File)?;
        let path = path.into_os_string().into_string().map_err(|_| OpenError::Path)?;
        let escaped = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        Ok(SqliteConnection::establish(&format!("file:{escaped}?immutable=1"))?)
    }

    /// A connection to a file that is ours, undamaged as far as that is seen in a moment, and not of a newer version.
    pub(crate) fn connect_to_ours(
        path: &Path,
        busy_timeout: Duration,
    ) -> Result<SqliteConnection, OpenError> {
        let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        let looked = Self::look(path, busy_timeout)?.ok_or(OpenError::Absent)?;
        migrate::refuse_newer(&looked.status)?;
        Ok(looked.connection)
    }

    /// The same with so much memory for whoever writes.
    pub(crate) fn with_writer_cache(self, kib: u32) -> Self {
        Self { writer_cache: Some(kib), ..self }
    }

    /// One more connection to the same file.
    pub(crate) fn connect(&self, access: Access) -> Result<SqliteConnection, OpenError> {
        let mut connection = self.establish()?;
        connect::configure(&mut connection, access, self.busy_timeout)?;
        if access == Access::Write {
            self.give_cache(&mut connection)?;
        }
        Ok(connection)
    }

    /// Lets a connection that writes keep as much of the file in memory as it shall.
    pub(crate) fn give_cache(&self, connection: &mut SqliteConnection) -> Result<(), OpenError> {
        match self.writer_cache {
            Some(kib) => connect::keep_in_memory(connection, kib),
            None => Ok(()),
        }
    }

    fn establish(&self) -> Result<SqliteConnection, OpenError> {
        let mut connection = SqliteConnection::establish(&self.path)?;
        connect::wait_when_busy(&mut connection, self.busy_timeout)?;
        Ok(connection)
    }
}

/// Says what there is to say of tables that this version did not leave so.
fn remark(status: &SchemaStatus) {
    if let Some(remark) = status.remark() {
        tracing::warn!("{remark}");
    }
}

/// Makes the file if there is none, readable and writable for the owner alone; `SQLite` gives its companions `-wal` and
/// `-shm` the same permissions. A file that is there keeps the permissions it has.
///
/// A file that is there is not opened here, not even to look at its first bytes: closing it would drop the locks that
/// `SQLite` holds on it elsewhere in this process (<https://sqlite.org/howtocorrupt.html> §2.2).
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}
