//! R15, R16 and R17.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::Disk;
use crate::support::{Doorward, Place};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse batt";
const WRITES: usize = 1_000;

fn disk() -> Disk {
    Disk::new(Place::new().without_throttles().with("DOORWARD_AUDIT_RETENTION", "0"))
}

async fn write(service: &Doorward, access: &str, city: &str) -> (StatusCode, Value) {
    service.ask(Method::PUT, "/api/user", access, &json!({ "profile": { "city": city } })).await
}

async fn city(service: &Doorward, access: &str) -> String {
    let (status, body) = service.ask(Method::GET, "/api/user/me", access, &Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["results"]["profile"]["city"].as_str().unwrap().to_owned()
}

async fn begun(disk: &Disk) -> (Doorward, String) {
    let service = disk.start();
    service.register(ADA, PASSWORD).await;
    let [access, _] = service.tokens(ADA, PASSWORD).await;
    (service, access)
}

/// Refused as everything is that may go better later.
fn is_unavailable((status, body): &(StatusCode, Value)) {
    assert_eq!(*status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
    assert_eq!((&body["status"], &body["results"]["code"]), (&json!(false), &json!("unavailable")), "{body}");
}

#[tokio::test]
async fn r15_nothing_is_answered_before_it_is_on_disk() {
    let disk = disk();
    let (service, access) = begun(&disk).await;
    let before = disk.log().len();
    for number in 0..WRITES {
        let (status, body) = write(&service, &access, &number.to_string()).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    let log = disk.log();
    let (mut written, mut synced, mut answered) = (false, 0, 0);
    for line in log[before..].lines() {
        match line {
            "write" => written = true,
            "sync" => {
                synced += usize::from(written);
                written = false;
            }
            answer => {
                assert_eq!(answer, "answer 200");
                answered += 1;
                assert!(!written, "answer {answered} was sent before its sync");
                assert!(synced >= answered, "answer {answered} had no sync of its own");
            }
        }
    }
    assert_eq!(answered, WRITES);
}

#[tokio::test]
async fn r16_a_full_disk_costs_writes_and_nothing_else_until_there_is_room() {
    let disk = disk();
    let (service, access) = begun(&disk).await;
    assert_eq!(write(&service, &access, "Rome").await.0, StatusCode::OK);
    disk.order("full");
    for _ in 0..3 {
        is_unavailable(&write(&service, &access, "Oslo").await);
        let login = json!({ "username": ADA, "password": PASSWORD });
        is_unavailable(&service.ask(Method::POST, "/api/auth/login", "-", &login).await);
        assert_eq!(city(&service, &access).await, "Rome");
        let (status, _) = service.ask(Method::GET, "/api/auth/sessions", &access, &Value::Null).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(service.readiness().await, StatusCode::OK, "reading goes on");
    }
    service.log_with("database or disk is full");
    disk.take_back("full");
    assert_eq!(write(&service, &access, "Bern").await.0, StatusCode::OK);
    assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::OK);
    assert_eq!(city(&service, &access).await, "Bern");
    let (said, _) = disk.place().ends_with(0, &["check"]);
    assert!(said.contains("Nothing is wrong."), "{said}");
}

#[tokio::test]
async fn r17_after_a_sync_that_failed_nothing_is_acknowledged_until_a_restart() {
    let disk = disk();
    let (service, access) = begun(&disk).await;
    assert_eq!(write(&service, &access, "Rome").await.0, StatusCode::OK);
    disk.order("sync");
    is_unavailable(&write(&service, &access, "Oslo").await);
    // The disk says that all is well again; what it lost it does not say.
    disk.take_back("sync");
    let syncs = disk.log().matches("sync").count();
    for _ in 0..3 {
        is_unavailable(&write(&service, &access, "Bern").await);
    }
    assert_eq!(disk.log().matches("sync").count(), syncs, "it was tried again");
    let readiness = service.ask(Method::GET, "/readyz", "-", &Value::Null).await;
    is_unavailable(&readiness);
    let stores = readiness.1["results"]["stores"].as_array().unwrap();
    assert!(stores.contains(&json!({ "name": "database", "state": "unavailable" })), "{stores:?}");
    service.log_with("a commit failed on disk; no more is written");
    let (status, _) = service.ask(Method::GET, "/api/auth/sessions", &access, &Value::Null).await;
    assert_eq!(status, StatusCode::OK, "reading goes on");
    service.signal("KILL");
    service.wait();

    let service = disk.start();
    // What was not acknowledged may be there: that it failed was never said.
    let city = city(&service, &access).await;
    assert!(["Rome", "Oslo"].contains(&city.as_str()), "{city}");
    assert_eq!(write(&service, &access, "Bern").await.0, StatusCode::OK);
    let (said, _) = disk.place().ends_with(0, &["check"]);
    assert!(said.contains("Nothing is wrong."), "{said}");
}
