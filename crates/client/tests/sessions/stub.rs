//! A service that answers as a test tells it to, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// An answer, or `None` for a connection that breaks before one.
pub(crate) type Answer = Option<(u16, Value)>;

/// What was asked for, and with which token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) route: String,
    pub(crate) token: String,
}

pub(crate) struct Stub {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stub {
    /// Answers each request by `answer`, which is told how many there were before; each has a connection of its own.
    pub(crate) fn start(answer: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (ours, answer) = (Arc::clone(&asked), Arc::new(answer));
        // They end with the process of the test.
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let (ours, answer) = (Arc::clone(&ours), Arc::clone(&answer));
                thread::spawn(move || serve(connection, &ours, &*answer));
            }
        });
        Self { address, asked }
    }

    pub(crate) fn client(&self) -> doorward_client::Client {
        doorward_client::Client::new(&format!("http://{}", self.address)).unwrap()
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The tokens that were shown to be refreshed.
    pub(crate) fn refreshed_with(&self) -> Vec<String> {
        let asked = self.asked().into_iter().filter(|one| one.route == "POST /api/auth/refresh");
        asked.map(|one| one.token).collect()
    }
}

fn serve(mut connection: TcpStream, asked: &Mutex<Vec<Asked>>, answer: &impl Fn(&Asked, usize) -> Answer) {
    let Some(one) = read(&connection) else { return };
    let before = {
        let mut asked = asked.lock().unwrap();
        asked.push(one.clone());
        asked.len() - 1
    };
    if let Some((status, body)) = answer(&one, before) {
        write(&mut connection, status, &body);
    }
}

fn read(connection: &TcpStream) -> Option<Asked> {
    let mut lines = BufReader::new(connection);
    let mut next = || {
        let mut line = String::new();
        lines.read_line(&mut line).ok().filter(|count| *count > 0).map(|_| line.trim_end().to_owned())
    };
    let route = next()?.rsplit_once(' ')?.0.to_owned();
    let (mut token, mut length) = (String::new(), 0);
    while let Some(line) = next().filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "authorization" => value.trim_start_matches("Bearer ").clone_into(&mut token),
            "content-length" => length = value.parse().unwrap(),
            _ => {}
        }
    }
    lines.read_exact(&mut vec![0; length]).ok()?;
    Some(Asked { route, token })
}

fn write(connection: &mut TcpStream, status: u16, body: &Value) {
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} -\r\nconnection: close\r\ncontent-type: application/json\r\nretry-after: 7\r\n\
         x-request-id: request-1\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    // Whoever does not wait for the answer does not get it.
    let _ = connection.write_all((head + &body).as_bytes());
}

#[expect(clippy::unnecessary_wraps, reason = "an answer may be missing")]
pub(crate) fn refused(status: u16, code: &str) -> Answer {
    Some((status, json!({ "status": false, "message": "No.", "results": { "code": code } })))
}

#[expect(clippy::unnecessary_wraps, reason = "an answer may be missing")]
pub(crate) fn tokens(number: usize) -> Answer {
    let results = json!({
        "access_token": format!("access-{number}"), "refresh_token": format!("refresh-{number}"),
        "access_token_expired": 1_767_269_700, "refresh_token_expired": 1_769_860_800,
        "username": "ada@example.com", "token_type": "Bearer", "expires_in": 900,
    });
    Some((200, json!({ "status": true, "message": "Refreshed.", "results": results })))
}

#[expect(clippy::unnecessary_wraps, reason = "an answer may be missing")]
pub(crate) fn done() -> Answer {
    Some((200, json!({ "status": true, "message": "Done.", "results": {} })))
}
