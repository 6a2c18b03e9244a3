//! `doorward backup`: everything that it takes to serve again, in one directory.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::watch;
use tokio::task::JoinError;
use tokio::time::{MissedTickBehavior, interval};

use super::size::Size;
use super::{TEMPORARY, terminal};
use crate::backup::{BackupFailed, Content, Made, PartialBackup, Step};
use crate::settings::{Database, Settings};
use crate::stop::Stop;
use crate::store::{StoreUnusable, refuse_while_restored};
use crate::telemetry::Log;

/// How often it is told how far it is: on a terminal, and elsewhere.
const GLANCE: Duration = Duration::from_millis(200);
const LINE: Duration = Duration::from_secs(10);

/// What is backed up, and where to.
#[derive(Args)]
pub(super) struct BackupArguments {
    /// The directory that is made; nothing may be there
    directory: std::path::PathBuf,
    /// Leave keys and pepper out: they have to be backed up elsewhere, or no password works after a restore
    #[arg(long, conflicts_with = "secrets_only")]
    without_secrets: bool,
    /// Back up keys and pepper alone, whichever database there is
    #[arg(long)]
    secrets_only: bool,
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub(super) enum BackupCommandFailed {
    /// The database is on a server.
    #[error(
        "{0} is backed up by its own tools (pg_dump, BACKUP: see docs/backup.md); `doorward backup --secrets-only` \
         backs up the keys and the pepper"
    )]
    Server(String),
    /// The database is not to be opened.
    #[error(transparent)]
    Store(#[from] StoreUnusable),
    /// It was not made.
    #[error(transparent)]
    Backup(#[from] BackupFailed),
    /// Somebody asked for it; with what that is for the shell.
    #[error("stopped; nothing is left of the backup")]
    Stopped(u8),
    /// The signals are not to be had.
    #[error("the backup cannot be begun")]
    Signals(#[source] io::Error),
    /// It ended in the middle.
    #[error("the backup was broken off")]
    Task(#[from] JoinError),
    /// Standard output is closed, or is full.
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
}

impl BackupCommandFailed {
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Server(_) => ExitCode::from(2),
            Self::Stopped(code) => ExitCode::from(*code),
            Self::Backup(error) if error.is_temporary() => ExitCode::from(TEMPORARY),
            Self::Store(error) if error.is_temporary() => ExitCode::from(TEMPORARY),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Makes a backup, also while the service runs, and says what is in it.
pub(super) async fn back_up(
    settings: &Settings,
    arguments: &BackupArguments,
    log: &Arc<Log>,
) -> Result<(), BackupCommandFailed> {
    let content = content(settings, arguments)?;
    let stop = Stop::on_signals(Arc::clone(log)).map_err(BackupCommandFailed::Signals)?;
    let partial = PartialBackup::begin(&arguments.directory)?;
    let made = complete(&partial, settings, &content, &stop).await?;
    terminal::say(&report(settings, &partial, &content, &made)).map_err(BackupCommandFailed::Output)
}

fn content(settings: &Settings, arguments: &BackupArguments) -> Result<Content, BackupCommandFailed> {
    let database = match settings.database() {
        _ if arguments.secrets_only => None,
        Database::Sqlite(file) => {
            refuse_while_restored(&file, &settings.database().to_string())?;
            Some(file)
        }
        server @ Database::Postgres { .. } => return Err(BackupCommandFailed::Server(server.to_string())),
    };
    Ok(Content { database, secrets: !arguments.without_secrets })
}

/// On a thread of its own, which is left to itself when somebody asks to stop: all that it writes is taken away, unless it
/// was done in this moment.
async fn complete(
    partial: &PartialBackup,
    settings: &Settings,
    content: &Content,
    stop: &Stop,
) -> Result<Made, BackupCommandFailed> {
    let (tell, news) = watch::channel(Step::default());
    let mut task = tokio::task::spawn_blocking({
        let (partial, settings, content) = (partial.clone(), settings.clone(), content.clone());
        move || partial.complete(&settings, &content, |step| tell.send_modify(|present| *present = step))
    });
    let mut progress = Progress::of(content);
    let mut clock = interval(progress.pace());
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut is_published = false;
    // The first one is at once.
    clock.tick().await;
    loop {
        tokio::select! {
            made = &mut task => {
                progress.finish();
                if !matches!(made, Ok(Ok(_))) && !partial.discard() {
                    tracing::warn!(directory = %partial.target().display(), "the backup is there all the same");
                }
                return Ok(made??);
            }
            code = stop.code(), if !is_published => {
                progress.finish();
                if partial.discard() {
                    return Err(BackupCommandFailed::Stopped(code));
                }
                is_published = true;
            }
            _ = clock.tick() => {
                let present = *news.borrow();
                progress.show(present, partial.copied());
            }
        }
    }
}

/// How far it is: a bar on a terminal, and lines elsewhere.
struct Progress {
    expected: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    fn of(content: &Content) -> Self {
        let expected = content.database.as_deref().map_or(0, size_of);
        Self { expected, bar: io::stderr().is_terminal().then(|| bar(expected)) }
    }

    fn pace(&self) -> Duration {
        if self.bar.is_some() { GLANCE } else { LINE }
    }

    fn show(&self, step: Step, copied: u64) {
        // The copy is smaller than the file, which has room for more.
        let copied = copied.min(self.expected);
        match &self.bar {
            Some(bar) => {
                bar.set_position(copied);
                bar.set_message(name(step));
            }
            None if step == Step::Copying => terminal::complain(&format!(
                "{}: {} of at most {}",
                name(step),
                Size(copied),
                Size(self.expected)
            )),
            None => terminal::complain(name(step)),
        }
    }

    fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn size_of(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |file| file.len())
}

fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    // A template that is none is noticed by the test below.
    bar.set_style(ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// What does not fit is cut off: a second line would stay behind.
const TEMPLATE: &str = "[{bar:24}] {bytes:>10} of at most {total_bytes}  {wide_msg}";

fn name(step: Step) -> &'static str {
    match step {
        Step::Copying => "copying the database",
        Step::Checking => "reading the copy through",
        Step::Finishing => "keys, pepper and digests",
    }
}

fn report(settings: &Settings, partial: &PartialBackup, content: &Content, made: &Made) -> String {
    let mut text = format!("Backed up to {}:\n", partial.target().display());
    if let Some(database) = &made.manifest.database {
        for (table, rows) in &database.rows {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "  {rows:>10} {table}");
        }
    }
    text.push_str(if content.secrets {
        "Keys and pepper are in it: whoever has it can be anybody. Keep it as you keep them.\n"
    } else {
        "Keys and pepper are not in it: without them no password works after a restore.\n"
    });
    if !made.findings.is_empty() {
        let _ = writeln!(text, "\nNot all is well with {}, nor with the copy:", settings.database());
        for finding in &made.findings {
            let _ = writeln!(text, "  - {finding}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_one() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
