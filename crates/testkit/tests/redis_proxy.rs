//! What goes wrong on the way to a Redis server when a test says so, and what does not.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use doorward_testkit::redis::{self, Mishap, RedisOptions, RedisProxy, RedisServer};
use url::Url;

/// Far more than an answer takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// So long nothing is heard where nothing comes.
const SILENCE: Duration = Duration::from_millis(50);

/// Somebody who speaks to the server through the proxy.
struct Client(BufReader<TcpStream>);

impl Client {
    fn through(proxy: &RedisProxy, server: &RedisServer) -> Self {
        let url: Url = proxy.through(&server.url(0)).parse().unwrap();
        let stream = TcpStream::connect(("127.0.0.1", url.port().unwrap())).unwrap();
        Self(BufReader::new(stream))
    }

    fn say(&mut self, commands: &[&[&str]]) {
        let word = |word: &&str| format!("${}\r\n{word}\r\n", word.len());
        let command = |words: &&[&str]| {
            format!("*{}\r\n{}", words.len(), words.iter().map(word).collect::<Vec<_>>().concat())
        };
        let all = commands.iter().map(command).collect::<Vec<_>>().concat();
        // The other end may be gone already, which is heard then.
        self.0.get_mut().write_all(all.as_bytes()).ok();
    }

    /// The next line; empty at the end of the connection, `None` where nothing comes.
    fn hear_within(&mut self, time: Duration) -> Option<String> {
        self.0.get_ref().set_read_timeout(Some(time)).unwrap();
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(_) => Some(line.trim_end().to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => Some(String::new()),
            Err(_) => None,
        }
    }

    fn hear(&mut self) -> String {
        self.hear_within(PATIENCE).unwrap()
    }

    fn ask(&mut self, words: &[&str]) -> String {
        self.say(&[words]);
        self.hear()
    }

    fn is_left_waiting(&mut self) -> bool {
        self.hear_within(SILENCE).is_none()
    }
}

fn start() -> Option<(RedisServer, RedisProxy)> {
    let server = redis::is_there().then(|| RedisServer::start(RedisOptions::new()))?;
    let proxy = RedisProxy::before(&server);
    Some((server, proxy))
}

#[test]
fn everything_passes_until_something_is_said() {
    let Some((server, proxy)) = start() else { return };
    let mut client = Client::through(&proxy, &server);
    assert_eq!(client.ask(&["SET", "key", "a\r\nvalue"]), "+OK");
    assert_eq!(server.cli(&["GET", "key"]), "a\r\nvalue");
    assert!(proxy.through("redis://:secret@127.0.0.1:6379/1").starts_with("redis://:secret@127.0.0.1:"));
}

#[test]
fn a_command_that_is_refused_is_not_carried_out_and_answers_keep_their_order() {
    let Some((server, proxy)) = start() else { return };
    let mut client = Client::through(&proxy, &server);
    proxy.on(&["set"], Mishap::Refuse("OOM no".to_owned()));
    client.say(&[&["INCR", "n"], &["SET", "key", "1"], &["INCR", "n"], &["SET", "key", "2"]]);
    let heard: Vec<_> = (0..4).map(|_| client.hear()).collect();
    assert_eq!(heard, [":1", "-OOM no", ":2", "-OOM no"]);
    assert_eq!(server.cli(&["EXISTS", "key"]), "0");
    proxy.heal();
    assert_eq!(client.ask(&["SET", "key", "3"]), "+OK");
}

#[test]
fn a_connection_is_cut_before_or_after_the_server_has_heard() {
    let Some((server, proxy)) = start() else { return };
    for (mishap, expected) in [(Mishap::CutBefore, ""), (Mishap::CutAfter, "value")] {
        let mut client = Client::through(&proxy, &server);
        proxy.on(&["SET"], mishap);
        assert_eq!(client.ask(&["PING"]), "+PONG");
        assert_eq!(client.ask(&["SET", "key", "value"]), "");
        assert_eq!(server.cli(&["GET", "key"]), expected);
        proxy.heal();
    }
}

#[test]
fn commands_or_answers_are_swallowed() {
    let Some((server, proxy)) = start() else { return };
    for (mishap, expected) in [(Mishap::Swallow, "0"), (Mishap::SwallowAnswer, "1")] {
        let mut client = Client::through(&proxy, &server);
        assert_eq!(client.ask(&["DEL", "key"]), ":0");
        proxy.on(&[], mishap);
        client.say(&[&["SADD", "key", "value"], &["PING"]]);
        assert!(client.is_left_waiting());
        assert_eq!(server.cli(&["EXISTS", "key"]), expected);
        proxy.heal();
        client.say(&[&["PING"]]);
        assert!(client.is_left_waiting(), "what was swallowed does not come back");
        assert_eq!(Client::through(&proxy, &server).ask(&["PING"]), "+PONG");
    }
}

#[test]
fn what_a_server_says_unasked_passes_until_the_connection_is_frozen() {
    let Some((server, proxy)) = start() else { return };
    let mut client = Client::through(&proxy, &server);
    client.say(&[&["HELLO", "3"], &["CLIENT", "TRACKING", "ON"], &["GET", "key"], &["PING"]]);
    while client.hear() != "+PONG" {}
    assert_eq!(server.cli(&["SET", "key", "1"]), "OK");
    let told: Vec<_> = (0..6).map(|_| client.hear()).collect();
    assert_eq!(told, [">2", "$10", "invalidate", "*1", "$3", "key"]);
    assert_eq!(client.ask(&["STRLEN", "key"]), ":1");
    proxy.freeze();
    assert_eq!(server.cli(&["SET", "key", "2"]), "OK");
    assert!(client.is_left_waiting());
    client.say(&[&["PING"]]);
    assert!(client.is_left_waiting());
    assert_eq!(Client::through(&proxy, &server).ask(&["PING"]), "+PONG");
}

#[test]
fn connections_are_cut_and_lead_elsewhere() {
    let Some((server, proxy)) = start() else { return };
    let other = RedisServer::start(RedisOptions::new());
    assert_eq!(other.cli(&["SET", "key", "other"]), "OK");
    let mut client = Client::through(&proxy, &server);
    assert_eq!(client.ask(&["PING"]), "+PONG");
    proxy.lead_to(&other);
    assert_eq!(client.ask(&["GET", "key"]), "$-1");
    assert_eq!(Client::through(&proxy, &server).ask(&["STRLEN", "key"]), ":5");
    proxy.cut();
    assert_eq!(client.hear(), "");
}

#[test]
fn where_the_server_is_gone_the_connection_ends() {
    let Some((mut server, proxy)) = start() else { return };
    server.kill();
    assert_eq!(Client::through(&proxy, &server).ask(&["PING"]), "");
}
