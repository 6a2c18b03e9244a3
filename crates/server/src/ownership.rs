//! One process serves an embedded database: what it remembers of the file is not told to anybody else.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use doorward_crypto::private_file;

use crate::settings::{Database, Settings, absolute};

/// Held as long as this process serves the file. The operating system lets go of it when the process ends, however it
/// ends.
#[derive(Debug)]
pub(crate) struct Ownership {
    _lock: File,
}

/// Why this process does not serve the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotOwned {
    /// Somebody else does.
    #[error("another process serves {} already", .0.display())]
    Taken(PathBuf),
    /// The lock cannot be had.
    #[error("{} cannot be locked", .0.display())]
    Unlockable(PathBuf, #[source] io::Error),
}

impl Ownership {
    /// Takes the database of the settings for this process, if it is a file. Where there is no directory for it, that is
    /// for whoever opens it to say.
    pub(crate) fn of(settings: &Settings) -> Result<Option<Self>, NotOwned> {
        let Database::Sqlite(file) = settings.database() else { return Ok(None) };
        // There is none, and none will be made.
        if !settings.migrate_at_start && !file.exists() {
            return Ok(None);
        }
        match Self::claim(&file) {
            Ok(mine) => Ok(Some(mine)),
            Err(NotOwned::Unlockable(_, error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(refused) => Err(refused),
        }
    }

    /// Takes the file for this process. The lock is on a file beside it, because SQLite has locks of its own; and beside
    /// the file itself, whatever link leads there. A second name that is no link is refused by whoever opens the file.
    pub(crate) fn claim(database: &Path) -> Result<Self, NotOwned> {
        let path = lock_of(database);
        let unlockable = |error| NotOwned::Unlockable(path.clone(), error);
        let lock = open_or_make(&path).map_err(unlockable)?;
        for patience in (0..GLANCES).rev() {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { _lock: lock }),
                // Somebody may only have a look whether the file is served.
                Err(TryLockError::WouldBlock) if patience > 0 => thread::sleep(GLANCE),
                Err(TryLockError::WouldBlock) => break,
                Err(TryLockError::Error(error)) => return Err(unlockable(error)),
            }
        }
        Err(NotOwned::Taken(database.to_owned()))
    }

    /// Whether a process serves the file just now.
    pub(crate) fn is_held(database: &Path) -> bool {
        let Ok(lock) = File::open(lock_of(database)) else { return false };
        matches!(lock.try_lock(), Err(TryLockError::WouldBlock))
    }
}

/// How long it takes at most to see whether the file is served, and how often that is waited for.
const GLANCE: Duration = Duration::from_millis(5);
const GLANCES: usize = 10;

/// One that root makes is for whoever the directory belongs to.
fn open_or_make(path: &Path) -> io::Result<File> {
    let open = || OpenOptions::new().write(true).open(path);
    match open() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match private_file::create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => open(),
            made => made,
        },
        opened => opened,
    }
}

fn lock_of(database: &Path) -> PathBuf {
    let mut name = absolute(database).into_os_string();
    name.push("-served");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_served_by_one_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("doorward.db");
        let mine = Ownership::claim(&database).unwrap();
        assert!(matches!(Ownership::claim(&database), Err(NotOwned::Taken(taken)) if taken == database));
        assert!(Ownership::is_held(&database));
        drop(mine);
        assert!(!Ownership::is_held(&database));
        Ownership::claim(&database).unwrap();
    }

    #[test]
    fn a_link_leads_to_the_same_lock_before_and_after_there_is_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let elsewhere = directory.path().join("elsewhere");
        std::os::unix::fs::symlink(directory.path(), &elsewhere).unwrap();
        let database = directory.path().join("doorward.db");
        let _mine = Ownership::claim(&database).unwrap();
        assert!(matches!(Ownership::claim(&elsewhere.join("doorward.db")), Err(NotOwned::Taken(_))));
        std::fs::write(&database, "").unwrap();
        let link = directory.path().join("link.db");
        std::os::unix::fs::symlink(&database, &link).unwrap();
        assert!(matches!(Ownership::claim(&link), Err(NotOwned::Taken(_))));
    }

    #[test]
    fn a_directory_that_is_not_there_is_told() {
        let refused = Ownership::claim(Path::new("/nowhere/at/all/doorward.db"));
        assert!(matches!(refused, Err(NotOwned::Unlockable(..))), "{refused:?}");
    }
}
