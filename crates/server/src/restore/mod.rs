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
use doorward_sqlite::{OpenError, Revival, SqliteSettings, SqliteStore};

use crate::backup::{Backup, DATABASE, Manifest, Unusable, copy_private};
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
    let mut notice = Notice { backup: backup.directory.clone(), moves: Vec::new() };
    let staged = stage_secrets(&backup, secrets.placings(), &suffix, &mut notice.moves);
    staged.inspect_err(|_| notice.discard())?;
    if let Err(error) = notice.carry_out() {
        withdraw(&notice);
        return Err(error);
    }
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
        let mut notice = Notice { backup: backup.directory.clone(), moves: Vec::new() };
        let known = secrets.is_as_before().then_some(present).flatten();
        let staged = stage_secrets(backup, secrets.placings(), &suffix, &mut notice.moves)
            .and_then(|()| self.stage_database(known, &suffix, &mut notice.moves));
        let (ended, replaced) = staged.inspect_err(|_| notice.discard())?;
        let aside = notice.aside();
        // From here on nobody opens the database, and the same command finishes what a crash interrupts.
        notice.write_beside(file)?;
        if let Err(error) = settle(file).and_then(|()| notice.carry_out()) {
            if withdraw(&notice) {
                Notice::remove(file)?;
            }
            return Err(error);
        }
        Notice::remove(file)?;
        let manifest = self.backup.manifest;
        Ok(Restored::Now(Report { manifest, ended: Some(ended), secrets, replaced, aside }))
    }

    fn is_database_there(&self) -> bool {
        is_there(&self.file) || companions(&self.file).iter().any(|path| is_there(path))
    }

    /// Makes the copy that is to be served, and answers how many sessions were ended in it, and where the database goes
    /// that is there.
    fn stage_database(
        &self,
        registered: Option<Vec<KeyFingerprint>>,
        suffix: &str,
        moves: &mut Vec<Move>,
    ) -> Result<(usize, Option<PathBuf>), RestoreFailed> {
        let staged = &staged_beside(&self.file)?;
        let step = Move::into(&self.file, staged, suffix);
        step.check()?;
        let replaced = step.aside.clone().filter(|_| is_there(&self.file));
        moves.push(step);
        copy_part(&self.backup, DATABASE, staged)?;
        let end_sessions_at = (!self.choices.keep_sessions).then_some(self.now);
        let revival = Revival { end_sessions_at, registered };
        let ended =
            SqliteStore::revive(staged, SqliteSettings::default(), &revival, |ended| self.entry(ended))
                .map_err(|error| RestoreFailed::Prepare(staged.clone(), error))?;
        fs::File::open(staged)
            .and_then(|file| file.sync_all())
            .and_then(|()| private_file::sync_directory_of(staged))
            .map_err(|error| RestoreFailed::Write(staged.clone(), error))?;
        Ok((ended, replaced))
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

/// Nobody else may have the database open: what they write later would be in the file that is moved aside. What is no
/// database of ours, or not a whole one, nobody serves from.
fn settle(file: &Path) -> Result<(), RestoreFailed> {
    match SqliteStore::settle(file, SqliteSettings::default()) {
        Ok(true)
        | Err(OpenError::Absent | OpenError::NotADatabase | OpenError::Damaged(_) | OpenError::Foreign) => {
            Ok(())
        }
        Ok(false) => Err(RestoreFailed::InUse(file.to_owned())),
        Err(error) => Err(RestoreFailed::Settle(file.to_owned(), error)),
    }
}

/// Puts back what was moved, and takes away what was made for nothing. Where that cannot be done, the notice is needed by
/// which the rest is done.
fn withdraw(notice: &Notice) -> bool {
    let undone = notice.undo();
    match &undone {
        Ok(()) => notice.discard(),
        Err(error) => tracing::warn!(%error, "what was moved cannot be moved back"),
    }
    undone.is_ok()
}

/// Copies a part of a backup to a new file. It was compared with the manifest before, and is read once more now.
fn copy_part(backup: &Backup, part: &str, to: &Path) -> Result<(), RestoreFailed> {
    let copied = copy_private(&backup.path(part), to, part)
        .map_err(|error| RestoreFailed::Write(to.to_owned(), error))?;
    if backup.manifest.files.contains(&copied) {
        return Ok(());
    }
    Err(Unusable::Changed(backup.path(part)).into())
}

fn refuse_to_replace<'a>(
    choices: Choices,
    there: impl IntoIterator<Item = &'a PathBuf>,
) -> Result<(), RestoreFailed> {
    let there: Vec<PathBuf> = there.into_iter().cloned().collect();
    if choices.replace || there.is_empty() { Ok(()) } else { Err(RestoreFailed::Taken(there)) }
}

fn stage_secrets(
    backup: &Backup,
    placings: &[Placing],
    suffix: &str,
    moves: &mut Vec<Move>,
) -> Result<(), RestoreFailed> {
    for placing in placings {
        let staged = staged_beside(&placing.place)?;
        let step = Move::into(&placing.place, &staged, suffix);
        step.check()?;
        moves.push(step);
        placing.stage(backup, &staged)?;
    }
    Ok(())
}

/// What is moved aside is called after the moment.
fn suffix(now: Timestamp) -> String {
    let moment: String = Date(now).to_string().chars().filter(|letter| !"-:".contains(*letter)).collect();
    format!(".replaced-{moment}")
}
