//! `doorward restore`: a backup in the place of what is there.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{TEMPORARY, terminal};
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
    let (manifest, database) = (&report.manifest, settings.database());
    let made = format!("{} (made {} by {})", directory.display(), manifest.made_at, manifest.version);
    let mut text = match &manifest.database {
        None => format!("Keys and pepper of {made} are restored.\n"),
        Some(part) => {
            let rows = part.rows.iter().map(|(table, rows)| format!("  {rows:>10} {table}\n"));
            format!("{made} is restored into {database}:\n{}", rows.collect::<String>())
        }
    };
    text.push_str(&moved(&report.aside));
    text.push_str(secrets(&report.secrets));
    if manifest.database.is_some() {
        text.push_str(&if choices.keep_sessions {
            "Sessions were kept: those that were ended since the backup live again.\n".to_owned()
        } else {
            format!(
                "{} sessions were ended: everybody has to log in again.\n",
                report.ended.unwrap_or_default()
            )
        });
        text.push_str(
            "Passwords, roles, closed and deleted accounts are as they were then. What has changed since is undone.\n",
        );
    }
    if let Some(replaced) = &report.replaced {
        // Writing to a text cannot fail.
        let _ = write!(
            text,
            "To see what that was, if the old database can be read:\n  DOORWARD_DATABASE_URL=sqlite://{} doorward \
             audit --since {}\n",
            replaced.display(),
            manifest.made_at
        );
    }
    text
}

fn moved(aside: &[PathBuf]) -> String {
    aside.iter().map(|path| format!("What was there is {} now.\n", path.display())).collect()
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
