//! A line of results for each row, from which the next run knows where to go on.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use doorward_http::FieldFault;
use serde::{Deserialize, Serialize};

use super::run::Totals;

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
        match options().create_new(true).open(path) {
            Ok(file) => Ok(Self(BufWriter::new(file))),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(ResultsError::There),
            Err(error) => Err(error.into()),
        }
    }

    /// Goes on behind the last whole line of a file that is there, or makes it. Answers what stands in it.
    pub(crate) fn resume(
        path: &Path,
        is_rehearsal: bool,
    ) -> Result<(Self, Resumption, Totals), ResultsError> {
        let mut file = match options().read(true).open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok((Self::create(path)?, Resumption::default(), Totals::default()));
            }
            file => file?,
        };
        let (mut resumption, mut totals) = (Resumption::default(), Totals::default());
        let (mut length, mut lines, mut text) = (0, BufReader::new(&file), Vec::new());
        while lines.read_until(b'\n', &mut text)? > 0 {
            // Whatever cut the last run off may have cut a line off.
            let kept = text.ends_with(b"\n").then(|| serde_json::from_slice::<Kept>(&text).ok()).flatten();
            let Some(Kept { username, outcome }) = kept else { break };
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

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
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
            let (mut results, resumption, totals) = Results::resume(&path, false).unwrap();
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
            assert!(matches!(Results::resume(&path, is_rehearsal), Err(ResultsError::Rehearsal)));
            assert!(Results::resume(&path, !is_rehearsal).is_ok());
        }
    }

    #[test]
    fn results_are_never_overwritten_and_nobody_else_reads_them() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("results.ndjson");
        let (_, resumption, _) = Results::resume(&path, false).unwrap();
        assert_eq!(resumption, Resumption::default());
        assert!(matches!(Results::create(&path), Err(ResultsError::There)));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
