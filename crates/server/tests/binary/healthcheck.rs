//! `doorward healthcheck`, as a container's engine asks.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use crate::support::Place;

/// Something that listens and answers the first who asks with this; `None` for nothing at all, until it is dropped.
fn listener(answer: Option<&'static str>) -> (SocketAddr, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut question = [0; 1024];
        let length = stream.read(&mut question).unwrap();
        match answer {
            Some(answer) => stream.write_all(answer.as_bytes()).unwrap(),
            // Until whoever asked has given up.
            None => drop(stream.read(&mut question)),
        }
        String::from_utf8_lossy(&question[..length]).into_owned()
    });
    (address, asked)
}

#[test]
fn a_node_is_ready_while_it_runs_wherever_its_settings_have_it_listen() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    let address = service.address().to_string();
    let everywhere = address.replace("127.0.0.1", "0.0.0.0");
    for bind in [&address, &everywhere] {
        assert_eq!(place.ends_with(0, &["healthcheck", "--bind", bind]).0, "ready\n");
    }
    let url = format!("http://{address}");
    let elsewhere = Place::new().with("DOORWARD_NONSENSE", "1");
    assert_eq!(elsewhere.ends_with(0, &["healthcheck", "--url", &url]).0, "ready\n");
    elsewhere.ends_with(0, &["healthcheck", "--url", &format!("{url}/healthz")]);
    service.stop();
    let (_, complaint) = place.ends_with(1, &["healthcheck", "--bind", &address]);
    assert!(complaint.contains(&format!("http://{address}/readyz does not answer: ")), "{complaint}");
}

#[test]
fn a_node_that_is_not_ready_says_why() {
    let unavailable = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 16\r\n\r\n{\"status\":false}";
    let (address, asked) = listener(Some(unavailable));
    let (_, complaint) = Place::new().ends_with(1, &["healthcheck", "--bind", &address.to_string()]);
    assert!(
        complaint.contains("is not ready: HTTP/1.1 503 Service Unavailable {\"status\":false}"),
        "{complaint}"
    );
    let question = asked.join().unwrap();
    assert!(question.starts_with("GET /readyz HTTP/1.1\r\n"), "{question}");
    assert!(question.contains(&format!("host: {address}\r\n")), "{question}");
}

#[test]
fn what_is_no_answer_is_not_ready() {
    for answer in
        ["", "200 OK\r\n\r\n", "HTTP/1.1 302 Found\r\nlocation: /\r\n\r\n", "\x1b[2J HTTP/1.1 200 OK\r\n"]
    {
        let (address, asked) = listener(Some(answer));
        let (_, complaint) =
            Place::new().ends_with(1, &["healthcheck", "--url", &format!("http://{address}")]);
        assert!(complaint.contains("is not ready") && !complaint.contains('\x1b'), "{answer:?}: {complaint}");
        asked.join().unwrap();
    }
}

#[test]
fn a_node_that_says_nothing_is_given_up() {
    let (address, asked) = listener(None);
    let (_, complaint) = Place::new().ends_with(1, &["healthcheck", "--bind", &address.to_string()]);
    assert!(complaint.contains("does not answer: timed out"), "{complaint}");
    asked.join().unwrap();
}

#[test]
fn what_cannot_be_asked_is_not_ready_either() {
    for url in ["ftp://127.0.0.1", "127.0.0.1:8080", "file:///readyz", "http://ada:sesame@127.0.0.1"] {
        let (_, complaint) = Place::new().ends_with(1, &["healthcheck", "--url", url]);
        assert!(complaint.contains("--url must be") && !complaint.contains("sesame"), "{complaint}");
    }
    let (_, complaint) = Place::new().ends_with(1, &["healthcheck"]);
    assert!(complaint.contains("`bind` has port 0"), "{complaint}");
    let (_, complaint) = Place::new().with("DOORWARD_WORKRS", "1").ends_with(1, &["healthcheck"]);
    assert!(complaint.contains("DOORWARD_WORKRS is no setting"), "{complaint}");
}
