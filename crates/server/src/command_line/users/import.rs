//! `doorward users import`: accounts of another system.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use doorward_http::exchange::{RowKind, RowReader};

use super::progress::Progress;
use super::{ImportArguments, UsersFailed};
use crate::command_line::{INTERRUPTED, terminal};
use crate::intake::{
    FileId, Format, Intake, IntakeError, Pace, Reading, Results, Resumption, Source, Totals,
};
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
    let (results_file, resumption, totals) = open(results.as_deref(), resume, dry_run, source.file)?;
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
    if ended.as_ref().err().is_none_or(IntakeError::can_be_gone_on_from) {
        terminal::complain(&how_to_go_on(std::env::args_os(), &file, results.is_some()));
    }
    ended?;
    Ok(ExitCode::from(INTERRUPTED))
}

type Begun = (Option<Results>, Resumption, Totals);

fn open(
    results: Option<&Path>,
    resume: bool,
    dry_run: bool,
    input: Option<FileId>,
) -> Result<Begun, UsersFailed> {
    let Some(path) = results else { return Ok(Default::default()) };
    let opened = if resume {
        Results::resume(path, dry_run, input)
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

/// By the very command that was given: with another format, or without `--dry-run`, it would be another run.
fn how_to_go_on(given: impl IntoIterator<Item = OsString>, file: &Path, has_results: bool) -> String {
    let input = if file == Path::new("-") { ", with the same rows on standard input" } else { "" };
    if !has_results {
        return format!(
            "Not everything was looked at. The same command goes on{input}: who is there already is passed over."
        );
    }
    let mut command: Vec<OsString> = given.into_iter().collect();
    if !command.iter().any(|word| word == RESUME) {
        // What stands behind these dashes is no option.
        let end = command.iter().position(|word| word == "--").unwrap_or(command.len());
        command.insert(end, RESUME.into());
    }
    let command: Vec<String> = command.iter().map(|word| quoted(&word.to_string_lossy())).collect();
    format!("Not everything was looked at. This goes on where it stopped{input}:\n  {}", command.join(" "))
}

const RESUME: &str = "--resume";

/// A word as a shell has to be given it.
fn quoted(word: &str) -> String {
    let is_plain = |sign: char| sign.is_alphanumeric() || "-_./:=,@+%".contains(sign);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(command: &[&str], file: &str, has_results: bool) -> String {
        how_to_go_on(command.iter().map(OsString::from), Path::new(file), has_results)
    }

    #[test]
    fn a_run_goes_on_by_the_command_that_was_given() {
        let given = [
            "doorward",
            "--config",
            "my file.toml",
            "users",
            "import",
            "it's.txt",
            "--format",
            "csv",
            "--dry-run",
        ];
        let expected =
            "doorward --config 'my file.toml' users import 'it'\\''s.txt' --format csv --dry-run --resume";
        assert!(told(&given, "it's.txt", true).ends_with(expected), "{}", told(&given, "it's.txt", true));
        let again = [&given[..], &["--resume"]].concat();
        assert!(told(&again, "it's.txt", true).ends_with(expected));
        let dashed = ["doorward", "users", "import", "--results", "r", "--", "-odd.csv"];
        assert!(told(&dashed, "-odd.csv", true).ends_with("--results r --resume -- -odd.csv"));
    }

    #[test]
    fn what_came_on_standard_input_has_to_come_again() {
        assert!(told(&["doorward"], "-", true).contains("with the same rows on standard input"));
        assert!(told(&["doorward"], "-", false).contains("with the same rows on standard input"));
    }
}
