//! `doorward users import`: accounts of another system.

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use doorward_http::exchange::{RowKind, RowReader};

use super::progress::Progress;
use super::{ImportArguments, UsersFailed};
use crate::causes::with_causes;
use crate::command_line::{INTERRUPTED, terminal};
use crate::intake::{Format, Intake, IntakeError, Pace, Reading, Results, Resumption, Source, Totals};
use crate::ownership::Ownership;
use crate::settings::{Database, Settings};
use crate::stop::Stop;
use crate::telemetry::Log;
use crate::wiring;

/// Some rows were refused.
const SOME_REFUSED: u8 = 1;

/// Into a file that nobody serves: enough that a commit costs little, and five batches, one in each stage, little memory.
const ALONE: Pace = Pace { rows: 5_000, bytes: 1 << 20, in_flight: 2, pause: Duration::ZERO };

/// Into a file that is served: whoever logs in meanwhile waits for no more than this takes.
const BESIDE_A_SERVICE: Pace =
    Pace { rows: 2_000, bytes: 1 << 20, in_flight: 1, pause: Duration::from_millis(20) };

/// Into a server: a transaction that is over soon, and a statement that `CockroachDB` takes.
const SERVER: Pace = Pace { rows: 1_000, bytes: 1 << 20, in_flight: 2, pause: Duration::ZERO };

/// Takes accounts in, says how far it is, and what became of them.
pub(super) async fn import(
    settings: &Settings,
    arguments: ImportArguments,
    log: &Arc<Log>,
) -> Result<ExitCode, UsersFailed> {
    let ImportArguments { file, format, results, resume, dry_run } = arguments;
    let format = format.or_else(|| Format::of(&file)).ok_or(UsersFailed::Format)?;
    let source = Source::open(&file).map_err(|error| UsersFailed::File(file.clone(), error))?;
    let stop = Stop::on_signals(Arc::clone(log)).map_err(UsersFailed::Start)?;
    let (import, store, pepper) = wiring::account_import(settings).await?;
    let (results_file, resumption, totals) = open(results.as_deref(), resume, dry_run)?;
    if resumption.rows() > 0 {
        terminal::complain(&format!(
            "{} rows have a result already, and are passed over.",
            resumption.rows()
        ));
    }
    let progress = Progress::begin(resumption.rows(), source.position(), source.length);
    let kind = if format == Format::Json { RowKind::Seed } else { RowKind::Document };
    let reader = RowReader::new(kind, pepper);
    let reading =
        Reading::begin(source, format, reader, resumption, pace(settings)).map_err(UsersFailed::Start)?;
    let (import, follower) = (Arc::new(import), &progress);
    let mut intake = Intake { import, is_rehearsal: dry_run, results: results_file, follower, totals };
    let ended = intake.carry_out(reading, &stop).await;
    let totals = intake.totals;
    drop(intake);
    progress.finish();
    store.close();
    report(totals, dry_run)?;
    if matches!(ended, Ok(true)) {
        let refused = totals.conflict + totals.invalid > 0;
        return Ok(if refused { ExitCode::from(SOME_REFUSED) } else { ExitCode::SUCCESS });
    }
    terminal::complain(&how_to_go_on(&file, results.as_deref()));
    match ended {
        Ok(_) => Ok(ExitCode::from(INTERRUPTED)),
        Err(error @ IntakeError::Import(_)) if error.is_temporary() => {
            terminal::complain(&format!("The store is away: {}", with_causes(&error)));
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

type Begun = (Option<Results>, Resumption, Totals);

fn open(results: Option<&Path>, resume: bool, dry_run: bool) -> Result<Begun, UsersFailed> {
    let Some(path) = results else { return Ok(Default::default()) };
    let opened = if resume {
        Results::resume(path, dry_run)
    } else {
        Results::create(path).map(|results| (results, Resumption::default(), Totals::default()))
    };
    let (results, resumption, totals) =
        opened.map_err(|error| UsersFailed::Results(path.to_owned(), error))?;
    Ok((Some(results), resumption, totals))
}

/// Asked before each batch: a service may start or stop meanwhile.
fn pace(settings: &Settings) -> Arc<dyn Fn() -> Pace + Send + Sync> {
    match settings.database() {
        Database::Sqlite(file) => {
            Arc::new(move || if Ownership::is_held(&file) { BESIDE_A_SERVICE } else { ALONE })
        }
        Database::Postgres { .. } => Arc::new(|| SERVER),
    }
}

fn report(totals: Totals, dry_run: bool) -> io::Result<()> {
    let Totals { created, exists, conflict, invalid } = totals;
    let created_name = if dry_run { "would be created" } else { "created" };
    terminal::say(&format!(
        "{created:>10} {created_name}\n{exists:>10} exist\n{conflict:>10} conflicts\n{invalid:>10} invalid\n"
    ))
}

fn how_to_go_on(file: &Path, results: Option<&Path>) -> String {
    let file = file.display();
    match results {
        Some(results) => format!(
            "Not everything was looked at. This goes on where it stopped:\n  doorward users import {file} --results {} \
             --resume",
            results.display()
        ),
        None => {
            "Not everything was looked at. The same command goes on: who is there already is passed over."
                .to_owned()
        }
    }
}
