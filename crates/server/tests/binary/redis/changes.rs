//! What one node changes of an account, the other's next request sees.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{ADA, ADMIN, Nodes, PASSWORD, ask, assert_no_admin, assert_revoked, me, user_path};

const BOB: &str = "bob@example.com";
const ANOTHER_PASSWORD: &str = "battery staple cor";

#[tokio::test]
async fn a_change_of_role_counts_from_the_next_request_on_the_other_node() {
    let Some(nodes) = Nodes::start().await else { return };
    nodes.a.register(ADA, PASSWORD).await;
    nodes.a.register(BOB, PASSWORD).await;
    let [admin, _] = nodes.known(ADMIN).await;
    let [bob, _] = nodes.known(BOB).await;
    for _ in 0..5 {
        assert_no_admin(&nodes.b, &bob).await;
        ask(&nodes.a, Method::PUT, &user_path(BOB), &admin, json!({ "role": "admin" })).await;
        assert_eq!(me(&nodes.b, &bob).await["role"], "admin");
        ask(&nodes.b, Method::GET, &user_path(ADA), &bob, json!(null)).await;
        ask(&nodes.a, Method::PUT, &user_path(BOB), &admin, json!({ "role": "user" })).await;
        assert_no_admin(&nodes.b, &bob).await;
        assert_eq!(me(&nodes.b, &bob).await["role"], "user");
    }
}

#[tokio::test]
async fn whoever_is_disabled_or_deleted_on_one_node_is_refused_by_the_other() {
    let Some(nodes) = Nodes::start().await else { return };
    let [admin, _] = nodes.known(ADMIN).await;
    for (method, body, login) in [
        (Method::PUT, json!({ "active": false }), StatusCode::FORBIDDEN),
        (Method::DELETE, json!(null), StatusCode::UNAUTHORIZED),
    ] {
        let username = format!("{}@example.com", method.as_str().to_lowercase());
        nodes.a.register(&username, PASSWORD).await;
        let [access, refresh] = nodes.known(&username).await;
        ask(&nodes.a, method, &user_path(&username), &admin, body).await;
        for service in [&nodes.b, &nodes.a] {
            assert_revoked(service, Method::GET, "/api/user/me", &access).await;
            assert_revoked(service, Method::GET, "/api/user/all", &access).await;
            assert_revoked(service, Method::POST, "/api/auth/refresh", &refresh).await;
            assert_eq!(service.login(&username, PASSWORD).await, login);
        }
    }
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_on_both_nodes() {
    let Some(nodes) = Nodes::start().await else { return };
    nodes.a.register(ADA, PASSWORD).await;
    let [mine, _] = nodes.known(ADA).await;
    let [stolen, stolen_refresh] = nodes.known(ADA).await;
    let change = json!({
        "current_password": PASSWORD, "password": ANOTHER_PASSWORD, "password_confirm": ANOTHER_PASSWORD,
    });
    ask(&nodes.a, Method::PUT, "/api/user/me/password", &mine, change).await;
    for service in [&nodes.b, &nodes.a] {
        assert_revoked(service, Method::GET, "/api/user/me", &stolen).await;
        assert_revoked(service, Method::POST, "/api/auth/refresh", &stolen_refresh).await;
        assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::UNAUTHORIZED);
        assert_eq!(service.login(ADA, ANOTHER_PASSWORD).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_new_address_and_a_new_name_are_shown_by_the_next_request_on_the_other_node() {
    let Some(nodes) = Nodes::start().await else { return };
    nodes.a.register(ADA, PASSWORD).await;
    let [access, _] = nodes.known(ADA).await;
    for number in 0..20 {
        let [here, there] = if number % 2 == 0 { nodes.both() } else { [&nodes.b, &nodes.a] };
        let (email, name) = (format!("ada{number}@example.com"), format!("Ada {number}"));
        let changes =
            json!({ "email": email, "current_password": PASSWORD, "profile": { "fullname": name } });
        ask(here, Method::PUT, "/api/user", &access, changes).await;
        for service in [there, here] {
            let shown = me(service, &access).await;
            assert_eq!((&shown["email"], &shown["profile"]["fullname"]), (&json!(email), &json!(name)));
        }
    }
}

#[tokio::test]
async fn rights_that_are_taken_away_in_the_database_by_hand_are_gone_at_once_on_both_nodes() {
    let Some(nodes) = Nodes::start().await else { return };
    nodes.a.register(ADA, PASSWORD).await;
    let [admin, refresh] = nodes.known(ADMIN).await;
    for service in nodes.both() {
        ask(service, Method::GET, &user_path(ADA), &admin, json!(null)).await;
    }
    nodes.by_hand(&format!("UPDATE users SET role = 'user' WHERE username = '{ADMIN}'")).await;
    for service in nodes.both() {
        assert_no_admin(service, &admin).await;
        let (status, _) = service.ask(Method::DELETE, &user_path(ADA), &admin, &json!(null)).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
    nodes.by_hand(&format!("UPDATE users SET active = FALSE WHERE username = '{ADMIN}'")).await;
    for service in nodes.both() {
        for path in ["/api/user/all", "/api/auth/login", &user_path(ADA)] {
            assert_revoked(service, Method::GET, path, &admin).await;
        }
        assert_revoked(service, Method::POST, "/api/auth/refresh", &refresh).await;
    }
}

#[tokio::test]
async fn whoever_is_disabled_at_the_command_line_is_refused_by_every_node() {
    let Some(nodes) = Nodes::start().await else { return };
    nodes.a.register(ADA, PASSWORD).await;
    let [access, refresh] = nodes.known(ADA).await;
    nodes.places[0].ends_with(0, &["users", "disable", ADA]);
    for service in [&nodes.b, &nodes.a] {
        assert_revoked(service, Method::GET, "/api/user/me", &access).await;
        assert_revoked(service, Method::POST, "/api/auth/refresh", &refresh).await;
    }
    nodes.places[1].ends_with(0, &["users", "enable", ADA]);
    let [access, _] = nodes.known(ADA).await;
    nodes.places[1].ends_with(0, &["users", "end-sessions", ADA]);
    for service in [&nodes.a, &nodes.b] {
        assert_revoked(service, Method::GET, "/api/user/me", &access).await;
    }
}

#[tokio::test]
async fn a_password_that_is_set_at_the_command_line_counts_on_every_node() {
    let Some(nodes) = Nodes::start().await else { return };
    nodes.a.register(ADA, PASSWORD).await;
    let [access, refresh] = nodes.known(ADA).await;
    let password = nodes.places[0].secret("new-password", ANOTHER_PASSWORD);
    let file = ["--password-file", password.to_str().unwrap()];
    nodes.places[0].ends_with(0, &[&["users", "set-password", ADA], &file[..]].concat());
    for service in [&nodes.b, &nodes.a] {
        assert_revoked(service, Method::GET, "/api/user/me", &access).await;
        assert_revoked(service, Method::POST, "/api/auth/refresh", &refresh).await;
        assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::UNAUTHORIZED);
        assert_eq!(service.login(ADA, ANOTHER_PASSWORD).await, StatusCode::OK);
    }
}
