//! Where somebody is logged in, and ending that.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Server, Tokens, reply};

const ADA: &str = "ada@example.com";
const NOWHERE: &str = "00000000-0000-4000-8000-ffffffffffff";

async fn login_with(server: &Server, device: &str) -> Tokens {
    let login = server.client.post(server.url("/api/auth/login")).header("user-agent", device);
    server.inside.clock.advance(Duration::from_secs(1));
    let login = login.json(&json!({ "username": ADA, "password": PASSWORD }));
    Tokens::of(&reply(login).await.expect(200))
}

async fn sessions(server: &Server, tokens: &Tokens) -> Vec<Value> {
    let listed = server.get("/api/auth/sessions", &tokens.access).await.expect(200);
    assert_eq!(listed.body["page"], json!({ "limit": 200, "next": null, "total": null }));
    listed.results().as_array().unwrap().clone()
}

async fn is_live(server: &Server, tokens: &Tokens) -> bool {
    let opens = server.get("/api/auth/login", &tokens.access).await.status == 200;
    let refreshed = server.send(Method::POST, "/api/auth/refresh", Some(&tokens.refresh), None).await;
    assert_eq!(refreshed.status == 200, opens, "{refreshed:?}");
    opens
}

#[tokio::test]
async fn the_own_sessions_are_listed_with_what_logged_in_and_which_is_this_one() {
    let server = Server::start();
    server.inside.member(ADA).await;
    let phone = login_with(&server, "A phone").await;
    let laptop = login_with(&server, "A laptop").await;
    server.member("bob@example.com").await;
    let listed = sessions(&server, &laptop).await;
    let devices: Vec<_> = listed.iter().map(|session| session["device"].as_str().unwrap()).collect();
    assert_eq!(devices, ["A laptop", "A phone"]);
    let current: Vec<_> = listed.iter().map(|session| session["current"].as_bool().unwrap()).collect();
    assert_eq!(current, [true, false]);
    for session in &listed {
        assert_eq!(session["address"], "127.0.0.1");
        let names: Vec<_> = session.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = ["address", "created_at", "current", "device", "expires_at", "id", "last_seen_at"];
        assert_eq!(names, expected, "no token and no identifier of one is told");
    }
    assert_eq!(sessions(&server, &phone).await[1]["current"], true);
}

#[tokio::test]
async fn one_of_the_own_sessions_is_ended_and_no_other() {
    let server = Server::start();
    server.inside.member(ADA).await;
    let phone = login_with(&server, "A phone").await;
    let laptop = login_with(&server, "A laptop").await;
    let theirs = sessions(&server, &laptop).await[1]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/auth/sessions/{theirs}");
    server.delete(&path, &laptop.access).await.expect(200);
    assert!(!is_live(&server, &phone).await && is_live(&server, &laptop).await);
    server.inside.clock.advance(Duration::from_secs(1));
    server.delete(&path, &laptop.access).await.expect_failure(404, "session_not_found");
    let own = sessions(&server, &laptop).await[0]["id"].as_str().unwrap().to_owned();
    server.delete(&format!("/api/auth/sessions/{own}"), &laptop.access).await.expect(200);
    assert!(!is_live(&server, &laptop).await);
}

#[tokio::test]
async fn a_session_of_somebody_else_is_not_there_for_the_caller() {
    let server = Server::start();
    server.inside.member(ADA).await;
    let ada = login_with(&server, "A phone").await;
    let admin = server.admin("root@example.com").await;
    let id = sessions(&server, &ada).await[0]["id"].as_str().unwrap().to_owned();
    let spelled = id.to_uppercase();
    for path in [id.as_str(), NOWHERE, "me", spelled.as_str()] {
        let refused = server.delete(&format!("/api/auth/sessions/{path}"), &admin.access).await;
        refused.expect_failure(404, "session_not_found");
    }
    assert!(is_live(&server, &ada).await);
}

#[tokio::test]
async fn others_are_ended_or_all() {
    let server = Server::start();
    server.inside.member(ADA).await;
    let mut logins = Vec::new();
    for device in ["one", "two", "three"] {
        logins.push(login_with(&server, device).await);
    }
    let others = server.send(Method::POST, "/api/auth/logout/others", Some(&logins[2].access), None).await;
    assert_eq!(others.expect(200).results(), &json!({ "ended": 2 }));
    assert!(!is_live(&server, &logins[0]).await && !is_live(&server, &logins[1]).await);
    server.inside.clock.advance(Duration::from_secs(1));
    let again = server.send(Method::POST, "/api/auth/logout/others", Some(&logins[2].access), None).await;
    assert_eq!(again.expect(200).results(), &json!({ "ended": 0 }));
    let fourth = login_with(&server, "four").await;
    let all = server.send(Method::POST, "/api/auth/logout/all", Some(&fourth.access), None).await;
    assert_eq!(all.expect(200).results(), &json!({ "ended": 2 }));
    assert!(!is_live(&server, &logins[2]).await && !is_live(&server, &fourth).await);
}

#[tokio::test]
async fn ses_14_an_admin_ends_all_sessions_of_somebody() {
    let server = Server::start();
    server.inside.member(ADA).await;
    let (phone, laptop) = (login_with(&server, "A phone").await, login_with(&server, "A laptop").await);
    let admin = server.admin("root@example.com").await;
    let ended = server.delete("/api/user/Ada@Example.com/sessions", &admin.access).await.expect(200);
    assert_eq!(ended.results(), &json!({ "ended": 2 }));
    assert!(!is_live(&server, &phone).await && !is_live(&server, &laptop).await);
    assert!(is_live(&server, &admin).await);
    let nobody = server.delete("/api/user/nobody@example.com/sessions", &admin.access).await;
    nobody.expect_failure(404, "user_not_found");
}
