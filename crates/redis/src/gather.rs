//! Questions of many requests in one command.
//!
//! What the requests of a thread ask before it turns to its sockets again goes out as one `MGET`: under load that is a
//! command for dozens of requests, and alone it is a command for one. A token that several of them came with is asked
//! about once.

use std::mem;
use std::sync::Arc;

use deadpool_redis::redis::{self, Cmd, ErrorKind, RedisError, Value};
use doorward_domain::token::Claims;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::connect::Connection;
use crate::keyspace::Keyspace;
use crate::lanes::Lane;

/// Most tokens in one command, so that nobody else waits for long.
const MOST: usize = 256;

/// What stands in Redis about a token, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// Whether it was revoked, or its session.
    pub(crate) is_revoked: bool,
    /// The epoch in which everything that was revoked is there.
    pub(crate) complete: Option<Uuid>,
    /// The account's stamp.
    pub(crate) user: Option<Uuid>,
    /// The stamp under which the session was confirmed.
    pub(crate) live: Option<Uuid>,
}

/// What is asked on a connection, and not yet on its way.
#[derive(Default)]
pub(crate) struct Gathered(Mutex<Vec<Question>>);

struct Question {
    token: Claims,
    epoch: Uuid,
    answer: oneshot::Sender<Result<Said, RedisError>>,
}

impl Question {
    /// What two questions that are the same have in common.
    fn subject(&self) -> [Uuid; 4] {
        let Claims { id, session, subject, .. } = self.token;
        [id.uuid(), session.uuid(), subject.uuid(), self.epoch]
    }

    fn is_same(&self, other: &Self) -> bool {
        self.subject() == other.subject()
    }
}

impl Lane {
    /// What Redis says about a token, by the keys of an epoch.
    pub(crate) async fn ask_about(
        self: &Arc<Self>,
        token: &Claims,
        keyspace: Keyspace,
        epoch: Uuid,
    ) -> Result<Said, RedisError> {
        let (answer, answered) = oneshot::channel();
        let is_first = {
            let mut questions = self.gathered().0.lock();
            questions.push(Question { token: *token, epoch, answer });
            questions.len() == 1
        };
        if is_first {
            // In a task of its own: others wait for it, whatever becomes of the one who was first.
            tokio::spawn(self.clone().ask_together(keyspace));
        }
        answered.await.unwrap_or_else(|_| Err(std::io::Error::other("the runtime is ending").into()))
    }

    async fn ask_together(self: Arc<Self>, keyspace: Keyspace) {
        // Whoever is ready to ask does so before it goes on here.
        tokio::task::yield_now().await;
        let mut questions = mem::take(&mut *self.gathered().0.lock());
        // Whoever still waits when the connection has broken is told so at once: the answers are dropped.
        while !questions.is_empty() && !self.is_broken() {
            let rest = questions.split_off(questions.len().min(MOST));
            self.ask(questions, keyspace).await;
            questions = rest;
        }
    }

    async fn ask(&self, mut questions: Vec<Question>, keyspace: Keyspace) {
        let (command, count) = command_for(&mut questions, keyspace);
        answer(questions, self.read(command).await.and_then(|values| read(&values, count)));
    }
}

impl Lane {
    /// Reads from a primary. A server that was one and has become a replica goes on answering here, with what its new
    /// primary has, which may be older than what was told here: but it takes no writes, and whoever removes what is
    /// not there writes, at no cost. In a cluster, such a server sends us away by itself.
    async fn read(&self, command: Cmd) -> Result<Vec<Value>, RedisError> {
        let mut connection = self.connection();
        if let Connection::Cluster(_) = connection {
            return self.query(&command).await;
        }
        let mut both = redis::pipe();
        both.add_command(command).cmd("DEL").arg(Keyspace::of_databases().fence()).ignore();
        let answer = both.query_async::<(Vec<Value>,)>(&mut connection).await;
        answer.inspect_err(|error| self.judge(error)).map(|(values,)| values)
    }
}

/// One `MGET` for all of them, which are in the order of its answers afterwards, and about how many tokens it is.
fn command_for(questions: &mut [Question], keyspace: Keyspace) -> (Cmd, usize) {
    questions.sort_unstable_by_key(Question::subject);
    let mut command = redis::cmd("MGET");
    let mut count = 0;
    for same in questions.chunk_by(Question::is_same) {
        let Some(Question { token, epoch, .. }) = same.first() else { continue };
        command.arg(keyspace.token(token.id.uuid())).arg(keyspace.token(token.session.uuid()));
        if count == 0 {
            command.arg(keyspace.complete());
        }
        command.arg(keyspace.user(token.subject, *epoch)).arg(keyspace.live(token.session, *epoch));
        count += 1;
    }
    (command, count)
}

/// Tells each of them, in the order of the command, what was said about their token.
fn answer(questions: Vec<Question>, answers: Result<Vec<Said>, RedisError>) {
    let mut answers = answers.map(Vec::into_iter);
    let mut rest = questions.into_iter().peekable();
    while let Some(first) = rest.next() {
        let said = match &mut answers {
            Ok(said) => said.next().ok_or_else(|| wrong().into()),
            Err(error) => Err(error.clone()),
        };
        while let Some(same) = rest.next_if(|other| other.is_same(&first)) {
            // Whoever is gone needs none.
            let _gone = same.answer.send(said.clone());
        }
        let _gone = first.answer.send(said);
    }
}

/// The answers about so many tokens: five values for the first, and four for each other.
fn read(values: &[Value], count: usize) -> Result<Vec<Said>, RedisError> {
    let [token, session, complete, rest @ ..] = values else { return Err(wrong().into()) };
    let complete = identifier(complete);
    let mut said = Vec::with_capacity(count);
    let mut next = Some(([token, session], rest));
    while let Some(([token, session], [user, live, rest @ ..])) = next {
        let is_revoked = *token != Value::Nil || *session != Value::Nil;
        said.push(Said { is_revoked, complete, user: identifier(user), live: identifier(live) });
        next = match rest {
            [token, session, rest @ ..] => Some(([token, session], rest)),
            _ => None,
        };
    }
    if said.len() == count { Ok(said) } else { Err(wrong().into()) }
}

fn identifier(value: &Value) -> Option<Uuid> {
    match value {
        Value::BulkString(text) => Uuid::try_parse_ascii(text).ok(),
        _ => None,
    }
}

fn wrong() -> (ErrorKind, &'static str) {
    (ErrorKind::UnexpectedReturnType, "MGET did not answer a value a key")
}

#[cfg(test)]
mod tests {
    use doorward_domain::token::TokenKind;
    use doorward_testkit::sample;

    use super::*;

    const EPOCH: Uuid = Uuid::from_u128(1);
    const STAMP: Uuid = Uuid::from_u128(2);

    fn text(id: Uuid) -> Value {
        Value::BulkString(id.to_string().into_bytes())
    }

    #[test]
    fn values_are_told_apart_by_their_places() {
        let any = || Value::BulkString(b"true".to_vec());
        let values = [
            [Value::Nil, Value::Nil, text(EPOCH), text(STAMP), text(STAMP)].to_vec(),
            [any(), Value::Nil, Value::Nil, Value::Nil].to_vec(),
            [Value::Nil, any(), text(STAMP), any()].to_vec(),
        ]
        .concat();
        let complete = Some(EPOCH);
        let said = read(&values, 3).unwrap();
        assert_eq!(
            said,
            [
                Said { is_revoked: false, complete, user: Some(STAMP), live: Some(STAMP) },
                Said { is_revoked: true, complete, user: None, live: None },
                Said { is_revoked: true, complete, user: Some(STAMP), live: None },
            ]
        );
    }

    type Answer = oneshot::Receiver<Result<Said, RedisError>>;

    fn question(token: u32, epoch: Uuid) -> (Question, Answer) {
        let token = Claims {
            kind: TokenKind::Access,
            subject: sample::user_id(token),
            session: sample::session_id(token),
            id: sample::successor(token).access_id,
            issued_at: sample::NOW,
            expires_at: sample::NOW,
        };
        let (answer, answered) = oneshot::channel();
        (Question { token, epoch, answer }, answered)
    }

    /// What several ask who come with these tokens in these epochs.
    const ASKED: [(u32, Uuid); 5] = [(1, EPOCH), (2, EPOCH), (1, STAMP), (1, EPOCH), (2, EPOCH)];

    fn asked() -> (Vec<Question>, Vec<Answer>) {
        ASKED.into_iter().map(|(token, epoch)| question(token, epoch)).unzip()
    }

    #[test]
    fn a_token_is_asked_about_once_in_an_epoch() {
        let (mut questions, _answers) = asked();
        let (command, count) = command_for(&mut questions, Keyspace::of_databases());
        assert_eq!((count, command.args_iter().count()), (3, 1 + 5 + 2 * 4));
        let (command, count) = command_for(&mut [], Keyspace::of_databases());
        assert_eq!((count, command.args_iter().count()), (0, 1));
    }

    #[test]
    fn each_is_told_about_their_own_token() {
        let (mut questions, answers) = asked();
        command_for(&mut questions, Keyspace::of_databases());
        // What is said about a token names it, and its epoch.
        let about = |question: &Question| Said {
            is_revoked: question.token.subject == sample::user_id(2),
            complete: None,
            user: Some(question.token.session.uuid()),
            live: Some(question.epoch),
        };
        let said = questions.chunk_by(Question::is_same).map(|same| about(&same[0])).collect();
        answer(questions, Ok(said));
        for ((token, epoch), mut answered) in ASKED.into_iter().zip(answers) {
            assert_eq!(answered.try_recv().unwrap().unwrap(), about(&question(token, epoch).0));
        }
    }

    #[test]
    fn everybody_is_told_of_an_error_and_of_what_is_missing() {
        for said in [Err(wrong().into()), Ok(Vec::new())] {
            let (mut questions, answers) = asked();
            command_for(&mut questions, Keyspace::of_databases());
            answer(questions, said);
            for mut answered in answers {
                assert!(answered.try_recv().unwrap().is_err());
            }
        }
    }

    #[test]
    fn an_answer_of_another_length_is_none() {
        let five = [const { Value::Nil }; 5];
        assert!(read(&five, 1).is_ok());
        for (values, count) in [(&five[..0], 1), (&five[..4], 1), (&five[..], 2), (&five[..3], 1)] {
            assert!(read(values, count).is_err(), "{} for {count}", values.len());
        }
    }
}
