//! Questions of many requests in one command.
//!
//! What the requests of a thread ask before it turns to its sockets again goes out as one `MGET`: under load that is a
//! command for dozens of requests, and alone it is a command for one.

use std::mem;
use std::sync::Arc;

use deadpool_redis::redis::{self, Cmd, RedisError, Value};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::connect::Connection;
use crate::keyspace::Keyspace;
use crate::lanes::Lane;

/// Most keys in one command, so that nobody else waits for long.
const MOST: usize = 1_024;

/// What is asked on a connection, and not yet on its way.
#[derive(Default)]
pub(crate) struct Gathered(Mutex<Vec<Question>>);

struct Question {
    keys: Vec<String>,
    answer: oneshot::Sender<Result<Vec<Value>, RedisError>>,
}

impl Lane {
    /// The values of some keys, read at one moment.
    pub(crate) async fn values(self: &Arc<Self>, keys: Vec<String>) -> Result<Vec<Value>, RedisError> {
        let (answer, answered) = oneshot::channel();
        let is_first = {
            let mut questions = self.gathered().0.lock();
            questions.push(Question { keys, answer });
            questions.len() == 1
        };
        if is_first {
            // In a task of its own: others wait for it, whatever becomes of the one who was first.
            tokio::spawn(self.clone().ask_together());
        }
        answered.await.unwrap_or_else(|_| Err(io_error()))
    }

    async fn ask_together(self: Arc<Self>) {
        // Whoever is ready to ask does so before it goes on here.
        tokio::task::yield_now().await;
        let questions = mem::take(&mut *self.gathered().0.lock());
        let mut together: Vec<Question> = Vec::new();
        let mut count = 0;
        for question in questions {
            if count + question.keys.len() > MOST {
                self.ask(mem::take(&mut together)).await;
                count = 0;
            }
            count += question.keys.len();
            together.push(question);
        }
        self.ask(together).await;
    }

    async fn ask(&self, questions: Vec<Question>) {
        let mut command = redis::cmd("MGET");
        for key in questions.iter().flat_map(|question| &question.keys) {
            command.arg(key);
        }
        match self.read(&command).await {
            Ok(values) => {
                let mut values = values.into_iter();
                for Question { keys, answer } in questions {
                    // Whoever is gone needs none.
                    let _gone = answer.send(Ok(values.by_ref().take(keys.len()).collect()));
                }
            }
            Err(error) => {
                for Question { answer, .. } in questions {
                    let _gone = answer.send(Err(error.clone()));
                }
            }
        }
    }
}

impl Lane {
    /// Reads from a primary. A server that was one and has become a replica goes on answering here, with what its new
    /// primary has, which may be older than what was told here: but it takes no writes, and whoever removes what is
    /// not there writes, at no cost. In a cluster, such a server sends us away by itself.
    async fn read(&self, command: &Cmd) -> Result<Vec<Value>, RedisError> {
        let mut connection = self.connection();
        if let Connection::Cluster(_) = connection {
            return self.query(command).await;
        }
        let mut both = redis::pipe();
        both.add_command(command.clone()).cmd("DEL").arg(Keyspace::of_databases().fence()).ignore();
        let answer = both.query_async::<(Vec<Value>,)>(&mut connection).await;
        answer.inspect_err(|error| self.judge(error)).map(|(values,)| values)
    }
}

fn io_error() -> RedisError {
    RedisError::from(std::io::Error::other("the runtime is ending"))
}
