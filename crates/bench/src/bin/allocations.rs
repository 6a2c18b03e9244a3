//! What requests allocate: how often, and how many bytes.
//!
//! `allocations [REQUESTS]` asks services of this process over one connection each, so many times, and writes the averages to
//! standard output. Whatever any thread allocates counts, from reading the request to writing the answer; the client
//! allocates nothing. A block that grows counts once more, with its new size.

use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};

use actix_web::web::Bytes;
use dhat::HeapStats;
use doorward_bench::connection::Connection;
use doorward_bench::measure::runtime;
use doorward_bench::scene::{Answering, Scene};
use doorward_bench::{Trouble, floor};
use doorward_http::HttpSettings;
use tokio::sync::oneshot;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const USAGE: &str = "usage: allocations [REQUESTS]";

/// So many that what they allocate together can be counted.
const MOST: u32 = 100_000;

/// What is allocated once, by the first requests of a connection or of a worker.
const WARM_UP: u32 = 200;

/// A server on a thread of its own until it is dropped.
struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), Trouble>>>,
}

/// What one request allocates on average.
#[derive(Clone, Copy)]
struct Average {
    blocks: f64,
    bytes: f64,
}

fn main() -> Result<(), Trouble> {
    let mut arguments = std::env::args().skip(1);
    let requests = match (arguments.next(), arguments.next()) {
        (None, None) => Some(1_000),
        (Some(requests), None) => requests.parse().ok().filter(|requests| (1..=MOST).contains(requests)),
        _ => return Err(USAGE.into()),
    };
    let requests =
        requests.ok_or_else(|| format!("REQUESTS must be a whole number from 1 to {MOST}; {USAGE}"))?;
    let _counting = dhat::Profiler::builder().testing().build();

    let body = body_of_me()?;
    writeln!(io::stdout(), "{:<44}{:>12}{:>12}", "a request on average", "allocations", "bytes")?;
    tell("bare handler, the same bytes", bare_handler(body, requests)?)?;
    tell("GET /api/user/me, from copies in the process", me(Answering::Copies, requests)?)?;
    tell("GET /api/user/me, from SQLite", me(Answering::Store, requests)?)?;
    tell("POST /api/auth/refresh", refresh(requests)?)?;
    Ok(())
}

fn tell(name: &str, average: Average) -> io::Result<()> {
    let Average { blocks, bytes } = average;
    writeln!(io::stdout(), "{name:<44}{blocks:>12.1}{bytes:>12.0}")
}

fn bare_handler(body: Bytes, requests: u32) -> Result<Average, Trouble> {
    let server = Server::start(|listener, stopped| {
        runtime()?.block_on(floor::serve(listener, body, 1, async { drop(stopped.await) }))?;
        Ok(())
    })?;
    let mut connection = Connection::open(server.address)?;
    average(requests, || connection.ask("GET", "/", "nobody").map(drop))
}

fn me(answering: Answering, requests: u32) -> Result<Average, Trouble> {
    let (server, scene) = service(answering)?;
    let mut connection = Connection::open(server.address)?;
    average(requests, || connection.ask("GET", "/api/user/me", &scene.tokens.access).map(drop))
}

fn body_of_me() -> Result<Bytes, Trouble> {
    let (server, scene) = service(Answering::Store)?;
    let mut connection = Connection::open(server.address)?;
    let body = connection.ask("GET", "/api/user/me", &scene.tokens.access)?;
    Ok(Bytes::copy_from_slice(body.as_bytes()))
}

/// Each request spends the token that the one before was answered.
fn refresh(requests: u32) -> Result<Average, Trouble> {
    let (server, scene) = service(Answering::Copies)?;
    let mut connection = Connection::open(server.address)?;
    let mut token = scene.tokens.refresh.clone();
    token.reserve(token.len());
    average(requests, || {
        let answer = connection.ask("POST", "/api/auth/refresh", &token)?;
        let next = answer.split_once("\"refresh_token\":\"").and_then(|(_, rest)| rest.split_once('"'));
        let (next, _) = next.ok_or_else(|| io::Error::other("the answer has no refresh token"))?;
        token.clear();
        token.push_str(next);
        Ok(())
    })
}

fn average(requests: u32, mut ask: impl FnMut() -> io::Result<()>) -> Result<Average, Trouble> {
    for _ in 0..WARM_UP {
        ask()?;
    }
    let before = HeapStats::get();
    for _ in 0..requests {
        ask()?;
    }
    let after = HeapStats::get();
    let share = |before: u64, after: u64| -> Result<f64, Trouble> {
        Ok(f64::from(u32::try_from(after - before)?) / f64::from(requests))
    };
    Ok(Average {
        blocks: share(before.total_blocks, after.total_blocks)?,
        bytes: share(before.total_bytes, after.total_bytes)?,
    })
}

/// A service, and somebody who is logged in there.
fn service(answering: Answering) -> Result<(Server, Scene), Trouble> {
    let scene = runtime()?.block_on(Scene::open(answering))?;
    let service = scene.service.clone();
    let server = Server::start(move |listener, stopped| {
        let settings = HttpSettings { workers: 1, ..HttpSettings::default() };
        let stopped = async { drop(stopped.await) };
        runtime()?.block_on(doorward_http::serve(listener, service, settings, None, stopped))?;
        Ok(())
    })?;
    Ok((server, scene))
}

impl Server {
    fn start(
        serve: impl FnOnce(TcpListener, oneshot::Receiver<()>) -> Result<(), Trouble> + Send + 'static,
    ) -> Result<Self, Trouble> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().spawn(move || serve(listener, stopped))?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }
}

/// Its threads are gone before the next one is counted.
impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
