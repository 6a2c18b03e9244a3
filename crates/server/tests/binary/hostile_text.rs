//! Text that would be a command if anybody took it for one, and a database that fails.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::databases::{alter, migrated};
use crate::support::{Doorward, Place, http};

const ADA: &str = "ada@example.com";
const ROOT: &str = "root@example.com";
const PASSWORD: &str = "correct'; horse--\"batt";

/// Quotes, comments, wildcards and placeholders of every dialect.
const HOSTILE: &[&str] = &[
    "'",
    "\"",
    "`",
    "\\",
    "';--",
    "' OR '1'='1",
    "\" OR 1=1 #",
    "'; DROP TABLE users; --",
    "1; SELECT pg_sleep(5)",
    "' UNION SELECT name --",
    "/**/",
    "%",
    "_",
    "\\%",
    "%' ESCAPE '",
    "*",
    "$1",
    "?1",
    ":name",
    "{{1}}",
    "NULL",
    "0x27",
    "\u{ff07}",
    "\u{2bc}",
];

const LIST_PARAMETERS: &[&str] =
    &["limit", "cursor", "sort", "role", "active", "user_type", "created_after", "created_before", "count"];

fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;

    text.bytes().fold(String::new(), |mut encoded, byte| {
        write!(encoded, "%{byte:02x}").unwrap();
        encoded
    })
}

/// Everything that an account has of text.
fn document(text: &str) -> Value {
    let channel = json!({ "streamer_id": text, "streaming_history": [text] });
    let favorite = json!({ "id": text, "name": text, "url": "https://a.example/", "favorited_at": "2026-01-31T12:00:00.000Z" });
    json!({
        "profile": { "fullname": text, "gender": text, "city": text },
        "user_type": { "streamer": channel, "seller": channel },
        "played_games": [text.to_uppercase()],
        "favorites": { "youtube": [favorite], "facebook": [favorite] },
    })
}

/// A service with an admin, on this place.
fn start(place: &Place) -> Doorward {
    let password = place.secret("password", PASSWORD);
    let service = place
        .start_with(&[("DOORWARD_ADMIN_EMAIL", ROOT.as_ref()), ("DOORWARD_ADMIN_PASSWORD_FILE", &password)]);
    service.banner();
    service
}

async fn text_is_text(place: &Place) {
    let service = start(place);
    service.register(ADA, PASSWORD).await;
    let [ada, _] = service.tokens(ADA, PASSWORD).await;
    let [root, _] = service.tokens(ROOT, PASSWORD).await;
    // One client for all: there are hundreds of requests.
    let client = http();
    let ask = async |method: Method, path: &str, token: &str, body: &Value| {
        let request = client.request(method, service.url(path)).bearer_auth(token).json(body);
        let response = request.send().await.unwrap();
        (response.status(), response.json::<Value>().await.unwrap())
    };
    let found = async |method: Method, path: &str, body: Value| {
        let (status, body) = ask(method, path, &root, &body).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        let users = body["results"].as_array().unwrap().clone();
        users.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for text in HOSTILE {
        let sent = document(text);
        let (status, body) = ask(Method::PUT, "/api/user", &ada, &sent).await;
        assert_eq!(status, StatusCode::OK, "{text}: {body}");
        let (_, me) = ask(Method::GET, "/api/user/me", &ada, &Value::Null).await;
        for (field, value) in sent.as_object().unwrap() {
            assert_eq!(&me["results"][field], value, "{field} of {text}");
        }

        let encoded = percent_encoded(text);
        let by_query = format!("/api/user/all?q={encoded}");
        assert_eq!(found(Method::GET, &by_query, Value::Null).await, [ADA], "{text}");
        assert_eq!(found(Method::PUT, "/api/user/active", json!({ "q": text })).await, [ADA], "{text}");
        for name in LIST_PARAMETERS {
            let path = format!("/api/user/all?{name}={encoded}");
            let (status, body) = ask(Method::GET, &path, &root, &Value::Null).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path}: {body}");
        }
        for method in [Method::GET, Method::DELETE] {
            let path = format!("/api/user/{encoded}");
            let (status, body) = ask(method, &path, &root, &json!({})).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}: {body}");
        }
        let login = json!({ "username": text, "password": text });
        let (status, body) = ask(Method::POST, "/api/auth/login", "-", &login).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{text}: {body}");
        if text.is_ascii() {
            assert_eq!(
                ask(Method::GET, "/api/user/me", text, &Value::Null).await.0,
                StatusCode::UNAUTHORIZED,
                "{text}"
            );
            let request = client.get(service.url("/api/user/me")).bearer_auth(&ada);
            let headers = ["user-agent", "x-request-id", "x-forwarded-for", "accept"];
            let request = headers.iter().fold(request, |request, name| request.header(*name, *text));
            assert_eq!(request.send().await.unwrap().status(), StatusCode::OK, "{text}");
        }
    }
    let everybody = found(Method::GET, "/api/user/all?sort=username", Value::Null).await;
    assert_eq!(everybody, [ADA, ROOT]);
    let (status, _, log) = service.stop();
    assert!(status.success() && !log.contains("ERROR"), "{log}");
}

#[tokio::test]
async fn inp_09_text_is_never_a_command_to_a_file() {
    text_is_text(&Place::new().without_throttles()).await;
}

#[tokio::test]
async fn inp_09_text_is_never_a_command_to_a_server() {
    let Some(database) = migrated().await else { return };
    text_is_text(&Place::new().without_throttles().at(&database.url())).await;
}

#[tokio::test]
async fn log_04_what_a_broken_database_says_is_for_the_log() {
    let place = Place::new();
    let service = start(&place);
    let [root, refresh] = service.tokens(ROOT, PASSWORD).await;
    let account = json!({ "username": ADA, "password": PASSWORD, "password_confirm": PASSWORD });
    alter(&place.database(), "ALTER TABLE users RENAME TO moved");
    let asked = [
        (Method::POST, "/api/user", "-", account),
        (Method::POST, "/api/auth/login", "-", json!({ "username": ROOT, "password": PASSWORD })),
        (Method::GET, "/api/user/all", &root, Value::Null),
        (Method::GET, "/api/user/ada@example.com", &root, Value::Null),
        (Method::PUT, "/api/user", &root, json!({ "profile": null })),
        (Method::POST, "/api/auth/refresh", &refresh, Value::Null),
    ];
    for (method, path, token, body) in asked {
        let (status, body) = service.ask(method, path, token, &body).await;
        assert!(status.is_server_error(), "{path}: {status} {body}");
        let code = body["results"]["code"].as_str().unwrap();
        assert!(code == "internal" || code == "unavailable", "{path}: {body}");
        assert_eq!(body["results"], json!({ "code": code }), "{path}");
        let told = body.to_string().to_lowercase();
        for inside in ["sql", "table", "users", "moved", "diesel", "select", "::", ".rs", "doorward.db"] {
            assert!(!told.contains(inside), "{path}: {body}");
        }
    }
    service.log_with("no such table");
    alter(&place.database(), "ALTER TABLE moved RENAME TO users");
    assert_eq!(service.login(ROOT, PASSWORD).await, StatusCode::OK);
}
