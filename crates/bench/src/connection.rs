//! A client on one connection that allocates nothing while it asks, so that all that is counted is the service's.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// More than any head or answer here has.
const ROOM: usize = 64 * 1_024;

/// An open connection, its requests and its answers.
pub struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Connection {
    /// Connects, and takes all the memory that it is going to use.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, request: Vec::with_capacity(ROOM), answer: vec![0; ROOM] })
    }

    /// Sends a request without a body, and answers the body of a 200. Anything else is an error.
    pub fn ask(&mut self, method: &str, path: &str, token: &str) -> io::Result<&str> {
        self.request.clear();
        write!(
            self.request,
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n"
        )?;
        self.stream.write_all(&self.request)?;
        let mut read = 0;
        loop {
            let rest = self.answer.get_mut(read..).filter(|rest| !rest.is_empty());
            let rest = rest.ok_or_else(|| io::Error::other("the answer is longer than there is room for"))?;
            let more = self.stream.read(rest)?;
            if more == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            read += more;
            if let Some(body) = self.answer.get(..read).and_then(body_within) {
                let (begin, length) = body?;
                return self
                    .answer
                    .get(begin..begin + length)
                    .and_then(|body| str::from_utf8(body).ok())
                    .ok_or_else(|| io::Error::other("the answer is no text"));
            }
        }
    }
}

/// Where the body begins and how long it is, once all of it is there.
fn body_within(answer: &[u8]) -> Option<io::Result<(usize, usize)>> {
    let begin = answer.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let head = answer.get(..begin).and_then(|head| str::from_utf8(head).ok())?;
    if !head.starts_with("HTTP/1.1 200 ") {
        let line = head.lines().next().unwrap_or_default();
        return Some(Err(io::Error::other(format!("the answer is {line}"))));
    }
    let length = head.lines().filter_map(|line| line.split_once(':'));
    let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.next().and_then(|(_, value)| value.trim().parse().ok());
    let Some(length) = length else {
        return Some(Err(io::Error::other("the answer has no length")));
    };
    (answer.len() >= begin + length).then_some(Ok((begin, length)))
}
