//! `doorward users export`: every account as a row.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorward_crypto::{Pepper, private_file};
use doorward_domain::user::{User, UserId};
use doorward_http::exchange::{COLUMNS, HashesShown, account_as_cells, account_as_json};

use super::{ExportArguments, UsersFailed};
use crate::command_line::terminal;
use crate::intake::Format;
use crate::settings::Settings;
use crate::stop::Stop;
use crate::store::{Opening, Store};
use crate::telemetry::Log;

/// How many accounts are read at a time: memory does not grow with their number.
const PAGE: usize = 500;

/// How many columns a table has, without what proves passwords and with it.
const WITHOUT_HASHES: usize = 22;
const WITH_HASHES: usize = 25;

/// Hands accounts out by identifier. Who comes or goes meanwhile may be among them or not.
pub(super) async fn export(
    settings: &Settings,
    arguments: ExportArguments,
    log: &Arc<Log>,
) -> Result<(), UsersFailed> {
    let ExportArguments { file, format, with_hashes } = arguments;
    let file = file.filter(|file| file != Path::new("-"));
    let format = format.or_else(|| file.as_deref().and_then(Format::of));
    let format = match (format, &file) {
        (Some(format @ (Format::Ndjson | Format::Csv)), _) => format,
        (None, None) => Format::Ndjson,
        (Some(Format::Json), _) | (None, Some(_)) => return Err(UsersFailed::Format),
    };
    if with_hashes && file.is_none() && io::stdout().is_terminal() {
        return Err(UsersFailed::HashesOnTerminal);
    }
    let hashes = if with_hashes { Some(shown(settings)?) } else { None };
    let store = Store::open_whole(settings, Opening::as_it_is(settings)).await?;
    let exported = match &file {
        Some(file) => into_file(&store, file, format, hashes.as_ref(), log).await,
        None => walk(&store, &mut io::stdout(), format, hashes.as_ref()).await.map(drop),
    };
    store.close();
    exported
}

fn shown(settings: &Settings) -> Result<HashesShown, UsersFailed> {
    let pepper = Pepper::load(&settings.pepper_path()).map_err(UsersFailed::Pepper)?;
    Ok(HashesShown { pepper: pepper.fingerprint() })
}

/// For its owner alone, and under its name only when it is whole.
async fn into_file(
    store: &Store,
    path: &Path,
    format: Format,
    hashes: Option<&HashesShown>,
    log: &Arc<Log>,
) -> Result<(), UsersFailed> {
    let unusable = |error| UsersFailed::File(path.to_owned(), error);
    if fs::symlink_metadata(path).is_ok() {
        return Err(unusable(io::ErrorKind::AlreadyExists.into()));
    }
    let stop = Stop::on_signals(Arc::clone(log)).map_err(UsersFailed::Signals)?;
    let (draft, file) = Draft::beside(path).map_err(unusable)?;
    let mut out = BufWriter::new(file);
    let count = tokio::select! {
        count = walk(store, &mut out, format, hashes) => count.map_err(|error| match error {
            UsersFailed::Output(error) => unusable(error),
            error => error,
        })?,
        code = stop.code() => return Err(UsersFailed::Stopped(code)),
    };
    finish(out).and_then(|()| draft.publish(path)).map_err(unusable)?;
    terminal::complain(&format!("{count} accounts are in {}", path.display()));
    Ok(())
}

/// A file that does not count yet. It is taken away unless it comes to count: hashes may be in it.
struct Draft(PathBuf);

impl Draft {
    fn beside(path: &Path) -> io::Result<(Self, File)> {
        let draft = private_file::draft_of(path);
        let file = private_file::create(&draft)?;
        Ok((Self(draft), file))
    }

    fn publish(self, path: &Path) -> io::Result<()> {
        private_file::rename_to_new(&self.0, path)?;
        private_file::sync_directory_of(path)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(file = %self.0.display(), %error, "an export that came to nothing is left");
            }
            _ => {}
        }
    }
}

fn finish(out: BufWriter<File>) -> io::Result<()> {
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// Answers how many there are; ends early where nobody reads any more.
async fn walk(
    store: &Store,
    out: &mut impl Write,
    format: Format,
    hashes: Option<&HashesShown>,
) -> Result<u64, UsersFailed> {
    let (mut after, mut count): (Option<UserId>, u64) = (None, 0);
    let mut text = head(format, hashes.is_some())?;
    loop {
        let users = store.archive.users_after(after, PAGE).await?;
        for user in &users {
            text.push_str(&row(user, format, hashes)?);
        }
        if terminal::say_on(out, &text)?.is_break() {
            return Ok(count);
        }
        let Some(last) = users.last() else { return Ok(count) };
        count += users.len() as u64;
        after = Some(last.id);
        text.clear();
    }
}

fn head(format: Format, with_hashes: bool) -> io::Result<String> {
    if format != Format::Csv {
        return Ok(String::new());
    }
    line(COLUMNS.iter().take(if with_hashes { WITH_HASHES } else { WITHOUT_HASHES }))
}

fn row(user: &User, format: Format, hashes: Option<&HashesShown>) -> Result<String, UsersFailed> {
    if format == Format::Csv {
        return Ok(line(account_as_cells(user, hashes)?)?);
    }
    Ok(account_as_json(user, hashes)? + "\n")
}

/// A line of a table (RFC 4180), with quotes around every cell: where a `;` or a tab separates cells for who reads it, a
/// name with one in it would begin another cell, which may be a formula.
fn line<C: AsRef<[u8]>>(cells: impl IntoIterator<Item = C>) -> io::Result<String> {
    let mut table = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    table.write_record(cells).map_err(io::Error::other)?;
    let bytes = table.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}
