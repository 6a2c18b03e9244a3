//! `doorward healthcheck`: asks a node whether it is ready, for containers that have no other program to ask with.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use url::Url;

use super::terminal;
use crate::listen::reachable;
use crate::settings::{Faults, Flags, Purpose, Settings};

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(2);

/// No answer to this question is longer.
const LONGEST: u64 = 8 * 1024;

/// Why a node does not count as ready.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unready {
    /// Nobody knows where it is.
    #[error(transparent)]
    Settings(#[from] Faults),
    /// It listens where the system chose.
    #[error("the setting `bind` has port 0, so the port is not known; name the address with --url")]
    AnyPort,
    /// The URL is none that can be asked.
    #[error("--url must be http:// with a host")]
    Url,
    /// It did not answer, or too late.
    #[error("{0} does not answer")]
    Silent(Url, #[source] io::Error),
    /// It says that it is not, or it is something else.
    #[error("{0} is not ready: {1}")]
    Said(Url, String),
    /// Standard output is closed, or is full.
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
}

/// Asks once. Only where no URL is given the settings are read.
pub(super) fn healthcheck(url: Option<&str>, flags: &Flags) -> Result<(), Unready> {
    let url = match url {
        Some(text) => parse(text)?,
        None => own(Settings::load(flags, Purpose::Command)?.bind)?,
    };
    let answer = ask_in_time(&url).map_err(|error| Unready::Silent(url.clone(), error))?;
    if status_of(&answer) != Some("200") {
        return Err(Unready::Said(url, shown(&answer)));
    }
    terminal::say("ready\n").map_err(Unready::Output)
}

fn parse(text: &str) -> Result<Url, Unready> {
    let mut url = Url::parse(text).map_err(|_| Unready::Url)?;
    if url.scheme() != "http" || !url.has_host() || !url.username().is_empty() || url.password().is_some() {
        return Err(Unready::Url);
    }
    if url.path() == "/" {
        url.set_path("/readyz");
    }
    Ok(url)
}

/// Where a node with this setting is asked from its own machine.
fn own(bind: SocketAddr) -> Result<Url, Unready> {
    if bind.port() == 0 {
        return Err(Unready::AnyPort);
    }
    Url::parse(&format!("http://{}/readyz", reachable(bind))).map_err(|_| Unready::Url)
}

/// The answer, or none in time, whatever it is that takes so long: a name, a connection, or an answer in drops.
fn ask_in_time(url: &Url) -> io::Result<String> {
    let (answered, answer) = mpsc::channel();
    let asked = url.clone();
    // It ends with the process if it must.
    thread::spawn(move || answered.send(ask(&asked)));
    answer.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

fn ask(url: &Url) -> io::Result<String> {
    let addresses = url.socket_addrs(|| None)?;
    let mut stream = TcpStream::connect(addresses.as_slice())?;
    let (authority, path) = (url.authority(), url.path());
    let query = url.query().map_or(String::new(), |query| format!("?{query}"));
    // In one piece: whoever reads a part of it may answer and close already.
    let question = format!(
        "GET {path}{query} HTTP/1.1\r\nhost: {authority}\r\nuser-agent: doorward-healthcheck\r\n\
         connection: close\r\n\r\n"
    );
    stream.write_all(question.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// `HTTP/1.1 200 OK`.
fn status_of(answer: &str) -> Option<&str> {
    let (version, rest) = answer.lines().next()?.split_once(' ')?;
    version.starts_with("HTTP/1.").then(|| rest.split(' ').next())?
}

/// The status line and the body, on one line and nothing that steers a terminal.
fn shown(answer: &str) -> String {
    let status = answer.lines().next().unwrap_or("an empty answer");
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    format!("{status} {body}").trim().replace(char::is_control, " ")
}
