//! The thread that reads: rows become accounts there, while others are written.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use doorward_domain::accounts::{Credential, ImportedAccount};
use doorward_http::FieldFault;
use doorward_http::exchange::RowReader;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::rows::{Content, RawRow, Rows};
use super::{Format, IntakeError, Resumption, Source};

/// Passwords that are hashed together: each takes a thread a quarter of a second, and whoever stops a run waits for them.
const PASSWORDS: usize = 16;

/// More of a text that should be a username is told to nobody.
const LONGEST_NAME: usize = 254;

/// A row that was looked at.
#[derive(Debug)]
pub(super) struct Row {
    /// The line in which it begins.
    pub(super) line: u64,
    /// The username, as far as there is one.
    pub(super) username: Option<String>,
    /// What it says, or everything that is wrong with it.
    pub(super) account: Result<ImportedAccount, Vec<FieldFault>>,
}

/// Rows that are written together.
#[derive(Debug)]
pub(super) struct Batch {
    /// In the order of the file.
    pub(super) rows: Vec<Row>,
    /// How they are written.
    pub(super) pace: Pace,
}

/// How much is written at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Most rows of a batch.
    pub(crate) rows: usize,
    /// About as many bytes of a file are in one.
    pub(crate) bytes: usize,
    /// How many batches are on their way.
    pub(crate) in_flight: usize,
    /// How long the store is left to others after each.
    pub(crate) pause: Duration,
}

/// What is being read.
pub(crate) struct Reading {
    batches: Receiver<Result<Batch, IntakeError>>,
}

struct Reader {
    rows: RowReader,
    pace: Arc<dyn Fn() -> Pace + Send + Sync>,
    batches: Sender<Result<Batch, IntakeError>>,
}

impl Reading {
    /// Begins behind the rows that have a result already.
    pub(crate) fn begin(
        source: Source,
        format: Format,
        rows: RowReader,
        resumption: Resumption,
        pace: Arc<dyn Fn() -> Pace + Send + Sync>,
    ) -> std::io::Result<Self> {
        let (sender, batches) = channel(1);
        let reader = Reader { rows, pace, batches: sender };
        thread::Builder::new().name("intake".to_owned()).spawn(move || {
            if let Err(error) = reader.read(source, format, &resumption) {
                // Whoever asked may have gone.
                let _gone = reader.batches.blocking_send(Err(error));
            }
        })?;
        Ok(Self { batches })
    }

    /// The next batch; `None` behind the last.
    pub(super) async fn next(&mut self) -> Option<Result<Batch, IntakeError>> {
        self.batches.recv().await
    }
}

impl Reader {
    fn read(&self, source: Source, format: Format, resumption: &Resumption) -> Result<(), IntakeError> {
        let mut rows = Rows::of(source, format)?;
        self.skip(&mut rows, resumption)?;
        let mut batch = Batch { rows: Vec::new(), pace: (self.pace)() };
        let (mut weight, mut bytes) = (0, 0);
        while let Some(raw) = rows.next()? {
            bytes += size(&raw);
            let row = self.look_at(raw, &rows);
            weight += match &row.account {
                Ok(ImportedAccount { credential: Credential::Password(_), .. }) => {
                    (batch.pace.rows / PASSWORDS).max(1)
                }
                _ => 1,
            };
            batch.rows.push(row);
            if weight >= batch.pace.rows || bytes >= batch.pace.bytes {
                let pace = (self.pace)();
                let next = Batch { rows: Vec::new(), pace };
                if self.batches.blocking_send(Ok(std::mem::replace(&mut batch, next))).is_err() {
                    return Ok(());
                }
                (weight, bytes) = (0, 0);
            }
        }
        if !batch.rows.is_empty() {
            let _gone = self.batches.blocking_send(Ok(batch));
        }
        Ok(())
    }

    /// Counts rows, and looks at the last of them alone: another file would have another one there.
    fn skip(&self, rows: &mut Rows, resumption: &Resumption) -> Result<(), IntakeError> {
        for number in 1..=resumption.rows {
            if self.batches.is_closed() {
                return Ok(());
            }
            let Some(raw) = rows.next()? else { return Err(IntakeError::OtherFile) };
            if number == resumption.rows && self.look_at(raw, rows).username != resumption.username {
                return Err(IntakeError::OtherFile);
            }
        }
        Ok(())
    }

    fn look_at(&self, RawRow { line, content }: RawRow, rows: &Rows) -> Row {
        let (account, username) = match (&content, rows.columns()) {
            (Content::Json(text), _) => {
                let account = self.rows.read_json(text);
                let username = account.is_err().then(|| self.rows.username_in(text)).flatten();
                (account, username)
            }
            (Content::Cells(cells), Some(columns)) => {
                let cells: Vec<&str> = cells.iter().collect();
                let username = columns.username_in(&cells).map(ToOwned::to_owned);
                (self.rows.read_cells(columns, &cells), username)
            }
            (Content::Unreadable(why), _) => (Err(vec![FieldFault::of_row(*why)]), None),
            (Content::Cells(_), None) => (Err(vec![FieldFault::of_row("has no columns")]), None),
        };
        let username = match &account {
            Ok(account) => Some(account.address.as_str().to_owned()),
            Err(_) => {
                username.map(|name| name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect())
            }
        };
        Row { line, username, account }
    }
}

fn size(raw: &RawRow) -> usize {
    match &raw.content {
        Content::Json(text) => text.len(),
        Content::Cells(cells) => cells.as_slice().len(),
        Content::Unreadable(_) => 0,
    }
}
