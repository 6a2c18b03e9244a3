//! Logging in and out, refreshing, changing the password.

use std::time::Duration;

use doorward_domain::accounts::AccountRules;
use doorward_domain::sessions::SessionRules;
use doorward_domain::token::RotationLimits;
use reqwest::Method;
use serde_json::json;

use crate::support::{PASSWORD, Server, Tokens};

#[tokio::test]
async fn a_login_answers_the_seeds_fields() {
    let server = Server::start();
    server.inside.member("ada@example.com").await;
    let reply = server.try_login("Ada@Example.com", PASSWORD).await.expect(200);
    let results = reply.results();
    assert_eq!(results["username"], "ada@example.com");
    assert_eq!(results["token_type"], "Bearer");
    assert_eq!(results["expires_in"], 900);
    let (access, refresh) = (&results["access_token_expired"], &results["refresh_token_expired"]);
    assert_eq!(refresh.as_i64().unwrap() - access.as_i64().unwrap(), 30 * 86_400 - 900);
    assert_eq!(reply.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn aut_01_unknown_and_wrong_are_answered_alike() {
    let server = Server::start();
    server.inside.member("ada@example.com").await;
    let wrong = server.try_login("ada@example.com", "something else").await;
    let unknown = server.try_login("bob@example.com", "something else").await;
    let no_address = server.try_login("root", "something else").await;
    assert_eq!(wrong.status, 401);
    assert_eq!((&wrong.text, wrong.status), (&unknown.text, unknown.status));
    assert_eq!((&wrong.text, wrong.status), (&no_address.text, no_address.status));
    assert_eq!(wrong.headers["www-authenticate"], unknown.headers["www-authenticate"]);
    assert_eq!(wrong.code(), "invalid_credentials");
}

#[tokio::test]
async fn a_disabled_account_is_told_only_to_the_right_password() {
    let server = Server::start();
    let admin = server.admin("root@example.com").await;
    server.inside.member("ada@example.com").await;
    server.put("/api/user/ada@example.com", &admin.access, json!({ "active": false })).await.expect(200);
    server.try_login("ada@example.com", PASSWORD).await.expect_failure(403, "account_disabled");
    server.try_login("ada@example.com", "something else").await.expect_failure(401, "invalid_credentials");
}

#[tokio::test]
async fn login_status_tells_whose_token_it_is() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    let reply = server.get("/api/auth/login", &tokens.access).await.expect(200);
    assert_eq!(reply.results()["username"], "ada@example.com");
    assert_eq!(reply.results()["role"], "user");
    assert!(reply.results()["access_token_expired"].is_i64());
}

#[tokio::test]
async fn ses_01_and_02_after_logout_both_tokens_are_dead() {
    for (method, path) in [(Method::GET, "/api/auth/logout"), (Method::POST, "/api/auth/logout")] {
        let server = Server::start();
        let tokens = server.member("ada@example.com").await;
        server.send(method, path, Some(&tokens.access), None).await.expect(200);
        server.get("/api/user/me", &tokens.access).await.expect_failure(401, "token_revoked");
        server.get("/api/refresh", &tokens.refresh).await.expect_failure(401, "token_revoked");
    }
}

#[tokio::test]
async fn ses_03_logout_ends_one_session_only() {
    let server = Server::start();
    let here = server.member("ada@example.com").await;
    let there = server.login("ada@example.com").await;
    server.get("/api/auth/logout", &here.access).await.expect(200);
    server.get("/api/auth/logout", &here.access).await.expect_failure(401, "token_revoked");
    server.get("/api/user/me", &there.access).await.expect(200);
}

#[tokio::test]
async fn ses_08_to_10_a_refresh_token_is_spent_replayed_and_then_ends_its_session() {
    let server = Server::start();
    let first = server.member("ada@example.com").await;
    let second = server.get("/api/refresh", &first.refresh).await.expect(200);
    let again = server.send(Method::POST, "/api/auth/refresh", Some(&first.refresh), None).await.expect(200);
    assert_eq!(second.results(), again.results());
    let second = Tokens::of(&second);
    assert_ne!(second.refresh, first.refresh);
    server.get("/api/user/me", &second.access).await.expect(200);

    server.inside.clock.advance(Duration::from_secs(10));
    server.get("/api/refresh", &first.refresh).await.expect_failure(401, "token_reused");
    server.get("/api/refresh", &second.refresh).await.expect_failure(401, "token_revoked");
    server.get("/api/user/me", &second.access).await.expect_failure(401, "token_revoked");
}

#[tokio::test]
async fn ses_09_an_older_token_ends_the_session_within_the_window_too() {
    let server = Server::start();
    let first = server.member("ada@example.com").await;
    let second = Tokens::of(&server.get("/api/refresh", &first.refresh).await.expect(200));
    let third = Tokens::of(&server.get("/api/refresh", &second.refresh).await.expect(200));
    server.get("/api/refresh", &first.refresh).await.expect_failure(401, "token_reused");
    server.get("/api/user/me", &third.access).await.expect_failure(401, "token_revoked");
}

#[tokio::test]
async fn a_replay_window_of_zero_replays_nothing() {
    let rotation = RotationLimits { replay_window: Duration::ZERO, idle: None };
    let rules = SessionRules { rotation, ..SessionRules::default() };
    let server = Server::with_rules(AccountRules::default(), rules);
    let first = server.member("ada@example.com").await;
    server.get("/api/refresh", &first.refresh).await.expect(200);
    server.get("/api/refresh", &first.refresh).await.expect_failure(401, "token_reused");
}

#[tokio::test]
async fn rac_02_parallel_refreshes_give_one_successor_that_works() {
    let server = Server::start();
    let first = server.member("ada@example.com").await;
    let replies =
        futures_util::future::join_all((0..32).map(|_| server.get("/api/refresh", &first.refresh))).await;
    let mut successors: Vec<_> =
        replies.into_iter().map(|reply| Tokens::of(&reply.expect(200)).refresh).collect();
    successors.sort();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    server.get("/api/refresh", &successors[0]).await.expect(200);
}

#[tokio::test]
async fn ses_11_rotation_does_not_prolong_a_session() {
    let server = Server::start();
    let mut tokens = server.member("ada@example.com").await;
    for _ in 0..29 {
        server.inside.clock.advance(Duration::from_secs(86_400));
        tokens = Tokens::of(&server.get("/api/refresh", &tokens.refresh).await.expect(200));
    }
    server.inside.clock.advance(Duration::from_secs(86_400));
    server.get("/api/refresh", &tokens.refresh).await.expect_failure(401, "token_expired");
}

#[tokio::test]
async fn tok_11_a_token_of_the_other_kind_is_refused() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    server.get("/api/user/me", &tokens.refresh).await.expect_failure(401, "wrong_token_type");
    server.get("/api/refresh", &tokens.access).await.expect_failure(401, "wrong_token_type");
}

#[tokio::test]
async fn an_access_token_ends_by_itself() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    server.inside.clock.advance(Duration::from_secs(899));
    server.get("/api/user/me", &tokens.access).await.expect(200);
    server.inside.clock.advance(Duration::from_secs(60));
    let reply = server.get("/api/user/me", &tokens.access).await.expect_failure(401, "token_expired");
    assert!(reply.headers["www-authenticate"].to_str().unwrap().contains("error=\"invalid_token\""));
}

#[tokio::test]
async fn aut_19_tokens_are_not_read_from_the_query() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    let path = format!("/api/user/me?access_token={}", tokens.access);
    let reply = server.send(Method::GET, &path, None, None).await.expect_failure(401, "token_missing");
    assert_eq!(reply.headers["www-authenticate"], "Bearer realm=\"doorward\"");
}

#[tokio::test]
async fn ses_04_a_new_password_ends_every_other_session() {
    let server = Server::start();
    let here = server.member("ada@example.com").await;
    let there = server.login("ada@example.com").await;
    let new = "a staple for the next year";
    let body = json!({ "current_password": PASSWORD, "password": new, "password_confirm": new });
    let reply = server.put("/api/user/me/password", &here.access, body).await.expect(200);
    let renewed = Tokens::of(&reply);
    server.get("/api/user/me", &there.access).await.expect_failure(401, "token_revoked");
    server.get("/api/refresh", &there.refresh).await.expect_failure(401, "token_revoked");
    server.get("/api/user/me", &renewed.access).await.expect(200);
    server.get("/api/refresh", &renewed.refresh).await.expect(200);
    server.try_login("ada@example.com", PASSWORD).await.expect_failure(401, "invalid_credentials");
    server.try_login("ada@example.com", new).await.expect(200);
}

#[tokio::test]
async fn aut_11_a_new_password_needs_the_current_one() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    let path = "/api/user/me/password";
    let body =
        json!({ "current_password": "wrong", "password": "another one", "password_confirm": "another one" });
    server.put(path, &tokens.access, body).await.expect_failure(403, "wrong_password");
    let body = json!({ "password": "another one", "password_confirm": "another two" });
    let reply = server.put(path, &tokens.access, body).await.expect(400);
    assert_eq!(reply.faulty_fields(), ["current_password", "password_confirm"]);
    let body =
        json!({ "current_password": PASSWORD, "password": "password", "password_confirm": "password" });
    let reply = server.put(path, &tokens.access, body).await.expect(400);
    assert_eq!(reply.faulty_fields(), ["password"]);
    server.login("ada@example.com").await;
}
