//! What is told of every request: a line of the log, and metrics for Prometheus.

use std::collections::BTreeMap;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Doorward, Place};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse batt";

/// More requests than there are lines for.
const FLOOD: u64 = 50;

/// Where the log says that metrics are told.
fn metrics_url(service: &Doorward) -> String {
    let log = service.log_with("metrics are told");
    let (_, told) = log.split_once("listener=").unwrap();
    format!("http://{}/metrics", told.split_whitespace().next().unwrap())
}

/// Each series with its value.
async fn scrape(url: &str) -> BTreeMap<String, String> {
    let answer = Client::new().get(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text().await.unwrap();
    let series = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    series
        .map(|line| line.rsplit_once(' ').map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect::<Option<_>>()
        .unwrap()
}

/// The names of the page of metrics.
fn documented() -> Vec<String> {
    let page = include_str!("../../../../docs/metrics.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `doorward_"));
    rows.map(|row| format!("doorward_{}", row.split_once('`').unwrap().0)).collect()
}

#[tokio::test]
async fn metrics_tell_what_was_asked_and_what_came_of_it() {
    let place = Place::new().with("DOORWARD_METRICS_BIND", "127.0.0.1:0");
    let service = place.start();
    service.banner();
    let url = metrics_url(&service);
    service.register(ADA, PASSWORD).await;
    let [access, refresh] = service.tokens(ADA, PASSWORD).await;
    assert_eq!(service.login(ADA, "something else").await, StatusCode::UNAUTHORIZED);
    assert_eq!(service.me(&access).await, StatusCode::OK);
    let own = service.ask(Method::GET, &format!("/api/user/{ADA}"), &access, &Value::Null).await;
    assert_eq!(own.0, StatusCode::OK);
    for status in [StatusCode::OK, StatusCode::OK] {
        // The second time it is a lost reply.
        let answer = service.ask(Method::POST, "/api/auth/refresh", &refresh, &Value::Null).await;
        assert_eq!(answer.0, status, "{}", answer.1);
    }
    assert_eq!(service.ask(Method::GET, "/no/such/route", "-", &Value::Null).await.0, StatusCode::NOT_FOUND);
    // It keeps its connection, which is counted below.
    let client = Client::new();
    let odd = client.request(Method::from_bytes(b"BREW").unwrap(), service.url("/healthz")).send();
    let odd = odd.await.unwrap();
    assert_eq!(odd.status(), StatusCode::METHOD_NOT_ALLOWED);

    let series = scrape(&url).await;
    let of = |name: &str| series.get(name).unwrap_or_else(|| panic!("{name}: {series:#?}")).as_str();
    let amount = |name: &str| of(name).parse::<f64>().unwrap();
    assert_eq!(of(r#"doorward_logins_total{outcome="ok"}"#), "1");
    assert_eq!(of(r#"doorward_logins_total{outcome="invalid_credentials"}"#), "1");
    assert_eq!(of(r#"doorward_registrations_total{outcome="ok"}"#), "1");
    assert_eq!(of(r#"doorward_refreshes_total{outcome="ok"}"#), "2");
    assert_eq!(of("doorward_sessions_opened_total"), "1");
    assert_eq!(of(r#"doorward_dependency_up{name="database"}"#), "1");
    assert_eq!(
        of(r#"doorward_token_checks_total{source="signature"}"#),
        "1",
        "only for the refresh token that came once more: what was signed here is remembered, that one until it comes"
    );
    assert_eq!(of("doorward_password_hashing_queue_limit"), "32");
    assert!(amount("doorward_http_connections") >= 1.0);
    assert_eq!(of("doorward_http_requests_in_flight"), "0");
    assert_eq!(of(r#"doorward_http_failures_total{code="not_found"}"#), "1");
    assert!(amount("process_open_fds") > 3.0);
    let logins = r#"doorward_http_request_duration_seconds_count{method="POST",route="/api/auth/login"}"#;
    assert_eq!(of(logins), "2");
    let unknown = r#"doorward_http_requests_total{method="GET",route="none",status="404"}"#;
    assert_eq!(of(unknown), "1");
    assert!(!series.keys().any(|name| name.contains("BREW") || name.contains('@')), "{series:#?}");

    let documented = documented();
    assert!(documented.len() > 20, "{documented:?}");
    for name in series.keys().filter(|name| !name.starts_with("process_")) {
        let name = name.split('{').next().unwrap();
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part));
        assert!(
            documented.iter().any(|known| known == name || Some(known.as_str()) == base),
            "{name} is not on the page"
        );
    }
    let elsewhere = Client::new().get(url.replace("/metrics", "/api/user/me")).send().await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND, "nothing else is told there");
    let there = Client::new().get(service.url("/metrics")).send().await.unwrap();
    assert_eq!(there.status(), StatusCode::NOT_FOUND, "WEB-09: not where the API is");
    let (status, _, log) = service.stop();
    assert!(status.success(), "{log}");
}

/// The lines of a log in JSON that tell of a request.
fn lines_about(log: &str, id: &str) -> Vec<Value> {
    let lines = log.lines().filter(|line| line.contains(id));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn asked(service: &Doorward, method: Method, path: &str, token: &str, id: &str, body: &Value) {
    let request = Client::new().request(method, service.url(path)).bearer_auth(token);
    request.header("x-request-id", id).json(body).send().await.unwrap();
}

#[tokio::test]
async fn every_request_has_one_line_that_tells_route_status_time_and_user() {
    let place = Place::new().with("DOORWARD_LOG_FORMAT", "json");
    let service = place.start();
    service.banner();
    service.register(ADA, PASSWORD).await;
    let [access, _] = service.tokens(ADA, PASSWORD).await;
    let entry = json!({ "username": ADA, "password": PASSWORD });
    let own = format!("/api/user/{ADA}");
    for (method, path, id, body) in [
        (Method::GET, "/api/user/me", "line-1", &Value::Null),
        (Method::POST, "/api/auth/login", "line-2", &entry),
        (Method::GET, own.as_str(), "line-3", &Value::Null),
        (Method::GET, "/api/user/list/all", "line-4", &Value::Null),
        (Method::GET, "/api/audit", "line-5", &Value::Null),
        (Method::GET, "/no/such/route", "line-6", &Value::Null),
        (Method::GET, "/readyz", "line-7", &Value::Null),
    ] {
        asked(&service, method, path, &access, id, body).await;
    }
    let (_, _, log) = service.stop();
    let line = |id: &str| {
        let lines = lines_about(&log, id);
        assert_eq!(lines.len(), 1, "{id}: {log}");
        lines[0].clone()
    };
    let user = line("line-1")["user"].as_str().unwrap().to_owned();
    for (id, method, route, status) in [
        ("line-1", "GET", "/api/user/me", 200),
        ("line-2", "POST", "/api/auth/login", 200),
        ("line-3", "GET", "/api/user/{username}", 200),
    ] {
        let line = line(id);
        assert_eq!((&line["message"], &line["level"]), (&json!("request"), &json!("INFO")), "{line}");
        assert_eq!((&line["method"], &line["route"]), (&json!(method), &json!(route)), "{line}");
        assert_eq!((&line["status"], &line["user"]), (&json!(status), &json!(user)), "{line}");
        assert!(line["elapsed_us"].as_u64().is_some_and(|time| time > 0), "{line}");
        assert!(line.get("address").is_none(), "{line}");
    }
    let refused = line("line-5");
    assert_eq!((&refused["message"], &refused["status"]), (&json!("refused"), &json!(403)), "{refused}");
    assert_eq!(line("line-6")["status"], 404);
    assert_eq!(lines_about(&log, "line-7"), [] as [Value; 0], "whoever asks every few seconds is no news");
}

#[tokio::test]
async fn the_address_of_a_client_is_told_only_if_that_is_asked_for() {
    let place = Place::new().with("DOORWARD_LOG_FORMAT", "json").with("DOORWARD_LOG_ADDRESSES", "true");
    let service = place.start();
    service.banner();
    asked(&service, Method::GET, "/api/user/me", "-", "line-1", &Value::Null).await;
    let (_, _, log) = service.stop();
    assert_eq!(lines_about(&log, "line-1")[0]["address"], "127.0.0.1", "{log}");
}

#[tokio::test]
async fn more_requests_than_have_a_line_are_counted() {
    let place = Place::new().with("DOORWARD_LOG_REQUESTS", "1").with("DOORWARD_LOG_FORMAT", "json");
    let service = place.start();
    service.banner();
    for number in 0..FLOOD {
        asked(&service, Method::GET, "/api/user/me", "-", &format!("flood-{number}"), &Value::Null).await;
    }
    let (_, _, log) = service.stop();
    let lines = lines_about(&log, "flood-");
    let suppressed: u64 = lines.iter().filter_map(|line| line["suppressed"].as_u64()).sum();
    let told = u64::try_from(lines.len()).unwrap();
    assert!(told < FLOOD && told + suppressed <= FLOOD, "{log}");
    assert!(lines.len() == 1 || suppressed > 0, "{log}");
}
