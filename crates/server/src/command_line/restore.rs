//! `doorward restore`: a backup in the place of what is there.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{TEMPORARY, terminal};
use crate::backup::Manifest;
use crate::restore::{self, Choices, Report, RestoreFailed, Restored, Secrets};
use crate::settings::Settings;

/// What is restored, and how.
#[derive(Args)]
pub(super) struct RestoreArguments {
    /// The directory that `doorward backup` made
    directory: PathBuf,
    /// Move aside what is there; nothing is deleted
    #[arg(long)]
    replace: bool,
    /// Let sessions go on that were live in the backup: also those live again that were ended since
    #[arg(long)]
    keep_sessions: bool,
    /// Leave keys and pepper as they are here
    #[arg(long)]
    without_secrets: bool,
}

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub(super) enum RestoreCommandFailed {
    /// It was not done.
    #[error(transparent)]
    Restore(#[from] RestoreFailed),
    /// Standard output is closed, or is full.
    #[error("it is restored; cannot write to standard output")]
    Output(#[from] io::Error),
}

impl RestoreCommandFailed {
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Restore(error) if error.is_temporary() => ExitCode::from(TEMPORARY),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Restores, and says what that means. A signal ends it at any moment: the same command does what is left.
pub(super) fn restore(settings: &Settings, arguments: &RestoreArguments) -> Result<(), RestoreCommandFailed> {
    let RestoreArguments { directory, replace, keep_sessions, without_secrets } = arguments;
    let choices =
        Choices { replace: *replace, keep_sessions: *keep_sessions, without_secrets: *without_secrets };
    let text = match restore::restore(settings, directory, choices)? {
        Restored::Finished(aside) => {
            format!("The restore that was interrupted is finished.\n{}", moved(&aside))
        }
        Restored::Now(report) => told(settings, directory, choices, &report),
    };
    Ok(terminal::say(&text)?)
}

fn told(settings: &Settings, directory: &Path, choices: Choices, report: &Report) -> String {
    let Manifest { version, made_at, database, .. } = &report.manifest;
    let made = format!("{} (made {made_at} by {version})", directory.display());
    let Some(part) = database else {
        return format!(
            "Keys and pepper of {made} are restored.\n{}{}",
            moved(&report.aside),
            secrets(&report.secrets)
        );
    };
    let mut text = format!("{made} is restored into {}:\n", settings.database());
    for (table, rows) in &part.rows {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {rows:>10} {table}");
    }
    text.push_str(&moved(&report.aside));
    text.push_str(secrets(&report.secrets));
    let _ = match report.ended {
        Some(ended) if !choices.keep_sessions => {
            writeln!(text, "{ended} sessions were ended: everybody has to log in again.")
        }
        _ => writeln!(text, "Sessions were kept: those that were ended since the backup live again."),
    };
    text.push_str(
        "Passwords, roles, closed and deleted accounts are as they were then. What has changed since is undone.\n",
    );
    if let Some(replaced) = &report.replaced {
        let _ = writeln!(
            text,
            "To see what that was, if the old database can be read:\n  DOORWARD_DATABASE_URL=sqlite://{} doorward \
             audit --since {made_at}",
            replaced.display()
        );
    }
    text
}

fn moved(aside: &[PathBuf]) -> String {
    let mut text = String::new();
    for path in aside {
        let _ = writeln!(text, "What was there is {} now.", path.display());
    }
    text
}

fn secrets(secrets: &Secrets) -> &'static str {
    match secrets {
        Secrets::AsBefore => {
            "Keys and pepper are those that were here: they belong to the database, and what was exchanged or retired \
             since the backup stays so.\n"
        }
        Secrets::Left { is_useless: false } => "Keys and pepper were left as they are.\n",
        Secrets::Left { is_useless: true } => {
            "Keys and pepper were left as they are, and they are not those of this database: put the right ones in \
             their places before the next start, or no password works.\n"
        }
        Secrets::Put(placings) if placings.is_empty() => "Keys and pepper are the same here already.\n",
        Secrets::Put(_) => {
            "Keys and pepper are those of the backup. A key that was retired since is good again: `doorward keys list` \
             tells which there are, `doorward keys retire` ends one.\n"
        }
    }
}
