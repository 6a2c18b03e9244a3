//! A log that nobody reads: it costs lines, and nothing else.

use std::path::Path;
use std::time::Duration;

use reqwest::{Client, StatusCode};

use crate::support::{Place, Unheard};

/// A pipe holds 64 KiB and the service some thousand lines more; each request is a line of a hundred bytes and more.
const REQUESTS: usize = 6_000;

/// Whoever waits longer for an answer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

async fn flooded(place: &Place) -> Unheard {
    let service = place.start_unheard(&[("DOORWARD_LOG_LEVEL", Path::new("trace"))]);
    let (client, url) = (Client::new(), service.url("/healthz"));
    for number in 0..REQUESTS {
        let answer = client.get(&url).timeout(PATIENCE).send().await;
        assert_eq!(answer.unwrap().status(), StatusCode::OK, "request {number}");
    }
    service
}

#[tokio::test]
async fn every_request_is_answered_while_nobody_reads_the_log() {
    let place = Place::new();
    let service = flooded(&place).await;
    assert!(service.stop().success());
}

#[tokio::test]
async fn lines_that_were_lost_are_told_of_as_soon_as_somebody_reads() {
    let place = Place::new();
    let service = flooded(&place).await.hear();
    let log = service.log_with("log lines were lost since the start");
    let told = log.lines().find(|line| line.contains("log lines were lost")).unwrap();
    let (_, lost) = told.split_once("lines=").unwrap();
    let written = log.matches("/healthz").count();
    assert_eq!(lost.trim().parse::<usize>().unwrap() + written, REQUESTS, "{told}");
    let (status, _, rest) = service.stop();
    assert!(status.success() && rest.contains("stopped"), "{status}");
}
