//! A way to a server on which things go wrong when a test says so.

mod connection;
mod frames;

use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use parking_lot::Mutex;
use url::Url;

use super::RedisServer;

/// What becomes of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// This error is answered, and the server never hears of the command.
    Refuse(String),
    /// The connection ends; the server never hears of it.
    CutBefore,
    /// The server carries it out, and then the connection ends instead of the answer.
    CutAfter,
    /// Nothing passes any more on this connection, from this command on, and it stays open.
    Swallow,
    /// The server carries it out, and from its answer on nothing passes back any more.
    SwallowAnswer,
}

/// Stands between nodes and a server that does not encrypt, and passes everything on until it is told otherwise.
///
/// It knows commands from each other, also when they come together; answers keep their order.
#[derive(Debug)]
pub struct RedisProxy {
    port: u16,
    shared: Arc<Shared>,
}

/// What the proxy and its connections share.
#[derive(Debug)]
struct Shared {
    server: Mutex<u16>,
    rules: Mutex<Vec<Rule>>,
    open: Mutex<Vec<Open>>,
    is_over: AtomicBool,
}

/// A connection, in the hands of those who may end it.
#[derive(Debug)]
struct Open {
    client: TcpStream,
    server: TcpStream,
    is_frozen: Arc<AtomicBool>,
}

/// What becomes of these commands, or of all if there are none.
#[derive(Clone, Debug)]
struct Rule {
    commands: Vec<String>,
    mishap: Mishap,
}

impl RedisProxy {
    /// Stands before this server, on a port of its own.
    pub fn before(server: &RedisServer) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            server: Mutex::new(server.port()),
            rules: Mutex::default(),
            open: Mutex::default(),
            is_over: AtomicBool::new(false),
        });
        let accepting = shared.clone();
        thread::spawn(move || accepting.accept(&listener));
        Self { port, shared }
    }

    /// A URL of the server, such as [`RedisServer::url`] gives, as one that leads through here.
    pub fn through(&self, url: &str) -> String {
        let mut url: Url = url.parse().unwrap();
        url.set_port(Some(self.port)).unwrap();
        url.into()
    }

    /// From now on, this becomes of commands with one of these names; of all commands, if there are none.
    pub fn on(&self, commands: &[&str], mishap: Mishap) {
        let commands = commands.iter().map(|name| name.to_ascii_uppercase()).collect();
        self.shared.rules.lock().push(Rule { commands, mishap });
    }

    /// From now on, everything passes again. What was swallowed does not come back.
    pub fn heal(&self) {
        self.shared.rules.lock().clear();
    }

    /// Ends all connections.
    pub fn cut(&self) {
        for Open { client, server, .. } in self.shared.open.lock().drain(..) {
            // They may be gone already.
            client.shutdown(Shutdown::Both).ok();
            server.shutdown(Shutdown::Both).ok();
        }
    }

    /// Nothing passes any more on the connections that there are, in either direction, and they stay open. New ones
    /// are not affected.
    pub fn freeze(&self) {
        for Open { is_frozen, .. } in self.shared.open.lock().iter() {
            is_frozen.store(true, Ordering::Release);
        }
    }

    /// Connections that are made from now on lead to this server.
    pub fn lead_to(&self, server: &RedisServer) {
        *self.shared.server.lock() = server.port();
    }
}

impl Drop for RedisProxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        // Whoever accepts looks up when somebody comes.
        TcpStream::connect(("127.0.0.1", self.port)).ok();
        self.cut();
    }
}

impl Shared {
    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming() {
            if self.is_over.load(Ordering::Acquire) {
                return;
            }
            // Where the server is gone, so is the connection.
            let server = TcpStream::connect(("127.0.0.1", *self.server.lock()));
            if let (Ok(client), Ok(server)) = (client, server) {
                // Each message goes on by itself, and nobody waits for more of them.
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                let is_frozen = Arc::<AtomicBool>::default();
                let (to_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                self.open.lock().push(Open { client, server, is_frozen: is_frozen.clone() });
                connection::pass(to_client, to_server, &is_frozen, &self);
            }
        }
    }

    /// What becomes of a command.
    fn mishap(&self, command: &str) -> Option<Mishap> {
        let rules = self.rules.lock();
        let applies =
            |rule: &&Rule| rule.commands.is_empty() || rule.commands.iter().any(|name| name == command);
        rules.iter().find(applies).map(|rule| rule.mishap.clone())
    }
}
