//! `doorward users export`: every account as a row.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use doorward_crypto::Pepper;
use doorward_domain::user::{User, UserId};
use doorward_http::exchange::{COLUMNS, HashesShown, account_as_cells, account_as_json};

use super::{ExportArguments, UsersFailed};
use crate::command_line::terminal;
use crate::intake::Format;
use crate::settings::Settings;
use crate::store::{Opening, Store};

/// How many accounts are read at a time: memory does not grow with their number.
const PAGE: usize = 500;

/// How many columns a table has, without what proves passwords and with it.
const WITHOUT_HASHES: usize = 22;
const WITH_HASHES: usize = 25;

/// Hands accounts out by identifier. Who comes or goes meanwhile may be among them or not.
pub(super) async fn export(settings: &Settings, arguments: ExportArguments) -> Result<(), UsersFailed> {
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
        Some(file) => into_file(&store, file, format, hashes.as_ref()).await,
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
) -> Result<(), UsersFailed> {
    let unusable = |error| UsersFailed::File(path.to_owned(), error);
    if path.try_exists().map_err(unusable)? {
        return Err(unusable(io::ErrorKind::AlreadyExists.into()));
    }
    let part = part_of(path);
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(&part).map_err(unusable)?;
    fs::set_permissions(&part, std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(unusable)?;
    let mut out = BufWriter::new(file);
    let count = walk(store, &mut out, format, hashes).await?;
    finish(out).and_then(|()| fs::rename(&part, path)).map_err(unusable)?;
    terminal::complain(&format!("{count} accounts are in {}", path.display()));
    Ok(())
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
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

/// A line of a table (RFC 4180).
fn line<C: AsRef<[u8]>>(cells: impl IntoIterator<Item = C>) -> io::Result<String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(cells).map_err(io::Error::other)?;
    let bytes = table.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}
