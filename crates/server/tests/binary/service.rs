//! The service from its start to its end, as its operator meets it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::databases::make_older;
use crate::support::{Doorward, Place};
use reqwest::StatusCode;

const ADMIN: &str = "admin@doorward.example";

/// The password in a banner.
fn password(banner: &str) -> Option<String> {
    let line = banner.lines().find(|line| line.trim_start().starts_with("password  "))?;
    line.split_whitespace().nth(1).map(str::to_owned)
}

/// Sends the head of a login, and waits until the service has read it.
fn begin_login(service: &Doorward) -> TcpStream {
    let mut connection = TcpStream::connect(service.address()).unwrap();
    let head = "POST /api/auth/login HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\n\
                content-type: application/json\r\ncontent-length: 57\r\n\r\n";
    connection.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    connection.read_exact(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 100 "));
    connection
}

/// Sends the body, and answers what comes back until the connection is closed.
fn finish_login(mut connection: TcpStream) -> String {
    let body = r#"{"username":"ada@example.com","password":"some password"}"#;
    connection.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test]
async fn the_first_start_prints_an_admins_password_once_and_a_second_start_does_not() {
    let place = Place::new();
    let service = place.start();
    assert_eq!(service.readiness().await, StatusCode::OK);
    let banner = service.banner();
    for url in ["/api/", "/docs/", "/readyz"] {
        assert!(banner.contains(&service.url(url)), "{url} is not in:\n{banner}");
    }
    let password = password(&banner).unwrap();
    assert!(password.len() >= 20);
    assert_eq!(service.login(ADMIN, &password).await, StatusCode::OK);
    let (status, stdout, stderr) = service.stop();
    assert!(status.success(), "{status}\n{stderr}");
    assert_eq!(stdout.matches(&password).count(), 1);
    assert!(!stderr.contains(&password) && stderr.contains("stopped"));

    let service = place.start();
    let banner = service.banner();
    assert!(!banner.contains("password") && !banner.contains(ADMIN), "{banner}");
    assert_eq!(service.login(ADMIN, &password).await, StatusCode::OK);
}

#[tokio::test]
async fn the_first_admin_may_come_from_the_settings() {
    let place = Place::new();
    let file = place.file("secret", "correct horse batt\n");
    let service = place.start_with(&[
        ("DOORWARD_ADMIN_EMAIL", Path::new("ada@example.com")),
        ("DOORWARD_ADMIN_PASSWORD_FILE", &file),
    ]);
    let banner = service.banner();
    assert!(banner.contains("ada@example.com") && !banner.contains("correct horse batt"), "{banner}");
    assert_eq!(service.login("ada@example.com", "correct horse batt").await, StatusCode::OK);
}

#[test]
fn a_first_admin_that_cannot_be_made_ends_the_start() {
    let place = Place::new();
    let file = place.file("secret", "tiny\n");
    let output = place
        .command()
        .env("DOORWARD_ADMIN_EMAIL", "ada@example.com")
        .env("DOORWARD_ADMIN_PASSWORD_FILE", file)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("at least 8 characters"), "{stderr}");
}

#[tokio::test]
async fn a_second_process_does_not_serve_the_same_file() {
    let place = Place::new();
    let service = place.start();
    let password = password(&service.banner()).unwrap();
    let refused = place.run(&["serve"]);
    assert_eq!(refused.status.code(), Some(75));
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.contains("another process serves") && told.contains("doorward.db already"), "{told}");
    assert_eq!(service.login(ADMIN, &password).await, StatusCode::OK);
}

#[tokio::test]
async fn a_second_process_does_not_serve_the_same_file_by_another_name() {
    let place = Place::new();
    let service = place.start();
    let password = password(&service.banner()).unwrap();
    let elsewhere = Place::new();
    let link = elsewhere.file("link.db", "");
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(place.database(), &link).unwrap();
    let url = |name: &Path| format!("sqlite://{}", name.display());
    let by_link = elsewhere.with("DOORWARD_DATABASE_URL", url(&link));
    let refused = by_link.refuses_to_serve_yet();
    assert!(refused.contains("another process serves"), "{refused}");
    // The same by a path that goes round, and by a second name of the file itself.
    let round = place.data_dir().join("../data/doorward.db");
    let round = Place::new().with("DOORWARD_DATABASE_URL", url(&round)).refuses_to_serve_yet();
    assert!(round.contains("another process serves"), "{round}");
    let second = place.data_dir().join("second.db");
    fs::hard_link(place.database(), &second).unwrap();
    let refused = Place::new().with("DOORWARD_DATABASE_URL", url(&second)).refuses_to_serve();
    assert!(refused.contains("has a second name"), "{refused}");
    assert_eq!(service.login(ADMIN, &password).await, StatusCode::OK);
}

/// The one that serves may be of an older version, which does not know what a newer one makes of its tables.
#[test]
fn a_second_process_does_not_bring_the_tables_of_a_file_up_to_date_that_another_one_serves() {
    const STATUS: &[&str] = &["migrate", "status"];
    let place = Place::new();
    let service = place.start();
    service.banner();
    make_older(&place.database());
    let older = place.ends_with(1, STATUS).0;
    assert!(older.contains("0005_audit_log  pending\n"), "{older}");
    let refused = place.refuses_to_serve_yet();
    assert!(refused.contains("another process serves"), "{refused}");
    assert_eq!(place.ends_with(1, STATUS).0, older);
    let (status, _, stderr) = service.stop();
    assert!(status.success(), "{stderr}");
    place.serves();
    assert!(place.ends_with(0, STATUS).0.contains("0005_audit_log  applied\n"));
}

#[tokio::test]
async fn an_admin_can_be_made_while_the_service_runs() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    let file = place.file("secret", "correct horse batt");
    let made = place.run(&["admin", "create", "ada@example.com", "--password-file", file.to_str().unwrap()]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert_eq!(service.login("ada@example.com", "correct horse batt").await, StatusCode::OK);
}

#[test]
fn cfg_03_everything_that_is_kept_is_for_its_owner_alone() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    let mut directories = vec![place.data_dir()];
    let mut names = Vec::new();
    while let Some(directory) = directories.pop() {
        assert_eq!(mode(&directory), 0o700, "{}", directory.display());
        for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                directories.push(entry.path());
            } else {
                assert_eq!(mode(&entry.path()), 0o600, "{}", entry.path().display());
                names.push(entry.file_name().into_string().unwrap());
            }
        }
    }
    assert!(names.contains(&"doorward.db".to_owned()) && names.contains(&"pepper".to_owned()), "{names:?}");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn an_address_in_use_is_told_before_anything_is_made() {
    let place = Place::new();
    let first = place.start();
    let other = Place::new();
    let output = other.command().env("DOORWARD_BIND", first.address().to_string()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains(&format!("{} is in use", first.address())), "{stderr}");
    assert!(!other.data_dir().exists());
}

#[test]
fn either_signal_ends_an_idle_service_with_success() {
    for name in ["TERM", "INT"] {
        let place = Place::new();
        let service = place.start();
        service.banner();
        service.signal(name);
        let (status, _, stderr) = service.wait();
        assert_eq!(status.code(), Some(0), "{name}: {stderr}");
    }
}

#[test]
fn r19_a_request_in_flight_is_answered_before_the_end() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    let in_flight = begin_login(&service);
    service.signal("TERM");
    service.log_with("stopping");
    let answer = finish_login(in_flight);
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("invalid_credentials"), "{answer}");
    let (status, _, stderr) = service.wait();
    assert_eq!(status.code(), Some(0), "{stderr}");
}

#[test]
fn r19_a_request_that_never_ends_does_not_hold_up_the_end() {
    let place = Place::new();
    let service = place.start_with(&[("DOORWARD_SHUTDOWN_TIMEOUT", Path::new("1s"))]);
    service.banner();
    let _in_flight = begin_login(&service);
    let asked = Instant::now();
    let (status, _, stderr) = service.stop();
    assert_eq!(status.code(), Some(0), "{stderr}");
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

#[test]
fn r19_a_second_signal_ends_a_busy_service_at_once() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    let _in_flight = begin_login(&service);
    service.signal("TERM");
    service.log_with("stopping");
    service.signal("INT");
    let (status, _, stderr) = service.wait();
    assert_eq!(status.code(), Some(130), "{stderr}");
}

#[test]
fn log_lines_can_be_json() {
    let place = Place::new();
    let service = place.start_with(&[("DOORWARD_LOG_FORMAT", Path::new("json"))]);
    service.banner();
    let (_, _, stderr) = service.stop();
    let lines: Vec<serde_json::Value> =
        stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["message"] == "serving"));
    assert_eq!(lines.last().unwrap()["message"], "stopped");
}

#[test]
fn keys_that_are_made_are_told_and_only_then() {
    let place = Place::new();
    for made in [2, 0] {
        let service = place.start();
        service.banner();
        let (_, _, stderr) = service.stop();
        assert_eq!(stderr.matches("a new one was made").count(), made, "{stderr}");
    }
}

#[test]
fn listening_beyond_this_machine_is_warned_of_in_one_line() {
    let place = Place::new().with("DOORWARD_BIND_ALLOW_UNENCRYPTED", "true");
    let service = place.start_with(&[("DOORWARD_BIND", Path::new("0.0.0.0:0"))]);
    let banner = service.banner();
    assert!(banner.contains(&format!("http://127.0.0.1:{}/docs/", service.address().port())), "{banner}");
    let (_, _, stderr) = service.stop();
    assert_eq!(stderr.lines().filter(|line| line.contains("WARN")).count(), 1, "{stderr}");
    assert!(stderr.contains("speaks no TLS"), "{stderr}");
}
