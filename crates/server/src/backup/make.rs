//! Making a backup: everything under a name that counts for nothing, and the right name last.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use doorward_crypto::{KeyDirectory, KeyFileError, Pepper, SystemClock, private_file};
use doorward_domain::port::{Clock as _, KeyFingerprint};
use doorward_sqlite::{Finding, OpenError, SqliteSettings, SqliteStore};

use super::files::{copy_private, describe, sync_file};
use super::manifest::{DatabasePart, FilePart, Manifest, is_key_file};
use super::{DATABASE, KEYS, MANIFEST, PEPPER};
use crate::settings::Settings;
use crate::shared_keys::{Date, Register, key_entry};

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupFailed {
    /// Something has its name.
    #[error("{} is there already; a backup takes nobody's place", .0.display())]
    Taken(PathBuf),
    /// It cannot be written.
    #[error("the backup cannot be written to {}", .0.display())]
    Write(PathBuf, #[source] io::Error),
    /// The database cannot be copied.
    #[error("the database {} cannot be copied", .0.display())]
    Copy(PathBuf, #[source] OpenError),
    /// The copy cannot be read.
    #[error("the copy of the database cannot be read")]
    Check(#[source] OpenError),
    /// Something is wrong with the copy, and so with what it is a copy of.
    #[error("the database is damaged, and no backup was made of it: {0}; `doorward check` tells more")]
    Damaged(Finding),
    /// The keys or the pepper cannot be read.
    #[error("the keys and the pepper cannot be backed up; --without-secrets leaves them out")]
    Secrets(#[source] KeyFileError),
    /// One of their files cannot be copied.
    #[error("{} cannot be copied; --without-secrets leaves keys and pepper out", .0.display())]
    Secret(PathBuf, #[source] io::Error),
    /// With those that are here nobody could log in.
    #[error(
        "the pepper {} is not the one that the database was set up with: with it no password would work \
         (`doorward keys fingerprints` compares); --without-secrets leaves keys and pepper out",
        .0.display()
    )]
    OtherPepper(PathBuf),
    /// None of the keys that are here belongs to the service.
    #[error(
        "no key in {} is one that the database knows (`doorward keys fingerprints` compares); --without-secrets \
         leaves keys and pepper out",
        .0.display()
    )]
    OtherKeys(PathBuf),
}

impl BackupFailed {
    /// Whether trying later may help.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(self, Self::Copy(_, error) if error.is_busy())
    }
}

/// What is to be in it.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// The file of an embedded store.
    pub(crate) database: Option<PathBuf>,
    /// Whether keys and pepper are.
    pub(crate) secrets: bool,
}

/// What is being done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Step {
    /// The database is being copied.
    #[default]
    Copying,
    /// The copy is being read through.
    Checking,
    /// What is left: keys, pepper, digests, the disk.
    Finishing,
}

/// What came of it.
pub(crate) struct Made {
    /// What is in it.
    pub(crate) manifest: Manifest,
    /// What is wrong with the database, though not with the copy.
    pub(crate) findings: Vec<Finding>,
}

/// A backup that does not count yet.
#[derive(Clone, Debug)]
pub(crate) struct PartialBackup {
    /// Where it will be.
    target: PathBuf,
    /// Where it is.
    path: PathBuf,
}

impl PartialBackup {
    /// Takes a place beside the one that it will have.
    pub(crate) fn begin(target: &Path) -> Result<Self, BackupFailed> {
        let failed = |error| BackupFailed::Write(target.to_owned(), error);
        let target = std::path::absolute(target).map_err(failed)?;
        if fs::symlink_metadata(&target).is_ok() {
            return Err(BackupFailed::Taken(target));
        }
        if target.file_name().is_none() {
            return Err(failed(io::ErrorKind::InvalidInput.into()));
        }
        let path = private_file::draft_of(&target);
        private_file::create_directory(&path).map_err(|error| BackupFailed::Write(target.clone(), error))?;
        Ok(Self { target, path })
    }

    /// How much of the database is copied, in bytes.
    pub(crate) fn copied(&self) -> u64 {
        fs::metadata(self.path.join(DATABASE)).map_or(0, |file| file.len())
    }

    /// Where it will be.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Takes away what was written, whoever may still be writing: they find nothing under its name any more, and cannot
    /// publish it. `false` if it is published already, and stays.
    pub(crate) fn discard(&self) -> bool {
        let mut name = self.path.clone().into_os_string();
        name.push("-discarded");
        let discarded = PathBuf::from(name);
        let removed = match fs::rename(&self.path, &discarded) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return false,
            renamed => renamed.and_then(|()| fs::remove_dir_all(&discarded)),
        };
        if let Err(error) = removed {
            tracing::warn!(directory = %discarded.display(), %error, "a backup that came to nothing is left");
        }
        true
    }

    /// Writes everything, checks it, sees it to the disk and gives it its name. Nothing is taken away where that fails.
    ///
    /// This blocks.
    pub(crate) fn complete(
        &self,
        settings: &Settings,
        content: &Content,
        tell: impl Fn(Step),
    ) -> Result<Made, BackupFailed> {
        let made_at = Date(SystemClock.now()).to_string();
        let (mut findings, mut registered, mut files) = (Vec::new(), Vec::new(), Vec::new());
        let mut database = None;
        if let Some(file) = &content.database {
            tell(Step::Copying);
            let copy = self.path.join(DATABASE);
            private_file::create(&copy).map_err(|error| self.unwritten(error))?;
            SqliteStore::snapshot(file, SqliteSettings::default(), &copy)
                .map_err(|error| BackupFailed::Copy(file.clone(), error))?;
            tell(Step::Checking);
            let found = examine(&copy)?;
            let rows = found.rows.into_iter().map(|(table, count)| (table.to_owned(), count)).collect();
            database = Some(DatabasePart { migrations: found.schema.applied, rows });
            (findings, registered) = (found.findings, found.registered);
        }
        tell(Step::Finishing);
        if content.database.is_some() {
            let copy = self.path.join(DATABASE);
            let part = sync_file(&copy).and_then(|()| describe(&copy, DATABASE));
            files.push(part.map_err(|error| self.unwritten(error))?);
        }
        // After the database: a key that it knows may be exchanged meanwhile, and is not taken away at once.
        if content.secrets {
            files.extend(self.copy_secrets(settings, &registered)?);
        }
        let manifest = Manifest::new(made_at, database, files);
        self.publish(&manifest).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => BackupFailed::Taken(self.target.clone()),
            _ => self.unwritten(error),
        })?;
        Ok(Made { manifest, findings })
    }

    fn copy_secrets(
        &self,
        settings: &Settings,
        registered: &[KeyFingerprint],
    ) -> Result<Vec<FilePart>, BackupFailed> {
        let (pepper, keys) = (settings.pepper_path(), settings.keys_path());
        // What could not be served from is no use later either.
        KeyDirectory::at(&keys).read().map_err(BackupFailed::Secrets)?;
        Pepper::load(&pepper).map_err(BackupFailed::Secrets)?;
        let directory = self.path.join(KEYS);
        private_file::create_directory(&directory).map_err(|error| self.unwritten(error))?;
        let mut files = vec![copy(&pepper, &self.path.join(PEPPER), PEPPER)?];
        for name in key_files(&keys).map_err(|error| BackupFailed::Secret(keys.clone(), error))? {
            files.push(copy(&keys.join(&name), &directory.join(&name), &format!("{KEYS}/{name}"))?);
        }
        private_file::sync_directory(&directory).map_err(|error| self.unwritten(error))?;
        let register = Register::read(registered);
        let copied = Pepper::load(&self.path.join(PEPPER)).map_err(BackupFailed::Secrets)?;
        if register.pepper.is_some_and(|expected| expected != copied.fingerprint()) {
            return Err(BackupFailed::OtherPepper(pepper));
        }
        let copied = KeyDirectory::at(directory).read().map_err(BackupFailed::Secrets)?;
        let known = |kid: &str| registered.contains(&key_entry(kid));
        if !registered.is_empty() && !copied.iter().any(|key| known(key.kid())) {
            return Err(BackupFailed::OtherKeys(keys));
        }
        Ok(files)
    }

    fn publish(&self, manifest: &Manifest) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(manifest)?;
        text.push(b'\n');
        private_file::write(&self.path.join(MANIFEST), &text)?;
        private_file::sync_directory(&self.path)?;
        private_file::rename_to_new(&self.path, &self.target)?;
        private_file::sync_directory_of(&self.target)
    }

    fn unwritten(&self, error: io::Error) -> BackupFailed {
        BackupFailed::Write(self.target.clone(), error)
    }
}

fn examine(copy: &Path) -> Result<doorward_sqlite::Examination, BackupFailed> {
    let found = SqliteStore::examine_copy(copy).map_err(BackupFailed::Check)?;
    match found.findings.iter().find(|finding| finding.spoils_a_copy()) {
        Some(finding) => Err(BackupFailed::Damaged(finding.clone())),
        None => Ok(found),
    }
}

fn copy(from: &Path, to: &Path, path: &str) -> Result<FilePart, BackupFailed> {
    copy_private(from, to, path).map_err(|error| BackupFailed::Secret(from.to_owned(), error))
}

/// The names of the files that hold keys; others in the directory mean nothing.
pub(crate) fn key_files(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let Ok(name) = entry?.file_name().into_string() else { continue };
        if is_key_file(&name) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> (tempfile::TempDir, PartialBackup, Manifest) {
        let directory = tempfile::tempdir().unwrap();
        let partial = PartialBackup::begin(&directory.path().join("today")).unwrap();
        let manifest = Manifest::new("2026-01-01T00:00:00Z".to_owned(), None, Vec::new());
        (directory, partial, manifest)
    }

    #[test]
    fn what_was_discarded_is_not_published_by_whoever_still_writes() {
        let (directory, partial, manifest) = begun();
        fs::write(partial.path.join(DATABASE), "half").unwrap();
        assert!(partial.discard());
        assert!(partial.publish(&manifest).is_err());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_was_published_is_not_discarded() {
        let (_directory, partial, manifest) = begun();
        partial.publish(&manifest).unwrap();
        assert!(!partial.discard());
        assert!(partial.target().join(MANIFEST).exists());
    }
}
