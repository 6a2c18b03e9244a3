//! R30: a backup while everybody writes has all that was acknowledged before, and nothing half.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Doorward, Place};

const WRITERS: usize = 8;
const PASSWORD: &str = "correct horse batt";

/// What one writer was told, last.
#[derive(Default)]
struct Acknowledged(AtomicU64);

fn name(writer: usize) -> String {
    format!("writer{writer}@example.com")
}

/// Writes one number after the other, in two columns that one change makes equal.
async fn write(service: Arc<Doorward>, access: String, told: Arc<Acknowledged>, enough: Arc<AtomicBool>) {
    let mut number = 0;
    while !enough.load(Ordering::Relaxed) {
        number += 1;
        let text = number.to_string();
        let body = json!({ "profile": { "city": text, "fullname": text } });
        let (status, body) = service.ask(Method::PUT, "/api/user", &access, &body).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        told.0.store(number, Ordering::Release);
    }
}

/// Waits until this many more writes were acknowledged.
async fn wait_for(told: &[Arc<Acknowledged>], more: u64) {
    let sum = || told.iter().map(|told| told.0.load(Ordering::Acquire)).sum::<u64>();
    let enough = sum() + more;
    while sum() < enough {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r30_a_backup_under_load_has_all_that_was_acknowledged_before_it_and_is_whole() {
    let place = Place::new().without_throttles();
    let service = Arc::new(place.start());
    service.banner();
    let (mut told, mut writers) = (Vec::new(), Vec::new());
    let enough = Arc::new(AtomicBool::new(false));
    for writer in 0..WRITERS {
        service.register(&name(writer), PASSWORD).await;
        let [access, _] = service.tokens(&name(writer), PASSWORD).await;
        let acknowledged = Arc::new(Acknowledged::default());
        told.push(acknowledged.clone());
        writers.push(tokio::spawn(write(service.clone(), access, acknowledged, enough.clone())));
    }
    let backups = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    for round in 0..3 {
        wait_for(&told, 40).await;
        let before: Vec<u64> = told.iter().map(|told| told.0.load(Ordering::Acquire)).collect();
        let directory = backups.path().join(round.to_string());
        let mut command = place.command();
        command.arg("backup").arg(&directory);
        let made = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        expected.push((directory, before));
    }
    wait_for(&told, 40).await;
    enough.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }

    for (directory, before) in expected {
        let elsewhere = Place::new().without_throttles();
        elsewhere.ends_with(0, &["restore", directory.to_str().unwrap()]);
        assert!(elsewhere.ends_with(0, &["check"]).0.contains("Nothing is wrong."));
        let restored = elsewhere.start();
        for (writer, acknowledged) in before.into_iter().enumerate() {
            let [access, _] = restored.tokens(&name(writer), PASSWORD).await;
            let (_, body) = restored.ask(Method::GET, "/api/user/me", &access, &Value::Null).await;
            let profile = &body["results"]["profile"];
            let city: u64 = profile["city"].as_str().unwrap().parse().unwrap();
            assert!(city >= acknowledged, "{city} is there, and {acknowledged} was acknowledged before");
            assert_eq!(profile["city"], profile["fullname"], "half a change");
        }
    }
}
