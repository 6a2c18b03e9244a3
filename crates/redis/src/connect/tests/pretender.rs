//! Somebody who answers like Redis, and says what the test wants.

use std::net::TcpListener;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// What a server answers to `HELLO 3`.
pub(super) const GREETING: &str = "%1\r\n+proto\r\n:3\r\n";

/// Gives the same answers to everybody, one for each packet that comes.
pub(super) struct Pretender {
    address: String,
    task: JoinHandle<()>,
}

impl Pretender {
    pub(super) async fn start(answers: Vec<String>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, answers.clone()));
            }
        });
        Self { address, task }
    }

    /// A sentinel that has this address for every service.
    pub(super) async fn sentinel(port: u16) -> Self {
        let length = port.to_string().len();
        let answer = format!("*2\r\n$9\r\n127.0.0.1\r\n${length}\r\n{port}\r\n");
        Self::start(vec![GREETING.to_owned(), answer]).await
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// An address where nobody is.
    pub(super) fn nobody() -> String {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
    }
}

async fn converse(mut stream: TcpStream, answers: Vec<String>) {
    for answer in answers {
        let mut heard = [0; 4_096];
        if stream.read(&mut heard).await.unwrap_or(0) == 0 {
            return;
        }
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
    // It stays until the other side goes.
    stream.read_to_end(&mut Vec::new()).await.ok();
}

impl Drop for Pretender {
    fn drop(&mut self) {
        self.task.abort();
    }
}
