//! All primaries of a cluster, as one connection.
//!
//! The slots are read once, and no answer that leads elsewhere is followed. A client that finds its way by itself
//! would, after a failover, read from a server that may have lost the last changes, before anybody could notice that
//! it is another one. Here that is an error, and whoever has it connects again and looks whom it got.

mod keys;
mod slots;

use std::sync::Arc;

use deadpool_redis::redis::aio::{ConnectionLike, MultiplexedConnection};
use deadpool_redis::redis::{
    Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, RedisResult, Value, cmd, pipe,
};
use futures_util::future::{FutureExt, try_join_all};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::ConnectError;
use super::dialer::{Dialer, failed};
use super::report::Report;
use crate::url::Host;
use keys::Keys;
use slots::Slots;

/// Connections to all primaries.
#[derive(Clone)]
pub(crate) struct Cluster {
    slots: Arc<Slots>,
    primaries: Vec<Primary>,
}

#[derive(Clone)]
struct Primary {
    place: Host,
    connection: MultiplexedConnection,
}

/// The part of a pipeline that one primary gets, and where its answers belong.
#[derive(Default)]
struct Part {
    pipeline: Pipeline,
    places: Vec<usize>,
}

impl Cluster {
    /// Asks all of these servers at once for the slots, and connects to the owners that the first one tells.
    pub(super) async fn connect(dialer: &Dialer, hosts: &[Host], place: &str) -> Result<Self, ConnectError> {
        let asker = dialer.without_pushes();
        let mut answers: FuturesUnordered<_> =
            hosts.iter().map(|host| read_slots(&asker, host, place)).collect();
        let mut last = ConnectError::MissingSlots { place: place.to_owned() };
        while let Some(answer) = answers.next().await {
            match answer {
                Ok((slots, owners)) => {
                    let primaries = try_join_all(owners.into_iter().map(async |place| {
                        let connection = dialer.primary(&place).await?;
                        Ok::<_, ConnectError>(Primary { place, connection })
                    }));
                    return Ok(Self { slots: Arc::new(slots), primaries: primaries.await? });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// What all primaries say of themselves.
    pub(super) async fn reports(&self, sections: &[&str]) -> Result<Vec<(String, Report)>, ConnectError> {
        let reports = self.primaries.iter().map(async |primary| {
            let report = Report::ask(&mut primary.connection.clone(), sections).await;
            Ok((primary.place.to_string(), report.map_err(|source| failed(&primary.place, source))?))
        });
        try_join_all(reports).await
    }

    async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        match Keys::of(command) {
            Keys::One(key) => self.owner(key)?.connection.send_packed_command(command).await,
            Keys::None => {
                let answers = self
                    .primaries
                    .iter()
                    .map(async |primary| primary.connection.clone().send_packed_command(command).await);
                let answers = try_join_all(answers).await?;
                let refused = answers.iter().find(|answer| matches!(answer, Value::ServerError(_)));
                Ok(refused.or(answers.first()).cloned().unwrap_or(Value::Nil))
            }
            // A server takes them together only where they are in one slot.
            Keys::Each(keys) => {
                let mut each = pipe();
                for key in keys {
                    each.cmd("GET").arg(key);
                }
                let answers = self.send_each(&each).await?;
                let refused = answers.iter().find(|answer| matches!(answer, Value::ServerError(_)));
                Ok(refused.cloned().unwrap_or(Value::Array(answers)))
            }
            Keys::Unknown => Err(impossible("a command of which nobody can tell where its keys are")),
        }
    }

    /// Sends every command of a pipeline to where its key is, to all servers at once. The answers are in the order of
    /// the commands.
    async fn send_each(&self, pipeline: &Pipeline) -> RedisResult<Vec<Value>> {
        let mut parts: Vec<Part> = Vec::new();
        parts.resize_with(self.primaries.len(), Part::default);
        for (place, command) in pipeline.cmd_iter().enumerate() {
            let Keys::One(key) = Keys::of(command) else {
                return Err(impossible("a command in a pipeline that is not about one key"));
            };
            let part = parts.get_mut(self.slots.owner(key)).ok_or_else(no_owner)?;
            part.pipeline.add_command(command.clone());
            part.places.push(place);
        }
        let sent = self.primaries.iter().cloned().zip(parts).filter(|(_, part)| !part.places.is_empty());
        let answers = sent.map(async |(mut primary, part)| {
            let count = part.places.len();
            let answers = primary.connection.send_packed_commands(&part.pipeline, 0, count).await?;
            Ok::<_, RedisError>(part.places.into_iter().zip(answers))
        });
        let mut answers: Vec<_> = try_join_all(answers).await?.into_iter().flatten().collect();
        answers.sort_unstable_by_key(|(place, _)| *place);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    /// Sends a transaction to where its first key is. The server sees to it that the others are in the same slot.
    async fn send_whole(&self, pipeline: &Pipeline, offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        let mut keys = pipeline.cmd_iter().map(Keys::of);
        let Some(Keys::One(key)) = keys.next() else {
            return Err(impossible("a transaction that is not about one key"));
        };
        self.owner(key)?.connection.send_packed_commands(pipeline, offset, count).await
    }

    fn owner(&self, key: &[u8]) -> RedisResult<Primary> {
        self.primaries.get(self.slots.owner(key)).cloned().ok_or_else(no_owner)
    }
}

/// Has one server tell who has the slots.
async fn read_slots(dialer: &Dialer, host: &Host, place: &str) -> Result<(Slots, Vec<Host>), ConnectError> {
    let mut connection = dialer.open(host).await?;
    let answer = cmd("CLUSTER").arg("SLOTS").query_async(&mut connection).await;
    let answer = answer.map_err(|source| failed(host, source))?;
    Slots::read(&answer, host).ok_or_else(|| ConnectError::MissingSlots { place: place.to_owned() })
}

/// Something that a cluster cannot do, whichever it is.
fn impossible(what: &'static str) -> RedisError {
    (ErrorKind::Client, what).into()
}

fn no_owner() -> RedisError {
    impossible("a slot without an owner")
}

impl ConnectionLike for Cluster {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        self.send(command).boxed()
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        if pipeline.is_transaction() {
            self.send_whole(pipeline, offset, count).boxed()
        } else {
            self.send_each(pipeline).boxed()
        }
    }

    fn get_db(&self) -> i64 {
        0
    }
}
