//! A connection of an operator, who wrote down what to do before the server was in trouble.

use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpStream;

use doorward_testkit::redis::RedisServer;

/// A connection that speaks to the default user's Redis, line by line.
pub(crate) struct Wire(BufReader<TcpStream>);

impl Wire {
    pub(crate) fn to(server: &RedisServer) -> Self {
        Self(BufReader::new(TcpStream::connect(("127.0.0.1", server.port())).unwrap()))
    }

    /// Says something and does not wait for the answer.
    pub(crate) fn say(&mut self, command: &str) {
        self.0.get_mut().write_all(format!("{command}\r\n").as_bytes()).unwrap();
    }

    /// Says something, and has the first line of the answer.
    pub(crate) fn ask(&mut self, command: &str) -> String {
        self.say(command);
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}
