//! What the log tells, and a log that nobody reads: it costs lines, and nothing else.

use std::path::Path;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Place, Unheard, http};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse batt";

/// A pipe holds 64 KiB and the service some thousand lines more; each request is a line of a hundred bytes and more.
const REQUESTS: usize = 6_000;

/// Whoever waits longer for an answer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

async fn flooded(place: &Place) -> Unheard {
    let service = place.start_unheard(&[("DOORWARD_LOG_LEVEL", Path::new("trace"))]);
    let (client, url) = (http(), service.url("/healthz"));
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

#[tokio::test]
async fn log_03_who_is_refused_is_found_in_the_log_by_the_request() {
    let place =
        Place::new().with("DOORWARD_THROTTLE_LOGIN_GUESSES", "1 per 1h").with("DOORWARD_LOG_FORMAT", "json");
    let service = place.start();
    service.banner();
    service.register(ADA, PASSWORD).await;
    let [access, _] = service.tokens(ADA, PASSWORD).await;
    let guess = json!({ "username": "nobody@example.com", "password": "something else" });
    let asked = [
        (Method::GET, "/api/audit", &json!(null), StatusCode::FORBIDDEN, "forbidden"),
        (Method::POST, "/api/auth/login", &guess, StatusCode::UNAUTHORIZED, "invalid_credentials"),
        (Method::POST, "/api/auth/login", &guess, StatusCode::TOO_MANY_REQUESTS, "too_many_attempts"),
    ];
    for (method, path, body, status, code) in asked {
        let request =
            http().request(method, service.url(path)).header("x-request-id", code.replace('_', "-"));
        let answer = request.bearer_auth(&access).json(body).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        let log = service.log_with(&id);
        let line = log.lines().find(|line| line.contains(&id)).unwrap();
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["message"], "refused", "{line}");
        assert_eq!(line["code"], code, "{line}");
        assert_eq!(line["user"].is_string(), code == "forbidden", "{line}");
    }
    let (_, _, log) = service.stop();
    assert!(!log.contains("something else") && !log.contains("@example.com"), "{log}");
}
