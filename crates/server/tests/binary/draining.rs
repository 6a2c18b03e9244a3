//! A node that is told to stop behind a balancer: it says that it is not ready, and goes on until nobody comes any more.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::thread;

use crate::support::{Doorward, Place};

const DELAY: &str = "DOORWARD_SHUTDOWN_DELAY";

/// A connection that may be used more than once.
struct Kept(BufReader<TcpStream>);

impl Kept {
    fn open(service: &Doorward) -> Self {
        Self(BufReader::new(TcpStream::connect(service.address()).unwrap()))
    }

    fn send(&mut self, requests: &str) {
        self.0.get_mut().write_all(requests.as_bytes()).unwrap();
    }

    /// The head of the next answer, in small letters; its body is read and forgotten.
    fn answer(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).unwrap(), 0, "no answer, but {head:?}");
        }
        let head = head.to_lowercase();
        let length = head.split_once("content-length: ").unwrap().1.split_once("\r\n").unwrap().0;
        self.0.read_exact(&mut vec![0; length.parse().unwrap()]).unwrap();
        head
    }

    /// Whether the other side has closed it, with nothing more to say.
    fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        // A reset is an end as well: more was sent than is answered.
        let _ = self.0.read_to_end(&mut rest);
        rest.is_empty()
    }
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: h\r\n\r\n";

/// One that is told to stop, and goes on for much longer than any test.
fn draining(place: &Place, before: impl FnOnce(&Doorward)) -> Doorward {
    let service = place.start_with(&[(DELAY, Path::new("10m"))]);
    service.banner();
    before(&service);
    service.signal("TERM");
    service.log_with("not ready any more");
    service
}

/// Insists, which is what ends it before its time.
fn ends(service: Doorward) -> String {
    service.signal("TERM");
    let (status, _, stderr) = service.wait();
    assert_eq!(status.code(), Some(143), "{stderr}");
    stderr
}

/// What a new connection is answered.
fn asked(service: &Doorward, request: &str) -> String {
    let mut connection = Kept::open(service);
    connection.send(request);
    connection.answer()
}

#[test]
fn r20_a_node_that_is_told_to_stop_is_not_ready_and_answers_everything() {
    let place = Place::new();
    let service = draining(&place, |_| {});
    assert!(asked(&service, "GET /readyz HTTP/1.1\r\nhost: h\r\n\r\n").starts_with("http/1.1 503 "));
    assert!(asked(&service, HEALTH).starts_with("http/1.1 200 "));
    let account = r#"{"username":"ada@example.com","password":"correct horse batt","password_confirm":"correct horse batt"}"#;
    let register = format!(
        "POST /api/user HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{account}",
        account.len()
    );
    assert!(asked(&service, &register).starts_with("http/1.1 201 "));
    let log = ends(service);
    assert!(!log.contains("store unavailable"), "a stop is no fault of a store: {log}");
}

#[test]
fn r20_a_connection_that_is_kept_ends_with_its_next_answer_and_not_before() {
    let place = Place::new();
    let mut kept = None;
    let service = draining(&place, |service| {
        let mut connection = Kept::open(service);
        connection.send(HEALTH);
        assert!(!connection.answer().contains("connection: close"));
        kept = Some(connection);
    });
    let mut kept = kept.unwrap();
    kept.send(HEALTH);
    let last = kept.answer();
    assert!(last.starts_with("http/1.1 200 ") && last.contains("\r\nconnection: close\r\n"), "{last}");
    assert!(kept.is_closed());
    let mut new = Kept::open(&service);
    new.send(HEALTH);
    assert!(new.answer().contains("\r\nconnection: close\r\n"));
    assert!(new.is_closed());
    ends(service);
}

#[test]
fn r20_what_comes_behind_the_last_answer_is_not_carried_out() {
    let place = Place::new();
    let service = draining(&place, |_| {});
    let mut kept = Kept::open(&service);
    kept.send(&HEALTH.repeat(2));
    assert!(kept.answer().contains("\r\nconnection: close\r\n"));
    // Nobody need read it, but whoever does learns that it may be sent again.
    assert!(kept.answer().starts_with("http/1.1 503 "));
    assert!(kept.is_closed());
    ends(service);
}

#[test]
fn r20_a_node_ends_by_itself_when_others_have_had_time_to_notice() {
    let place = Place::new();
    let service = place.start_with(&[(DELAY, Path::new("50ms"))]);
    service.banner();
    let (status, _, stderr) = service.stop();
    assert_eq!(status.code(), Some(0), "{stderr}");
    let said = ["stopping: finishing", "not ready any more", "stopped"];
    let places: Vec<_> = said.iter().map(|part| stderr.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{stderr}");
}

/// What clients that connect again and again are answered, until nobody takes a connection any more.
fn answers_until_refused(address: SocketAddr) -> Vec<String> {
    let mut answers = Vec::new();
    while let Ok(mut connection) = TcpStream::connect(address) {
        let mut answer = String::new();
        if connection.write_all(HEALTH.as_bytes()).is_ok() {
            let _ = connection.read_to_string(&mut answer);
        }
        answers.push(answer);
    }
    answers
}

#[test]
fn r20_whoever_could_connect_is_answered() {
    let place = Place::new();
    let service = place.start_with(&[(DELAY, Path::new("100ms"))]);
    service.banner();
    let address = service.address();
    let answers: Vec<_> = thread::scope(|scope| {
        service.signal("TERM");
        service.log_with("not ready any more");
        let clients: Vec<_> = (0..8).map(|_| scope.spawn(|| answers_until_refused(address))).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    assert!(answers.len() > 8, "{answers:?}");
    let unanswered = answers.iter().filter(|answer| !answer.starts_with("HTTP/1.1 200 ")).count();
    assert_eq!(unanswered, 0, "of {}", answers.len());
    assert!(service.wait().0.success());
}
