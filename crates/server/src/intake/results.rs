//! A line of results for each row, from which the next run knows where to go on.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use doorward_crypto::private_file;
use doorward_http::FieldFault;
use serde::{Deserialize, Serialize};

use super::run::Totals;
use super::source::FileId;

/// What became of a row, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The account was opened.
    Created,
    /// It would have been opened.
    WouldCreate,
    /// There is an account of this username.
    Exists,
    /// An address or the identifier belongs to somebody else.
    Conflict,
    /// Something is wrong with the row.
    Invalid,
}

/// A line of results. No password and no hash is in it.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    #[serde(rename = "line")]
    pub(super) number: u64,
    pub(super) username: Option<&'a str>,
    pub(super) outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) faults: &'a [FieldFault],
}

/// What is read back of one.
#[derive(Deserialize)]
struct Kept {
    username: Option<String>,
    outcome: Outcome,
}

/// Where the last run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resumption {
    /// How many rows have a result.
    pub(super) rows: u64,
    /// The username in the last of them.
    pub(super) username: Option<String>,
}

impl Resumption {
    /// How many rows are passed over.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }
}

/// The file of results.
pub(crate) struct Results(BufWriter<File>);

/// Why there is no file of results.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResultsError {
    /// There is one already.
    #[error("it is there already: --resume goes on where it ends, or remove it to begin anew")]
    There,
    /// It is something else, from this line on.
    #[error("line {0} of it is not the result of a row: it is left as it is")]
    NotResults(u64),
    /// It is what the rows are read from.
    #[error("it is the file that is read")]
    Input,
    /// It is of a run of the other kind.
    #[error("a run with --dry-run and one without cannot go on from each other")]
    Rehearsal,
    /// It cannot be made or read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Results {
    /// Makes the file, for nobody else to read: addresses are in it.
    pub(crate) fn create(path: &Path) -> Result<Self, ResultsError> {
        match private_file::create(path) {
            Ok(file) => Ok(Self(BufWriter::new(file))),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(ResultsError::There),
            Err(error) => Err(error.into()),
        }
    }

    /// Goes on behind the last whole line of a file that is there, or makes it. Answers what stands in it. A file that is
    /// no results, or the one that the rows come from, is not touched.
    pub(crate) fn resume(
        path: &Path,
        is_rehearsal: bool,
        input: Option<FileId>,
    ) -> Result<(Self, Resumption, Totals), ResultsError> {
        let mut file = match OpenOptions::new().read(true).write(true).open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok((Self::create(path)?, Resumption::default(), Totals::default()));
            }
            file => file?,
        };
        let found = file.metadata()?;
        if input == Some(FileId::of(&found)) {
            return Err(ResultsError::Input);
        }
        if !found.is_file() {
            return Err(ResultsError::NotResults(1));
        }
        let (mut resumption, mut totals) = (Resumption::default(), Totals::default());
        let (mut length, mut lines, mut text) = (0, BufReader::new(&file), Vec::new());
        while lines.read_until(b'\n', &mut text)? > 0 {
            let not_results = || ResultsError::NotResults(resumption.rows + 1);
            if !text.ends_with(b"\n") {
                if is_begun(&text) {
                    break;
                }
                return Err(not_results());
            }
            let Kept { username, outcome } = serde_json::from_slice(&text).map_err(|_| not_results())?;
            resumption.rows += 1;
            resumption.username = username;
            match outcome {
                Outcome::WouldCreate if !is_rehearsal => return Err(ResultsError::Rehearsal),
                Outcome::Created if is_rehearsal => return Err(ResultsError::Rehearsal),
                _ => {}
            }
            totals.count(outcome);
            length += text.len() as u64;
            text.clear();
        }
        // It may have been made by hand, or copied.
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.set_len(length)?;
        file.seek(SeekFrom::End(0))?;
        Ok((Self(BufWriter::new(file)), resumption, totals))
    }

    pub(super) fn add(&mut self, line: &Line<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, line)?;
        self.0.write_all(b"\n")
    }

    /// Hands everything to the operating system: a process that is killed loses none of it.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    /// Everything is on the disk.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.0.flush()?;
        self.0.get_ref().sync_all()
    }
}

/// Whether this is the beginning of a line: whatever cut the last run off may have cut it off, or left zeros in its place.
fn is_begun(text: &[u8]) -> bool {
    const BEGINNING: &[u8] = b"{\"line\":";
    let end = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let text = text.get(..end).unwrap_or_default();
    text.starts_with(BEGINNING) || BEGINNING.starts_with(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64, outcome: Outcome) -> String {
        let name = format!("person{number}@example.com");
        let line = Line { number, username: Some(&name), outcome, id: None, faults: &[] };
        serde_json::to_string(&line).unwrap() + "\n"
    }

    #[test]
    fn a_run_goes_on_behind_the_last_whole_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("results.ndjson");
        let whole = line(1, Outcome::Created) + &line(2, Outcome::Invalid);
        for rest in ["", "{\"line\":3,\"user", "\0\0\0\0", "{\"line\":3,\"username\":null}"] {
            std::fs::write(&path, format!("{whole}{rest}")).unwrap();
            let (mut results, resumption, totals) = Results::resume(&path, false, None).unwrap();
            assert_eq!(resumption.username.as_deref(), Some("person2@example.com"));
            assert_eq!(resumption.rows, 2, "{rest:?}");
            assert_eq!((totals.created, totals.invalid), (1, 1));
            let more = Line { number: 3, username: None, outcome: Outcome::Exists, id: None, faults: &[] };
            results.add(&more).unwrap();
            results.finish().unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(text, format!("{whole}{{\"line\":3,\"username\":null,\"outcome\":\"exists\"}}\n"));
        }
    }

    #[test]
    fn what_was_rehearsed_is_not_taken_for_done() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("results.ndjson");
        for (outcome, is_rehearsal) in [(Outcome::WouldCreate, false), (Outcome::Created, true)] {
            std::fs::write(&path, line(1, outcome)).unwrap();
            assert!(matches!(Results::resume(&path, is_rehearsal, None), Err(ResultsError::Rehearsal)));
            assert!(Results::resume(&path, !is_rehearsal, None).is_ok());
        }
    }

    #[test]
    fn a_file_that_is_no_results_is_refused_by_the_line_and_stays_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("people.ndjson");
        let whole = line(1, Outcome::Created);
        for (content, number) in [
            ("{\"username\":\"ada@example.com\"}\n".to_owned(), 1),
            ("[{\"username\":\"ada@example.com\"}]".to_owned(), 1),
            ("\n".to_owned(), 1),
            (format!("{whole}something else\n{whole}"), 2),
            (format!("{whole}something else"), 2),
            (format!("{whole}\0\0\n{whole}"), 2),
        ] {
            std::fs::write(&path, &content).unwrap();
            let refused = Results::resume(&path, false, None).map(drop);
            assert!(matches!(refused, Err(ResultsError::NotResults(line)) if line == number), "{content:?}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        }
        let refused = Results::resume(Path::new("/dev/null"), false, None).map(drop);
        assert!(matches!(refused, Err(ResultsError::NotResults(1))), "{refused:?}");
    }

    #[test]
    fn the_file_that_is_read_is_not_written_to_by_whatever_name() {
        let directory = tempfile::tempdir().unwrap();
        let [path, link] = ["people.ndjson", "link"].map(|name| directory.path().join(name));
        std::fs::write(&path, "").unwrap();
        std::fs::hard_link(&path, &link).unwrap();
        let input = FileId::of(&std::fs::metadata(&path).unwrap());
        assert!(matches!(Results::resume(&link, false, Some(input)), Err(ResultsError::Input)));
        assert!(Results::resume(&link, false, None).is_ok());
    }

    #[test]
    fn results_are_never_overwritten_and_nobody_else_reads_them() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("results.ndjson");
        let (_, resumption, _) = Results::resume(&path, false, None).unwrap();
        assert_eq!(resumption, Resumption::default());
        assert!(matches!(Results::create(&path), Err(ResultsError::There)));
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        Results::resume(&path, false, None).unwrap();
        assert_eq!(mode(), 0o600);
    }
}
