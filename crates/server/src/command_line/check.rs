//! `doorward check`: whether anything is wrong with an embedded store.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use doorward_sqlite::{Examination, OpenError, SqliteSettings, SqliteStore};
use rustix::fs::statvfs;

use super::size::Size;
use super::{TEMPORARY, terminal};
use crate::restore;
use crate::settings::{Database, Settings, absolute};

/// With less room than this on its file system a database has little time left.
const LEAST_ROOM: u64 = 64 * 1024 * 1024;

/// Why it was not looked at.
#[derive(Debug, thiserror::Error)]
pub(super) enum CheckFailed {
    /// The database is on a server.
    #[error("{0} is looked after by its own tools; `doorward check` is for an embedded database")]
    Server(String),
    /// It cannot be opened.
    #[error("the database {0} cannot be looked at")]
    Open(String, #[source] OpenError),
    /// Its file system cannot be looked at.
    #[error("{} cannot be looked at", .0.display())]
    Place(PathBuf, #[source] io::Error),
    /// Standard output is closed, or is full.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
}

impl CheckFailed {
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Server(_) => ExitCode::from(2),
            Self::Open(_, error) if error.is_busy() => ExitCode::from(TEMPORARY),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Looks at everything, tells what is wrong, and answers 1 if anything is.
pub(super) fn check(settings: &Settings) -> Result<ExitCode, CheckFailed> {
    let database = settings.database();
    let Database::Sqlite(file) = &database else { return Err(CheckFailed::Server(database.to_string())) };
    let file = absolute(file);
    let mut wrong = Vec::new();
    let unfinished = restore::unfinished(&file).map_err(|error| CheckFailed::Place(file.clone(), error))?;
    if let Some(from) = unfinished {
        let from = from.display();
        wrong.push(format!("a restore of {from} was interrupted: finish it with `doorward restore {from}`"));
    }
    let found = SqliteStore::examine(&file, SqliteSettings::default())
        .map_err(|error| CheckFailed::Open(database.to_string(), error))?;
    let room = Room::of(&file).map_err(|error| CheckFailed::Place(file.clone(), error))?;
    wrong.extend(found.findings.iter().map(ToString::to_string));
    wrong.extend(room.is_short().then(|| format!("only {} are free on its file system", Size(room.free))));
    terminal::say(&format!("{database}\n{}{}", facts(&found, &room), verdict(&wrong)))?;
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What there is of files, and room for more.
struct Room {
    log: u64,
    free: u64,
}

impl Room {
    fn of(file: &Path) -> io::Result<Self> {
        let mut log = file.as_os_str().to_owned();
        log.push("-wal");
        let system = statvfs(file)?;
        let free = system.f_bavail.saturating_mul(system.f_frsize);
        Ok(Self { log: fs::metadata(log).map_or(0, |log| log.len()), free })
    }

    fn is_short(&self) -> bool {
        self.free < LEAST_ROOM
    }
}

fn facts(found: &Examination, room: &Room) -> String {
    let mut text = format!(
        "  {} with {} free for new rows; {} in its log; {} free on its file system\n",
        Size(found.bytes),
        Size(found.unused),
        Size(room.log),
        Size(room.free)
    );
    for (table, rows) in &found.rows {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {rows:>10} {table}");
    }
    if let (Some(last), true) = (found.schema.applied.last(), found.schema.is_current()) {
        let _ = writeln!(text, "  tables up to date: {last}");
    } else if let Some(remark) = found.schema.remark() {
        let _ = writeln!(text, "  {remark}");
    }
    text
}

fn verdict(wrong: &[String]) -> String {
    if wrong.is_empty() {
        return "Nothing is wrong.\n".to_owned();
    }
    let mut text = "Wrong:\n".to_owned();
    for line in wrong {
        let _ = writeln!(text, "  - {line}");
    }
    text
}
