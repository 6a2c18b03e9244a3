//! One connection: commands one way, answers the other.

use std::collections::VecDeque;
use std::io::{self, BufReader, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use parking_lot::Mutex;

use super::{Mishap, Shared, frames};

/// What the client gets, in the order of its commands.
enum Due {
    /// What the server answers.
    Answer,
    /// This, once it is its turn.
    Words(Vec<u8>),
    /// The end of the connection, once the server has answered.
    End,
    /// Nothing any more, once the server has answered.
    Silence,
}

/// What both directions know of each other.
struct Line {
    client: TcpStream,
    server: TcpStream,
    is_frozen: Arc<AtomicBool>,
    due: Mutex<VecDeque<Due>>,
}

/// How a direction has come to its end.
enum End {
    /// The connection is over.
    Over,
    /// It stays open, and nothing passes.
    Silent,
}

/// Passes on until one end is gone.
pub(super) fn pass(client: TcpStream, server: TcpStream, is_frozen: &Arc<AtomicBool>, shared: &Arc<Shared>) {
    let line = Arc::new(Line { client, server, is_frozen: is_frozen.clone(), due: Mutex::default() });
    let (forth, shared) = (line.clone(), shared.clone());
    thread::spawn(move || forth.end(&forth.pass_commands(&shared)));
    thread::spawn(move || line.end(&line.pass_answers()));
}

impl Line {
    fn pass_commands(&self, shared: &Shared) -> io::Result<End> {
        let mut client = BufReader::new(&self.client);
        while let Some(message) = frames::read(&mut client)? {
            if self.is_frozen() {
                return Ok(End::Silent);
            }
            let due = match shared.mishap(&frames::command(&message)) {
                Some(Mishap::Refuse(error)) => {
                    self.say(format!("-{error}\r\n").into_bytes())?;
                    continue;
                }
                Some(Mishap::CutBefore) => return Ok(End::Over),
                Some(Mishap::Swallow) => return Ok(End::Silent),
                Some(Mishap::CutAfter) => Due::End,
                Some(Mishap::SwallowAnswer) => Due::Silence,
                None => Due::Answer,
            };
            self.due.lock().push_back(due);
            (&self.server).write_all(&message)?;
        }
        Ok(End::Over)
    }

    fn pass_answers(&self) -> io::Result<End> {
        let mut server = BufReader::new(&self.server);
        while let Some(message) = frames::read(&mut server)? {
            if self.is_frozen() {
                return Ok(End::Silent);
            }
            let mut due = self.due.lock();
            if frames::is_push(&message) {
                (&self.client).write_all(&message)?;
                continue;
            }
            match due.pop_front() {
                Some(Due::Answer) => (&self.client).write_all(&message)?,
                Some(Due::Silence) => return Ok(End::Silent),
                // Words do not wait at the front, and nobody answers what was not asked.
                Some(Due::End | Due::Words(_)) | None => return Ok(End::Over),
            }
            self.say_what_is_due(&mut due)?;
        }
        Ok(End::Over)
    }

    fn is_frozen(&self) -> bool {
        self.is_frozen.load(Ordering::Acquire)
    }

    fn say(&self, words: Vec<u8>) -> io::Result<()> {
        let mut due = self.due.lock();
        due.push_back(Due::Words(words));
        self.say_what_is_due(&mut due)
    }

    /// What stands at the front and needs no answer of the server.
    fn say_what_is_due(&self, due: &mut VecDeque<Due>) -> io::Result<()> {
        while let Some(Due::Words(words)) = due.front() {
            (&self.client).write_all(words)?;
            due.pop_front();
        }
        Ok(())
    }

    fn end(&self, end: &io::Result<End>) {
        if !matches!(end, Ok(End::Silent)) {
            // They may be gone already.
            self.client.shutdown(Shutdown::Both).ok();
            self.server.shutdown(Shutdown::Both).ok();
        }
    }
}
