//! A copy of the file as it was at one moment, made while others write, and what is done to a copy before it takes a
//! file's place.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use doorward_domain::Timestamp;
use doorward_domain::audit::AuditEntry;
use doorward_domain::port::KeyFingerprint;
use doorward_domain::token::EndReason;
use doorward_sql::columns::Time;
use doorward_sql::schema::{key_fingerprints, revocation_epoch, sessions};

use crate::keys;
use crate::open::{DatabaseFile, Failed, OpenError, make_private};
use crate::store::{SqliteSettings, SqliteStore};
use crate::writing;

/// What changes in a copy that is to be served.
#[derive(Clone, Debug, Default)]
pub struct Revival {
    /// Every session ends at this moment. Without it, also those live on that have ended since the copy was made.
    pub end_sessions_at: Option<Timestamp>,
    /// These are registered instead of what was.
    pub registered: Option<Vec<KeyFingerprint>>,
}

impl SqliteStore {
    /// Copies the file at `from` to `to`, where nothing may be, readable for nobody else. It is the file as it is at one
    /// moment after this was called, and all that was committed before is in it; others read and write meanwhile. It has
    /// no log beside it. Whether it is on disk is for the caller to see to.
    ///
    /// This blocks, for as long as writing the copy takes.
    pub fn snapshot(from: &Path, settings: SqliteSettings, to: &Path) -> Result<(), OpenError> {
        let mut connection = DatabaseFile::connect_to_ours(from, settings.busy_timeout)?;
        let name = std::path::absolute(to).map_err(OpenError::File)?;
        let name = name.into_os_string().into_string().map_err(|_| OpenError::Path)?;
        // An empty file is filled and keeps its permissions.
        make_private(to).map_err(OpenError::File)?;
        sql_query("VACUUM INTO ?").bind::<Text, _>(name).execute(&mut connection)?;
        Ok(())
    }

    /// Makes a copy that nobody else uses ready to be served: brings its tables up to date, ends its sessions, lets
    /// nobody trust the Redis that it trusted, and writes down what `entry` makes of the number of sessions that ended.
    /// Answers that number. All of it is done or nothing, and afterwards the file has no log beside it.
    ///
    /// This blocks.
    pub fn revive(
        path: &Path,
        settings: SqliteSettings,
        revival: &Revival,
        entry: impl FnOnce(usize) -> AuditEntry,
    ) -> Result<usize, OpenError> {
        let (_, mut connection) = DatabaseFile::open(path, settings.busy_timeout)?;
        let ended = connection.immediate_transaction(|connection| -> Result<usize, Failed> {
            let ended = revival.end_sessions_at.map_or(Ok(0), |at| end_sessions(connection, at))?;
            // What Redis holds under this name is of another time.
            diesel::delete(revocation_epoch::table).execute(connection)?;
            if let Some(registered) = &revival.registered {
                diesel::delete(key_fingerprints::table).execute(connection)?;
                keys::add(connection, registered)?;
            }
            writing::record(connection, &[entry(ended)]).map_err(OpenError::from)?;
            Ok(ended)
        })?;
        if bring_log_home(&mut connection)? { Ok(ended) } else { Err(OpenError::InUse) }
    }

    /// Brings what is in the log of the file into the file itself, and says whether it could: not while anybody else has
    /// the file open.
    pub fn settle(path: &Path, settings: SqliteSettings) -> Result<bool, OpenError> {
        bring_log_home(&mut DatabaseFile::connect_as_it_is(path, settings.busy_timeout)?)
    }

    /// What is registered in the file, which may be of an older version.
    pub fn registered_in(path: &Path, settings: SqliteSettings) -> Result<Vec<KeyFingerprint>, OpenError> {
        Ok(keys::registered(&mut DatabaseFile::connect_to_ours(path, settings.busy_timeout)?)?)
    }
}

fn end_sessions(connection: &mut SqliteConnection, at: Timestamp) -> QueryResult<usize> {
    diesel::update(sessions::table.filter(sessions::ended_at.is_null()))
        .set((sessions::ended_at.eq(Time::from(at)), sessions::end_reason.eq(EndReason::Logout.as_str())))
        .execute(connection)
}

/// Only who is alone with a file can give up its log.
fn bring_log_home(connection: &mut SqliteConnection) -> Result<bool, OpenError> {
    connection.batch_execute("PRAGMA busy_timeout = 0")?;
    match sql::<Text>("PRAGMA journal_mode = DELETE")
        .get_result::<String>(connection)
        .map_err(OpenError::from)
    {
        Ok(mode) => Ok(mode == "delete"),
        Err(error) if error.is_busy() => Ok(false),
        Err(error) => Err(error),
    }
}
