//! Files that change places, and the notice that says which: whoever finds it does the rest, as often as it takes.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use doorward_crypto::private_file;
use serde::{Deserialize, Serialize};

use super::RestoreFailed;

/// What SQLite keeps beside a database. Beside another one it would be taken for that one's.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What the notice is called, behind the name of the database.
const NOTICE: &str = "-restore";

/// One thing that takes another one's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Move {
    /// Where it is, ready and on disk.
    staged: PathBuf,
    /// Where it belongs.
    place: PathBuf,
    /// Where what is there goes, if anything is.
    pub(super) aside: Option<PathBuf>,
}

/// What is to be done, and of which backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Notice {
    /// The directory of the backup.
    pub(super) backup: PathBuf,
    /// All of it.
    pub(super) moves: Vec<Move>,
}

/// Which backup was being restored into the database, if that was interrupted. Nobody may open it meanwhile: there may be
/// none, and none may be made.
pub(crate) fn unfinished(database: &Path) -> io::Result<Option<PathBuf>> {
    Ok(read(database)?.map(|notice| notice.backup))
}

impl Move {
    /// Of what is staged into its place; `suffix` is what the name gets of whatever is there.
    pub(super) fn into(place: &Path, staged: &Path, suffix: &str) -> Self {
        let there = is_there(place) || companions(place).iter().any(|path| is_there(path));
        let aside = there.then(|| free_name(place, suffix));
        Self { staged: staged.to_owned(), place: place.to_owned(), aside }
    }

    /// Refuses what cannot be moved: a place that is mounted by itself, as Kubernetes and Docker do with single files and
    /// volumes of secrets, stays where it is.
    pub(super) fn check(&self) -> Result<(), RestoreFailed> {
        match is_mounted(&self.place) {
            Ok(false) => Ok(()),
            Ok(true) => Err(RestoreFailed::Mounted(self.place.clone())),
            Err(error) => Err(RestoreFailed::Read(self.place.clone(), error)),
        }
    }

    /// Each step is left out that was done before.
    fn carry_out(&self) -> Result<(), RestoreFailed> {
        if !is_there(&self.staged) {
            return Ok(());
        }
        if let Some(aside) = &self.aside {
            if is_there(&self.place) {
                rename(&self.place, aside)?;
            }
            for (from, to) in companions(&self.place).iter().zip(&companions(aside)) {
                if is_there(from) {
                    rename(from, to)?;
                }
            }
        }
        rename(&self.staged, &self.place)?;
        private_file::sync_directory_of(&self.place)
            .map_err(|error| RestoreFailed::Write(self.place.clone(), error))
    }

    /// Puts back what [`Self::carry_out`] has moved, which found everything staged.
    fn undo(&self) -> Result<(), RestoreFailed> {
        if !is_there(&self.staged) {
            rename(&self.place, &self.staged)?;
        }
        let Some(aside) = &self.aside else { return Ok(()) };
        for (to, from) in companions(&self.place).iter().zip(&companions(aside)) {
            if is_there(from) {
                rename(from, to)?;
            }
        }
        if is_there(aside) { rename(aside, &self.place) } else { Ok(()) }
    }
}

impl Notice {
    /// The one of an interrupted restore.
    pub(super) fn beside(database: &Path) -> Result<Option<Self>, RestoreFailed> {
        read(database).map_err(|error| RestoreFailed::Write(behind(database, NOTICE), error))
    }

    /// Puts it on disk.
    pub(super) fn write_beside(&self, database: &Path) -> Result<(), RestoreFailed> {
        let (path, draft) = (behind(database, NOTICE), behind(database, ".notice"));
        let written = || {
            remove_if_there(&draft)?;
            private_file::write(&draft, &serde_json::to_vec(self)?)?;
            fs::rename(&draft, &path)?;
            private_file::sync_directory_of(&path)
        };
        written().map_err(|error: io::Error| RestoreFailed::Write(path.clone(), error))
    }

    /// All is done.
    pub(super) fn remove(database: &Path) -> Result<(), RestoreFailed> {
        let path = behind(database, NOTICE);
        let removed = fs::remove_file(&path).and_then(|()| private_file::sync_directory_of(&path));
        removed.map_err(|error| RestoreFailed::Write(path, error))
    }

    /// Does what is left of it.
    pub(super) fn carry_out(&self) -> Result<(), RestoreFailed> {
        self.moves.iter().try_for_each(Move::carry_out)
    }

    /// Puts back what was moved since all of it was staged.
    pub(super) fn undo(&self) -> Result<(), RestoreFailed> {
        self.moves.iter().rev().try_for_each(Move::undo)
    }

    /// Takes away what was staged for nothing.
    pub(super) fn discard(&self) {
        for Move { staged, .. } in &self.moves {
            // The next restore does it otherwise.
            let _ = discard(staged);
        }
    }

    /// Where everything is that was there.
    pub(super) fn aside(&self) -> Vec<PathBuf> {
        self.moves.iter().filter_map(|step| step.aside.clone()).collect()
    }
}

/// A name beside `place` for what is to take it, and nothing under that name: what is left there by a restore that came
/// to nothing was only a copy.
pub(super) fn staged_beside(place: &Path) -> Result<PathBuf, RestoreFailed> {
    let staged = behind(place, ".restoring");
    discard(&staged).map_err(|error| RestoreFailed::Write(staged.clone(), error))?;
    Ok(staged)
}

/// What SQLite may keep beside a database.
pub(super) fn companions(database: &Path) -> [PathBuf; 3] {
    COMPANIONS.map(|suffix| behind(database, suffix))
}

/// Whether there is anything, if only a link that leads nowhere.
pub(super) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether something is mounted at this very place. A link is none: it moves, and what it leads to stays.
fn is_mounted(place: &Path) -> io::Result<bool> {
    let found = match fs::symlink_metadata(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        found => found?,
    };
    let above = fs::metadata(private_file::directory_of(place))?;
    Ok(found.dev() != above.dev() || is_root_of_mount(place))
}

/// Also of one from the same file system, which Linux knows.
#[cfg(target_os = "linux")]
fn is_root_of_mount(place: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    statx(CWD, place, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::empty())
        .is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
fn is_root_of_mount(_: &Path) -> bool {
    false
}

fn read(database: &Path) -> io::Result<Option<Notice>> {
    match fs::read(behind(database, NOTICE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        text => Ok(Some(serde_json::from_slice(&text?)?)),
    }
}

fn behind(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn free_name(place: &Path, suffix: &str) -> PathBuf {
    let first = behind(place, suffix);
    let others = (2_u32..).map(|number| behind(place, &format!("{suffix}-{number}")));
    let is_free = |name: &PathBuf| !is_there(name) && companions(name).iter().all(|path| !is_there(path));
    std::iter::once(first.clone()).chain(others).find(is_free).unwrap_or(first)
}

fn discard(staged: &Path) -> io::Result<()> {
    companions(staged).iter().try_for_each(|path| remove_if_there(path))?;
    match fs::symlink_metadata(staged) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(staged),
        _ => remove_if_there(staged),
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), RestoreFailed> {
    fs::rename(from, to).map_err(|error| RestoreFailed::Write(from.to_owned(), error))
}
