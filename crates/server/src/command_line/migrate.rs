//! `doorward migrate`: which version the tables of the database have, and bringing them up to date.

use std::fmt::Write;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use doorward_cockroach::Progress;
use doorward_sql::{Extent, MigrationKind, SchemaStatus};

use super::{TEMPORARY, terminal};
use crate::settings::Settings;
use crate::store::schema::{self, MigrationFailed};
use crate::telemetry::Log;

/// Some migrations are missing.
const PENDING: u8 = 1;
/// A newer version was here.
const NEWER: u8 = 3;

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum MigrateFailed {
    /// The database cannot be looked at, or not be changed.
    #[error(transparent)]
    Migration(#[from] MigrationFailed),
    /// Standard output is closed, or is full.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
}

impl MigrateFailed {
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Migration(failure) if failure.is_temporary() => ExitCode::from(TEMPORARY),
            Self::Migration(failure) if failure.is_newer() => ExitCode::from(NEWER),
            Self::Migration(MigrationFailed::Stopped(code)) => ExitCode::from(*code),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Tells of every migration whether it was carried out.
pub(super) async fn status(settings: &Settings) -> Result<ExitCode, MigrateFailed> {
    let status = schema::status(settings).await?;
    terminal::say(&text_of(&status))?;
    Ok(match status {
        status if status.refused().is_some() => ExitCode::from(NEWER),
        status if !status.pending.is_empty() => ExitCode::from(PENDING),
        _ => ExitCode::SUCCESS,
    })
}

fn text_of(SchemaStatus { applied, pending, unknown }: &SchemaStatus) -> String {
    let mut text = String::new();
    for (names, state) in
        [(applied, "applied"), (pending, "pending"), (unknown, "unknown: of a newer version")]
    {
        for name in names {
            let more = match (state, MigrationKind::of(name)) {
                ("pending", MigrationKind::Contract) => ONCE_ALONE,
                ("pending" | "applied", _) => "",
                (_, MigrationKind::Expand) => ", beside which this one goes on",
                (_, _) => ", beside which this one does not start",
            };
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{name}  {state}{more}");
        }
    }
    text
}

/// What is said of a migration that takes away what older versions need.
const ONCE_ALONE: &str = ", once no older version runs";

/// Names what [`apply`] would carry out.
pub(super) async fn plan(settings: &Settings) -> Result<(), MigrateFailed> {
    let status = schema::status(settings).await?;
    let line = |name: &str| match MigrationKind::of(name) {
        MigrationKind::Contract => format!("{name}{ONCE_ALONE}\n"),
        _ => format!("{name}\n"),
    };
    let text = match status.obstacle(Extent::Everything) {
        None if status.pending.is_empty() => "Nothing is to be done.\n".to_owned(),
        None => status.to_do(Extent::Everything).map(line).collect(),
        Some(_) => {
            format!("A newer version was here ({}): nothing would be done.\n", status.unknown.join(", "))
        }
    };
    Ok(terminal::say(&text)?)
}

/// Carries out what is missing, and says so line by line.
pub(super) async fn apply(settings: &Settings, log: &Arc<Log>, extent: Extent) -> Result<(), MigrateFailed> {
    let done = schema::apply(settings, log, extent, |progress| {
        let line = match progress {
            Progress::WaitingFor(owner) => {
                format!("Waiting for {owner}, which is at it already; if it died, for at most a minute.\n")
            }
            Progress::Begun(name) => format!("{name}\n"),
        };
        // A migration does not stop because nobody reads about it.
        let _nobody_reads = terminal::say(&line);
    })
    .await?;
    let text = match done.len() {
        0 => "Everything is up to date.\n".to_owned(),
        1 => "1 migration was carried out.\n".to_owned(),
        count => format!("{count} migrations were carried out.\n"),
    };
    Ok(terminal::say(&text)?)
}
