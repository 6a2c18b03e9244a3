//! The audit log on the command line, and what is forgotten of it.

use std::io;

use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection, sql_query};
use reqwest::StatusCode;
use serde_json::Value;

use crate::support::Place;

const ADA: (&str, &str) = ("ada@example.com", "correct horse batt");

/// The entries that the command tells, with some of what they say.
fn told(place: &Place, arguments: &[&str]) -> Vec<[String; 3]> {
    let (said, _) = place.ends_with(0, &[&["audit"], arguments].concat());
    let entries = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    entries
        .map(|entry| [text(&entry["action"]), text(&entry["outcome"]), text(&entry["target"]["username"])])
        .collect()
}

#[tokio::test]
async fn log_03_the_command_line_tells_who_did_what_beside_a_running_service() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    service.register(ADA.0, ADA.1).await;
    assert_eq!(service.login(ADA.0, ADA.1).await, StatusCode::OK);
    assert_eq!(service.login(ADA.0, "something else").await, StatusCode::UNAUTHORIZED);
    let expected = [("session.login", "refused"), ("session.login", "done"), ("user.register", "done")];
    let expected = expected.map(|(action, outcome)| [action, outcome, ADA.0].map(str::to_owned));
    assert_eq!(told(&place, &["--target", "Ada@Example.com"]), expected);
    assert_eq!(told(&place, &["--target", ADA.0, "--limit", "1"]), expected[..1]);
    assert_eq!(told(&place, &["--target", ADA.0, "--action", "user.register"]), expected[2..]);
    assert_eq!(told(&place, &["--target", ADA.0, "--since", "1h"]).len(), 3);
    assert_eq!(told(&place, &["--until", "2000-01-01T00:00:00Z"]), [[""; 3]; 0]);
    let (status, _, log) = service.stop();
    assert!(status.success(), "{log}");
    assert_eq!(told(&place, &["--target", ADA.0]), expected, "also when nobody serves");
}

#[test]
fn somebody_who_stops_reading_is_no_failure() {
    let place = Place::new();
    place.serves();
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let ended = place.command().arg("audit").stdout(writer).output().unwrap();
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
}

#[test]
fn a_filter_that_makes_no_sense_is_refused_by_name() {
    let place = Place::new();
    place.serves();
    for (option, value, complaint) in [
        ("--action", "user.explode", "must be one of user.register"),
        ("--outcome", "perhaps", "must be done or refused"),
        ("--since", "yesterday", "must be a time such as"),
        ("--actor", "nobody", "--actor"),
        ("--limit", "0", "non-zero"),
    ] {
        let (_, said) = place.ends_with(2, &["audit", option, value]);
        assert!(said.contains(complaint) && said.contains(option), "{said}");
    }
}

#[tokio::test]
async fn what_is_older_than_is_kept_is_forgotten_at_the_next_start() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    service.register(ADA.0, ADA.1).await;
    drop(service.stop());
    // As if that had been long ago, and the first admin had been opened just now.
    let mut database = SqliteConnection::establish(place.database().to_str().unwrap()).unwrap();
    let long_ago = "UPDATE audit_log SET at = at - 86400000 * 366 WHERE target = 'ada@example.com'";
    sql_query(long_ago).execute(&mut database).unwrap();
    drop(database);
    assert_ne!(told(&place, &["--target", ADA.0]), [[""; 3]; 0]);
    let service = place.start();
    service.log_with("old entries of the audit log were forgotten");
    drop(service.stop());
    assert_eq!(told(&place, &["--target", ADA.0]), [[""; 3]; 0]);
}
