//! SIGKILL in the middle of writes: what was acknowledged is there afterwards, and what ended stays ended.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::support::{Doorward, Place, http};

const WRITERS: usize = 4;
const PASSWORD: &str = "correct horse batt";

/// How often the service is killed, and after how many writes at least. `TEST_KILL=long` asks for what takes minutes.
struct Extent {
    rounds: usize,
    writes: usize,
}

impl Extent {
    #[expect(clippy::disallowed_methods, reason = "this is no setting of the service")]
    fn asked_for() -> Self {
        match std::env::var("TEST_KILL").as_deref() {
            Ok("long") => Self { rounds: 100, writes: 500 },
            _ => Self { rounds: 50, writes: 10 },
        }
    }
}

/// What one writer knows of its own account.
struct Writer {
    access: String,
    /// The last refresh token that a response has brought.
    refresh: String,
    /// The last number that was acknowledged, and the last that was sent.
    acknowledged: usize,
    sent: usize,
}

/// One request; `None` when no whole response came.
async fn ask(service: &str, method: Method, path: &str, token: &str, body: Value) -> Option<(u16, Value)> {
    let request = http().request(method, format!("{service}{path}")).bearer_auth(token).json(&body);
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    Some((status, response.json().await.ok()?))
}

fn text(body: &Value, field: &str) -> String {
    body["results"][field].as_str().unwrap().to_owned()
}

async fn login(service: &str, username: &str) -> Option<(String, String)> {
    let body = json!({ "username": username, "password": PASSWORD });
    let (status, body) = ask(service, Method::POST, "/api/auth/login", "-", body).await?;
    assert_eq!(status, 200, "{body}");
    Some((text(&body, "access_token"), text(&body, "refresh_token")))
}

async fn register(service: &str, username: &str) {
    let body = json!({ "username": username, "password": PASSWORD, "password_confirm": PASSWORD });
    let (status, body) = ask(service, Method::POST, "/api/user", "-", body).await.unwrap();
    assert_eq!(status, 201, "{body}");
}

/// Writes and refreshes in turn until the service is gone.
async fn write_until_killed(service: String, mut writer: Writer, written: UnboundedSender<()>) -> Writer {
    loop {
        writer.sent += 1;
        let body = json!({ "profile": { "city": writer.sent.to_string() } });
        let Some((status, answer)) = ask(&service, Method::PUT, "/api/user", &writer.access, body).await
        else {
            return writer;
        };
        assert_eq!(status, 200, "{answer}");
        writer.acknowledged = writer.sent;
        let _ = written.send(());
        let refreshed = ask(&service, Method::POST, "/api/auth/refresh", &writer.refresh, json!({})).await;
        let Some((status, answer)) = refreshed else { return writer };
        assert_eq!(status, 200, "{answer}");
        (writer.access, writer.refresh) = (text(&answer, "access_token"), text(&answer, "refresh_token"));
        let _ = written.send(());
    }
}

/// Logs in and out until the service is gone; the tokens of sessions whose end was acknowledged.
async fn end_sessions_until_killed(service: String, written: UnboundedSender<()>) -> Vec<(String, String)> {
    let mut ended = Vec::new();
    while let Some((access, refresh)) = login(&service, "leaver@example.com").await {
        let Some((status, _)) = ask(&service, Method::GET, "/api/auth/logout", &access, json!({})).await
        else {
            break;
        };
        assert_eq!(status, 200);
        ended.push((access, refresh));
        let _ = written.send(());
    }
    ended
}

async fn check_writer(service: &str, writer: &mut Writer) {
    let (status, body) = ask(service, Method::GET, "/api/user/me", &writer.access, json!({})).await.unwrap();
    assert_eq!(status, 200, "{body}");
    let city: usize = body["results"]["profile"]["city"].as_str().map_or(0, |city| city.parse().unwrap());
    assert!(
        (writer.acknowledged..=writer.sent).contains(&city),
        "{city} is not what was acknowledged or sent"
    );
    // The token may have been spent by a refresh whose answer was lost: then this is its replay.
    let (status, body) =
        ask(service, Method::POST, "/api/auth/refresh", &writer.refresh, json!({})).await.unwrap();
    assert_eq!(status, 200, "{body}");
    (writer.access, writer.refresh) = (text(&body, "access_token"), text(&body, "refresh_token"));
}

async fn check_ended(service: &str, ended: &[(String, String)]) {
    for (access, refresh) in ended {
        for (path, token) in [("/api/user/me", access), ("/api/refresh", refresh)] {
            let (status, body) = ask(service, Method::GET, path, token, json!({})).await.unwrap();
            assert_eq!((status, body["results"]["code"].as_str()), (401, Some("token_revoked")), "{body}");
        }
    }
}

async fn wait_for(reports: &mut UnboundedReceiver<()>, count: usize) {
    for _ in 0..count {
        reports.recv().await.unwrap();
    }
}

#[tokio::test]
async fn r14_what_was_acknowledged_survives_a_kill() {
    let place = Place::new().without_throttles();
    let mut running: Doorward = place.start();
    running.banner();
    let mut service = running.url("");
    let mut writers = Vec::new();
    for number in 0..WRITERS {
        let username = format!("writer{number}@example.com");
        register(&service, &username).await;
        let (access, refresh) = login(&service, &username).await.unwrap();
        writers.push(Writer { access, refresh, acknowledged: 0, sent: 0 });
    }
    register(&service, "leaver@example.com").await;
    let mut ended = Vec::new();
    let mut acknowledged = 0;
    let Extent { rounds, writes } = Extent::asked_for();

    for round in 0..rounds {
        let (report, mut reports) = unbounded_channel();
        let (departure, mut departures) = unbounded_channel();
        let tasks: Vec<_> = writers
            .drain(..)
            .map(|writer| tokio::spawn(write_until_killed(service.clone(), writer, report.clone())))
            .collect();
        let leaving = tokio::spawn(end_sessions_until_killed(service.clone(), departure));
        // Another moment each round, by count and not by time.
        let enough = writes + (round * 7) % 40;
        wait_for(&mut departures, 1 + round % 2).await;
        wait_for(&mut reports, enough).await;
        acknowledged += enough;
        running.signal("KILL");
        running.wait();
        for task in tasks {
            writers.push(task.await.unwrap());
        }
        ended.extend(leaving.await.unwrap());
        // Those that came after enough of them.
        acknowledged += std::iter::from_fn(|| reports.try_recv().ok()).count();

        running = place.start();
        service = running.url("");
        for writer in &mut writers {
            check_writer(&service, writer).await;
        }
        let recent = ended.len().saturating_sub(20);
        check_ended(&service, &ended[recent..]).await;
    }
    check_ended(&service, &ended).await;
    assert!(ended.len() >= rounds && acknowledged > rounds * writes);
    println!(
        "figure: {rounds} kills, {acknowledged} writes acknowledged and {} sessions ended, 0 lost",
        ended.len()
    );
}
