//! A run: batches into the store, and results out, in the order of the rows.

use std::collections::VecDeque;
use std::sync::Arc;

use doorward_domain::accounts::{AccountImport, ImportBatch, Imported};
use doorward_http::FieldFault;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::batches::Batch;
use super::results::{Line, Outcome};
use super::{IntakeError, Reading, Results};
use crate::stop::Stop;

/// How many rows came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Accounts that were opened, or would have been.
    pub(crate) created: u64,
    /// Those that were there already.
    pub(crate) exists: u64,
    /// Those whose address or identifier is somebody else's.
    pub(crate) conflict: u64,
    /// Those that were refused.
    pub(crate) invalid: u64,
}

impl Totals {
    pub(super) fn count(&mut self, outcome: Outcome) {
        let count = match outcome {
            Outcome::Created | Outcome::WouldCreate => &mut self.created,
            Outcome::Exists => &mut self.exists,
            Outcome::Conflict => &mut self.conflict,
            Outcome::Invalid => &mut self.invalid,
        };
        *count += 1;
    }

    /// All rows.
    pub(crate) fn rows(self) -> u64 {
        self.created + self.exists + self.conflict + self.invalid
    }
}

/// Follows a run.
pub(crate) trait Follower {
    /// So many rows have a result by now, those of earlier runs included.
    fn advanced(&self, rows: u64);
    /// A row was refused.
    fn refused(&self, line: u64, faults: &[FieldFault]);
}

/// A run.
pub(crate) struct Intake<'a> {
    /// What takes accounts in.
    pub(crate) import: Arc<AccountImport>,
    /// Whether nothing is changed.
    pub(crate) is_rehearsal: bool,
    /// Where results go.
    pub(crate) results: Option<Results>,
    /// Who follows it.
    pub(crate) follower: &'a dyn Follower,
    /// What there is so far.
    pub(crate) totals: Totals,
}

/// What is kept of a row while it is on its way.
struct Sent {
    line: u64,
    username: Option<String>,
    /// What is wrong with it; `None` where it was sent to the store.
    faults: Option<Vec<FieldFault>>,
}

struct InFlight {
    sent: Vec<Sent>,
    answer: JoinHandle<Result<Vec<Imported>, IntakeError>>,
    /// Comes when the batch is in the store; not at all where it never will be.
    inserted: Option<oneshot::Receiver<()>>,
    pace: super::Pace,
}

impl Intake<'_> {
    /// Takes in everything that is read, until somebody asks to stop; answers whether that was the end of the file.
    pub(crate) async fn carry_out(&mut self, mut reading: Reading, stop: &Stop) -> Result<bool, IntakeError> {
        let mut in_flight: VecDeque<InFlight> = VecDeque::new();
        let (mut is_over, mut is_whole) = (false, true);
        loop {
            let most = in_flight.back().map_or(1, |last| last.pace.in_flight);
            if !is_over && in_flight.len() < most {
                let batch = tokio::select! {
                    biased;
                    () = stop.asked() => {
                        is_whole = false;
                        None
                    }
                    batch = reading.next() => batch,
                };
                match batch {
                    Some(Ok(batch)) => {
                        let before = in_flight.back_mut().and_then(|last| last.inserted.take());
                        in_flight.push_back(self.send(batch, before));
                    }
                    Some(Err(error)) => {
                        // What is on its way arrives, and is told.
                        while let Some(first) = in_flight.pop_front() {
                            self.receive(first).await?;
                        }
                        return Err(error);
                    }
                    None => is_over = true,
                }
                continue;
            }
            let Some(first) = in_flight.pop_front() else { break };
            let pause = first.pace.pause;
            self.receive(first).await?;
            if !is_over && !pause.is_zero() {
                sleep(pause).await;
            }
        }
        if let Some(results) = self.results.take() {
            results.finish().map_err(IntakeError::Results)?;
        }
        Ok(is_whole)
    }

    /// It is prepared at once, and inserted after the one before: of two rows that want the same, the first has it.
    fn send(&self, Batch { rows, pace }: Batch, before: Option<oneshot::Receiver<()>>) -> InFlight {
        let origin = match (rows.first(), rows.last()) {
            (Some(first), Some(last)) => format!("{}-{}", first.line, last.line),
            _ => String::new(),
        };
        let (mut sent, mut accounts) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for row in rows {
            let faults = match row.account {
                Ok(account) => {
                    accounts.push(account);
                    None
                }
                Err(faults) => Some(faults),
            };
            sent.push(Sent { line: row.line, username: row.username, faults });
        }
        let (import, is_rehearsal) = (Arc::clone(&self.import), self.is_rehearsal);
        let (done, inserted) = oneshot::channel();
        let answer = tokio::spawn(async move {
            let prepared = import.prepare(ImportBatch { accounts, origin, is_rehearsal }).await?;
            if let Some(before) = before {
                before.await.map_err(|_| IntakeError::Lost)?;
            }
            let imported = import.insert(prepared).await?;
            // Nobody waits for the last one.
            let _nobody = done.send(());
            Ok(imported)
        });
        InFlight { sent, answer, inserted: Some(inserted), pace }
    }

    async fn receive(&mut self, InFlight { sent, answer, .. }: InFlight) -> Result<(), IntakeError> {
        let mut imported = answer.await.map_err(|_| IntakeError::Lost)??.into_iter();
        for Sent { line, username, faults } in sent {
            let told = match faults {
                None => told(imported.next().ok_or(IntakeError::Lost)?),
                Some(faults) => Told { outcome: Outcome::Invalid, id: None, faults },
            };
            self.totals.count(told.outcome);
            if !told.faults.is_empty() {
                self.follower.refused(line, &told.faults);
            }
            if let Some(results) = &mut self.results {
                let Told { outcome, id, faults } = &told;
                let line = Line {
                    number: line,
                    username: username.as_deref(),
                    outcome: *outcome,
                    id: id.clone(),
                    faults,
                };
                results.add(&line).map_err(IntakeError::Results)?;
            }
        }
        if let Some(results) = &mut self.results {
            results.flush().map_err(IntakeError::Results)?;
        }
        self.follower.advanced(self.totals.rows());
        Ok(())
    }
}

/// What is told of a row.
struct Told {
    outcome: Outcome,
    id: Option<String>,
    faults: Vec<FieldFault>,
}

fn told(imported: Imported) -> Told {
    let fine = |outcome, id| Told { outcome, id, faults: Vec::new() };
    let refused = |outcome, field: &str, message: String| Told {
        outcome,
        id: None,
        faults: vec![FieldFault::new(field.to_owned(), message)],
    };
    match imported {
        Imported::Created(id) => fine(Outcome::Created, Some(id.to_string())),
        Imported::WouldCreate => fine(Outcome::WouldCreate, None),
        Imported::Exists(id) => fine(Outcome::Exists, Some(id.to_string())),
        Imported::AddressTaken => refused(
            Outcome::Conflict,
            "username",
            "it or the e-mail address belongs to another account".into(),
        ),
        Imported::IdTaken => refused(Outcome::Conflict, "id", "belongs to another account".into()),
        Imported::Weak(weakness) => refused(Outcome::Invalid, "password", weakness.to_string()),
        Imported::UnreadableHash => refused(
            Outcome::Invalid,
            "password_hash",
            "is no whole bcrypt hash, or its cost is too high to be compared with".into(),
        ),
    }
}
