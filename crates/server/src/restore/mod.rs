//! Putting a backup in the place of what is there. A crash in the middle leaves what was there, or a notice by which the
//! rest is done; nothing is ever deleted.

mod failure;
mod moves;
mod secrets;
#[cfg(test)]
mod tests;

pub(crate) use failure::RestoreFailed;
pub(crate) use moves::unfinished;

use std::fs;
use std::path::{Path, PathBuf};

use doorward_crypto::{RandomIds, SystemClock, private_file};
use doorward_domain::audit::{Action, AuditEntry};
use doorward_domain::port::{Clock as _, Ids as _, KeyFingerprint};
use doorward_domain::{Origin, Timestamp};
use doorward_sqlite::{Revival, SqliteSettings, SqliteStore};

use crate::backup::{Backup, DATABASE, Manifest, copy_private};
use crate::data_dir;
use crate::ownership::Ownership;
use crate::settings::{Database, Settings, absolute};
use crate::shared_keys::Date;
use moves::{Move, Notice, companions, is_there, staged_beside};
use secrets::Placing;
pub(crate) use secrets::Secrets;

/// What an operator decides.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Choices {
    /// Whether what is there may be moved aside.
    pub(crate) replace: bool,
    /// Whether sessions go on that were live in the backup.
    pub(crate) keep_sessions: bool,
    /// Whether keys and pepper stay as they are.
    pub(crate) without_secrets: bool,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Restored {
    /// All of it was done now.
    Now(Report),
    /// It was begun earlier, and what was left was done now. Where things that were there are.
    Finished(Vec<PathBuf>),
}

/// What was done.
#[derive(Debug)]
pub(crate) struct Report {
    /// What the backup says of itself.
    pub(crate) manifest: Manifest,
    /// How many sessions were ended, if there is a database in it.
    pub(crate) ended: Option<usize>,
    /// What became of keys and pepper.
    pub(crate) secrets: Secrets,
    /// The database that was there, by its new name.
    pub(crate) replaced: Option<PathBuf>,
    /// Everything that was there, by its new names.
    pub(crate) aside: Vec<PathBuf>,
}

/// Restores a backup into the places that the settings name.
///
/// This blocks.
pub(crate) fn restore(
    settings: &Settings,
    directory: &Path,
    choices: Choices,
) -> Result<Restored, RestoreFailed> {
    let directory =
        std::path::absolute(directory).map_err(|error| RestoreFailed::Write(directory.to_owned(), error))?;
    let Database::Sqlite(file) = settings.database() else {
        return restore_secrets_alone(settings, &directory, choices);
    };
    if settings.uses_data_dir() {
        data_dir::prepare(&settings.data_dir)?;
    }
    let file = absolute(&file);
    let _mine = Ownership::claim(&file)?;
    if let Some(notice) = Notice::beside(&file)? {
        return finish(&notice, &file, &directory);
    }
    let backup = Backup::open(&directory)?;
    if backup.database.is_none() {
        return restore_secrets_alone(settings, &directory, choices);
    }
    Restoration { settings, file, backup, choices, now: SystemClock.now() }.carry_out()
}

/// Does what is left of a restore that was interrupted.
fn finish(notice: &Notice, file: &Path, directory: &Path) -> Result<Restored, RestoreFailed> {
    if notice.backup != directory {
        return Err(RestoreFailed::OtherUnfinished(notice.backup.clone()));
    }
    settle(file)?;
    notice.carry_out()?;
    Notice::remove(file)?;
    Ok(Restored::Finished(notice.aside()))
}

/// Keys and pepper where they are absent or, if that is wanted, in the place of others. Done again after a crash, this
/// does what is left.
fn restore_secrets_alone(
    settings: &Settings,
    directory: &Path,
    choices: Choices,
) -> Result<Restored, RestoreFailed> {
    let backup = Backup::open(directory)?;
    if backup.database.is_some() {
        return Err(RestoreFailed::NotEmbedded(settings.database().to_string()));
    }
    if settings.uses_data_dir() {
        data_dir::prepare(&settings.data_dir)?;
    }
    let secrets = Secrets::plan(settings, &backup, None, choices)?;
    let suffix = suffix(SystemClock.now());
    refuse_to_replace(
        choices,
        secrets.placings().iter().filter(|placing| placing.differs).map(|one| &one.place),
    )?;
    let moves = stage_secrets(&backup, secrets.placings(), &suffix)?;
    let notice = Notice { backup: backup.directory.clone(), moves };
    notice.carry_out()?;
    let aside = notice.aside();
    Ok(Restored::Now(Report { manifest: backup.manifest, ended: None, secrets, replaced: None, aside }))
}

struct Restoration<'a> {
    settings: &'a Settings,
    file: PathBuf,
    backup: Backup,
    choices: Choices,
    now: Timestamp,
}

impl Restoration<'_> {
    fn carry_out(self) -> Result<Restored, RestoreFailed> {
        let Self { settings, file, backup, choices, now } = &self;
        let present = registered_in(file);
        let secrets = Secrets::plan(settings, backup, present.as_deref(), *choices)?;
        let replaced: Vec<&PathBuf> = secrets
            .placings()
            .iter()
            .filter(|placing| placing.differs)
            .map(|placing| &placing.place)
            .chain(self.is_database_there().then_some(file))
            .collect();
        refuse_to_replace(*choices, replaced)?;

        let suffix = suffix(*now);
        let staged = staged_beside(file)?;
        let ended = self.stage_database(&staged, secrets.is_as_before().then_some(present).flatten())?;
        let database = Move::into(file, &staged, &suffix);
        let replaced = database.aside.clone().filter(|_| is_there(file));
        let mut moves = vec![database];
        moves.extend(stage_secrets(backup, secrets.placings(), &suffix)?);
        let notice = Notice { backup: backup.directory.clone(), moves };
        let aside = notice.aside();
        // From here on nobody opens the database, and the same command finishes what a crash interrupts.
        notice.write_beside(file)?;
        if let Err(error) = settle(file) {
            Notice::remove(file)?;
            notice.discard();
            return Err(error);
        }
        notice.carry_out()?;
        Notice::remove(file)?;
        let manifest = self.backup.manifest;
        Ok(Restored::Now(Report { manifest, ended: Some(ended), secrets, replaced, aside }))
    }

    fn is_database_there(&self) -> bool {
        is_there(&self.file) || companions(&self.file).iter().any(|path| is_there(path))
    }

    /// Makes the copy that is to be served, and answers how many sessions were ended in it.
    fn stage_database(
        &self,
        staged: &Path,
        registered: Option<Vec<KeyFingerprint>>,
    ) -> Result<usize, RestoreFailed> {
        let failed = |error| RestoreFailed::Write(staged.to_owned(), error);
        copy_private(&self.backup.path(DATABASE), staged, DATABASE).map_err(failed)?;
        let end_sessions_at = (!self.choices.keep_sessions).then_some(self.now);
        let revival = Revival { end_sessions_at, registered };
        let ended =
            SqliteStore::revive(staged, SqliteSettings::default(), &revival, |ended| self.entry(ended))
                .map_err(|error| RestoreFailed::Prepare(staged.to_owned(), error))?;
        fs::File::open(staged).and_then(|file| file.sync_all()).map_err(failed)?;
        private_file::sync_directory_of(staged).map_err(failed)?;
        Ok(ended)
    }

    /// Nobody's, as everything that an operator does at the command line.
    fn entry(&self, ended: usize) -> AuditEntry {
        let entry = AuditEntry::new(RandomIds.audit(), self.now, Action::Restore, &Origin::default())
            .noting("backup", &self.backup.manifest.made_at);
        if self.choices.keep_sessions {
            entry.noting("sessions", "kept")
        } else {
            entry.noting("sessions", "all").noting("count", ended.to_string())
        }
    }
}

/// What the database that is there knows of keys. One that does not open knows nothing.
fn registered_in(file: &Path) -> Option<Vec<KeyFingerprint>> {
    SqliteStore::registered_in(file, SqliteSettings::default()).ok()
}

/// Nobody else may have the database open: what they write later would be in the file that is moved aside. Where it
/// cannot even be opened, nobody can.
fn settle(file: &Path) -> Result<(), RestoreFailed> {
    match SqliteStore::settle(file, SqliteSettings::default()) {
        Ok(false) => Err(RestoreFailed::InUse(file.to_owned())),
        Ok(true) | Err(_) => Ok(()),
    }
}

fn refuse_to_replace<'a>(
    choices: Choices,
    there: impl IntoIterator<Item = &'a PathBuf>,
) -> Result<(), RestoreFailed> {
    let there: Vec<PathBuf> = there.into_iter().cloned().collect();
    if choices.replace || there.is_empty() { Ok(()) } else { Err(RestoreFailed::Taken(there)) }
}

fn stage_secrets(backup: &Backup, placings: &[Placing], suffix: &str) -> Result<Vec<Move>, RestoreFailed> {
    placings
        .iter()
        .map(|placing| {
            let staged = staged_beside(&placing.place)?;
            placing.stage(backup, &staged)?;
            Ok(Move::into(&placing.place, &staged, suffix))
        })
        .collect()
}

/// What is moved aside is called after the moment.
fn suffix(now: Timestamp) -> String {
    let moment: String = Date(now).to_string().chars().filter(|letter| !"-:".contains(*letter)).collect();
    format!(".replaced-{moment}")
}
