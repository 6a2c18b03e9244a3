//! A backup that is to be restored: nothing in it is believed before it was checked.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use doorward_sqlite::{Examination, Finding, OpenError, SqliteStore};

use super::files::describe;
use super::manifest::{Manifest, NotAManifest};
use super::{DATABASE, MANIFEST};

/// A manifest is a few lines.
const MAX_MANIFEST: u64 = 1024 * 1024;

/// A backup that is whole.
pub(crate) struct Backup {
    /// Where it is.
    pub(crate) directory: PathBuf,
    /// What it says of itself.
    pub(crate) manifest: Manifest,
    /// What was seen in the database, if it is there.
    pub(crate) database: Option<Examination>,
}

/// Why a directory is not restored from.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    /// It has no manifest.
    #[error("{} is no backup: it has no manifest.json", .0.display())]
    NoBackup(PathBuf),
    /// Something in it cannot be read.
    #[error("{} cannot be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// Its manifest is none.
    #[error("{} cannot be used", .0.display())]
    Manifest(PathBuf, #[source] NotAManifest),
    /// A file is not what the manifest says.
    #[error("{} is not as it was when the backup was made: the backup is damaged", .0.display())]
    Changed(PathBuf),
    /// The database cannot be opened.
    #[error("{} cannot be used", .0.display())]
    Database(PathBuf, #[source] OpenError),
    /// The database is damaged, or of a newer version.
    #[error("{path} cannot be used: {1}", path = .0.display())]
    Damaged(PathBuf, Finding),
}

impl Backup {
    /// Reads the manifest, compares every file with it, and looks the database through.
    ///
    /// This blocks.
    pub(crate) fn open(directory: &Path) -> Result<Self, Unusable> {
        let manifest = read_manifest(&directory.join(MANIFEST))?;
        for file in &manifest.files {
            let path = directory.join(&file.path);
            match describe(&path, &file.path) {
                Ok(found) if found == *file => {}
                Ok(_) => return Err(Unusable::Changed(path)),
                Err(error) => return Err(Unusable::Read(path, error)),
            }
        }
        let database = manifest.database.is_some().then(|| examine(&directory.join(DATABASE))).transpose()?;
        Ok(Self { directory: directory.to_owned(), manifest, database })
    }

    /// Where a part of it is.
    pub(crate) fn path(&self, part: &str) -> PathBuf {
        self.directory.join(part)
    }
}

fn read_manifest(path: &Path) -> Result<Manifest, Unusable> {
    let unread = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            Unusable::NoBackup(path.parent().unwrap_or(path).to_owned())
        }
        _ => Unusable::Read(path.to_owned(), error),
    };
    if fs::metadata(path).map_err(unread)?.len() > MAX_MANIFEST {
        return Err(unread(io::ErrorKind::FileTooLarge.into()));
    }
    let text = fs::read(path).map_err(unread)?;
    Manifest::parse(&text).map_err(|error| Unusable::Manifest(path.to_owned(), error))
}

fn examine(path: &Path) -> Result<Examination, Unusable> {
    let found =
        SqliteStore::examine_copy(path).map_err(|error| Unusable::Database(path.to_owned(), error))?;
    match found.findings.iter().find(|finding| finding.spoils_a_copy()) {
        Some(finding) => Err(Unusable::Damaged(path.to_owned(), finding.clone())),
        None => Ok(found),
    }
}
