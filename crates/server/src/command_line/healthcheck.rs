//! `doorward healthcheck`: asks a node whether it is ready, for containers that have no other program to ask with.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use doorward_tls::{Client, Roots, TlsError, Unverified};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
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
    #[error("--url must be http:// or https:// with a host")]
    Url,
    /// What encrypts the question cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
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
    let (url, trusted) = if let Some(text) = url {
        (parse(text)?, Client::trusting(Roots::System))
    } else {
        let settings = Settings::load(flags, Purpose::Command)?;
        // Whoever answers at this machine's own address is asked for nothing but whether it is ready.
        let anybody = Client::with_verifier(Arc::new(Unverified::new()));
        (own(settings.bind, settings.speaks_tls())?, anybody)
    };
    let tls = if url.scheme() == "https" { Some(Arc::new(trusted.config()?)) } else { None };
    let answer = ask_in_time(&url, tls).map_err(|error| Unready::Silent(url.clone(), error))?;
    if status_of(&answer) != Some("200") {
        return Err(Unready::Said(url, shown(&answer)));
    }
    terminal::say("ready\n").map_err(Unready::Output)
}

fn parse(text: &str) -> Result<Url, Unready> {
    let mut url = Url::parse(text).map_err(|_| Unready::Url)?;
    if !matches!(url.scheme(), "http" | "https")
        || !url.has_host()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(Unready::Url);
    }
    if url.path() == "/" {
        url.set_path("/readyz");
    }
    Ok(url)
}

/// Where a node with this setting is asked from its own machine.
fn own(bind: SocketAddr, speaks_tls: bool) -> Result<Url, Unready> {
    if bind.port() == 0 {
        return Err(Unready::AnyPort);
    }
    let scheme = if speaks_tls { "https" } else { "http" };
    Url::parse(&format!("{scheme}://{}/readyz", reachable(bind))).map_err(|_| Unready::Url)
}

/// The answer, or none in time, whatever it is that takes so long: a name, a connection, or an answer in drops.
fn ask_in_time(url: &Url, tls: Option<Arc<ClientConfig>>) -> io::Result<String> {
    let (answered, answer) = mpsc::channel();
    let asked = url.clone();
    // It ends with the process if it must.
    thread::spawn(move || answered.send(ask(&asked, tls)));
    answer.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

fn ask(url: &Url, tls: Option<Arc<ClientConfig>>) -> io::Result<String> {
    let addresses = url.socket_addrs(|| None)?;
    let stream = TcpStream::connect(addresses.as_slice())?;
    let Some(tls) = tls else { return ask_on(stream, url) };
    let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(name).map_err(io::Error::other)?;
    let connection = ClientConnection::new(tls, name).map_err(io::Error::other)?;
    ask_on(StreamOwned::new(connection, stream), url)
}

fn ask_on(mut stream: impl Read + Write, url: &Url) -> io::Result<String> {
    let (authority, path) = (url.authority(), url.path());
    let query = url.query().map_or(String::new(), |query| format!("?{query}"));
    // In one piece: whoever reads a part of it may answer and close already.
    let question = format!(
        "GET {path}{query} HTTP/1.1\r\nhost: {authority}\r\nuser-agent: doorward-healthcheck\r\n\
         connection: close\r\n\r\n"
    );
    stream.write_all(question.as_bytes())?;
    let mut answer = Vec::new();
    // Some end a connection under TLS without saying so; what has come by then is the answer.
    match stream.take(LONGEST).read_to_end(&mut answer) {
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
        _ => {}
    }
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
