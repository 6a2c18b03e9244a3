//! A client and a server that are past their introduction: one request, one answer, and so on.

use std::convert::Infallible;
use std::sync::atomic::Ordering::Relaxed;

use tokio::select;

use super::effect::{Effect, Ending};
use super::exchange::{Answer, Exchange};
use super::log::Statement;
use super::message::Status;
use super::moment::{Deed, Occasion};
use super::open::Open;
use super::request::{Meaning, Request, Requests};
use super::rules::Due;
use super::wire::Wire;
use super::{Fault, fault};

/// Both ends, and how far they have come.
pub(super) struct Conversation<'a> {
    open: &'a Open,
    ends: Exchange<'a>,
    requests: Requests,
    /// How many statements there were since the last BEGIN.
    place: usize,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(open: &'a Open, client: &'a mut Wire, server: Wire, status: Status) -> Self {
        let ends = Exchange { client, server, status };
        Self { open, ends, requests: Requests::default(), place: 0 }
    }

    pub(super) async fn until_its_end(mut self) -> Ending {
        let Err(ending) = self.go_on().await;
        ending
    }

    async fn go_on(&mut self) -> Result<Infallible, Ending> {
        loop {
            let may_be_drained = self.ends.status == Status::Idle && !self.requests.is_amid();
            select! {
                biased;
                fault = self.open.until_drained(), if may_be_drained => return Err(self.ends.farewell(&fault).await),
                // What a server says unasked: notices, settings, why it is about to close.
                frame = self.ends.server.next() => self.ends.client.send(frame?.bytes()).await?,
                frame = self.ends.client.next() => {
                    if let Some(request) = self.requests.add(&frame?) {
                        self.meet(request).await?;
                    }
                }
            }
        }
    }

    async fn meet(&mut self, request: Request) -> Result<(), Ending> {
        let (deed, text) = match request.meaning {
            Meaning::Statement(text) => (Deed::of_statement(&text), text),
            Meaning::Preparation(text) => (Deed::Preparing, text),
            Meaning::Housekeeping => return self.ends.pass_on(&request.bytes).await,
            Meaning::Farewell => {
                self.ends.server.send(&request.bytes).await?;
                return Err(Ending::Close);
            }
            Meaning::Unknown => {
                let fault = Fault::fatal(
                    "0A000",
                    "the fault proxy knows neither Flush nor rows that a client copies",
                );
                return Err(self.ends.farewell(&fault).await);
            }
        };
        match self.due(deed, &text) {
            Some(due) if due.action.carried_out => self.afterwards(&request.bytes, due).await,
            Some(due) => self.before(deed, &request.bytes, due).await,
            None if self.has_nothing_to_end(deed) => {
                self.ends.fail(&fault::no_transaction(), Status::Idle).await
            }
            None => self.ends.pass_on(&request.bytes).await,
        }
    }

    /// Counts the statement, logs it, and looks for a rule.
    fn due(&mut self, deed: Deed, text: &str) -> Option<Due> {
        match deed {
            Deed::Beginning => self.place = 0,
            Deed::Stating => self.place += 1,
            _ => {}
        }
        let shared = &self.open.shared;
        let due = shared.rules.due(&Occasion { deed, text, status: self.ends.status, place: self.place });
        if deed != Deed::Preparing {
            let (connection, text, met_a_rule) = (self.open.number, text.to_owned(), due.is_some());
            shared.log.lock().add(Statement { connection, text, met_a_rule });
        }
        due
    }

    fn has_nothing_to_end(&self, deed: Deed) -> bool {
        self.open.shared.idle_end_is_an_error.load(Relaxed)
            && self.ends.status == Status::Idle
            && matches!(deed, Deed::Committing | Deed::RollingBack)
    }

    /// Does what is due before the server hears of the request, which it may never do.
    async fn before(&mut self, deed: Deed, request: &[u8], due: Due) -> Result<(), Ending> {
        due.done();
        match due.action.effect {
            Effect::Other(event) => {
                event.befall(self.ends.client).await?;
                self.ends.pass_on(request).await
            }
            Effect::Fail(fault) | Effect::FailBehind(fault) => {
                let status = match (deed, self.ends.status) {
                    (Deed::Committing, Status::InTransaction) => self.ends.roll_back().await?,
                    (_, Status::InTransaction) => self.ends.spoil().await?,
                    (_, status) => status,
                };
                self.ends.fail(&fault, status).await
            }
        }
    }

    /// Has the server carry the request out, and does what is due in place of its answer.
    async fn afterwards(&mut self, request: &[u8], due: Due) -> Result<(), Ending> {
        let answer = self.ends.ask(request).await?;
        if answer.is_error && !due.action.effect.leaves_the_answer() {
            due.give_back();
            return self.ends.give(answer).await;
        }
        due.done();
        match due.action.effect {
            Effect::Other(event) => {
                event.befall(self.ends.client).await?;
                self.ends.give(answer).await
            }
            Effect::Fail(fault) => {
                let status = self.failed(&answer).await?;
                self.ends.fail(&fault, status).await
            }
            Effect::FailBehind(fault) => {
                let status = self.failed(&answer).await?;
                self.ends.give_rows(&answer).await?;
                self.ends.fail(&fault, status).await
            }
        }
    }

    /// How the transaction stands once the server, too, takes what it has carried out for failed.
    async fn failed(&mut self, answer: &Answer) -> Result<Status, Ending> {
        match answer.status {
            Status::InTransaction => self.ends.spoil().await,
            status => Ok(status),
        }
    }
}
