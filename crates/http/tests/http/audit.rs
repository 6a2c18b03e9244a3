//! The audit log: what is told of what happened, to admins alone.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Server, reply};

const ADA: &str = "ada@example.com";
const ROOT: &str = "root@example.com";

/// Action and outcome of what the query finds, the newest first.
async fn found(server: &Server, token: &str, query: &str) -> Vec<String> {
    let listed = server.get(&format!("/api/audit{query}"), token).await.expect(200);
    let told = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let entries = listed.results().as_array().unwrap();
    entries.iter().map(|entry| told(entry, "action") + " " + &told(entry, "outcome")).collect()
}

#[tokio::test]
async fn log_03_what_was_done_is_found_by_its_request() {
    let server = Server::start();
    let admin = server.admin(ROOT).await;
    server.inside.member(ADA).await;
    let change = server
        .client
        .put(server.url("/api/user/ada@example.com"))
        .bearer_auth(&admin.access)
        .header("x-request-id", "the-request-1")
        .header("user-agent", "something")
        .json(&json!({ "role": "admin", "active": false, "profile": { "city": "London" } }));
    reply(change).await.expect(200);
    let listed = server.get("/api/audit?request_id=the-request-1", &admin.access).await.expect(200);
    let entries = listed.results().as_array().unwrap();
    let mut actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["user.disable", "user.role", "user.update"]);
    for entry in entries {
        assert_eq!(entry["outcome"], "done");
        assert_eq!((&entry["actor"]["username"], &entry["target"]["username"]), (&json!(ROOT), &json!(ADA)));
        assert_eq!((&entry["address"], &entry["request_id"]), (&json!("127.0.0.1"), &json!("the-request-1")));
        let names: Vec<_> = entry.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "action",
            "actor",
            "address",
            "at",
            "details",
            "id",
            "outcome",
            "request_id",
            "session",
            "target",
        ];
        assert_eq!(names, expected);
    }
    let of =
        |action: &str| entries.iter().find(|entry| entry["action"] == action).unwrap()["details"].clone();
    assert_eq!(of("user.role"), json!({ "from": "user", "to": "admin" }));
    assert_eq!(of("user.update"), json!({ "fields": "profile" }));
}

#[tokio::test]
async fn log_03_refusals_are_told_and_what_was_typed_is_not() {
    let server = Server::start();
    let admin = server.admin(ROOT).await;
    let member = server.member(ADA).await;
    server.try_login(ADA, "something else").await.expect(401);
    server.try_login("hunter2hunter2", PASSWORD).await.expect(401);
    let wrong = json!({ "current_password": "something else", "password": "another good one", "password_confirm": "another good one" });
    server.put("/api/user/me/password", &member.access, wrong).await.expect(403);
    let refused = found(&server, &admin.access, "?outcome=refused").await;
    assert_eq!(refused, ["user.password refused", "session.login refused", "session.login refused"]);
    let listed = server.get("/api/audit?outcome=refused", &admin.access).await;
    assert!(!listed.text.contains("hunter2") && !listed.text.contains("something else"), "{}", listed.text);
    let [password, unknown, known] = &listed.results().as_array().unwrap()[..] else { panic!("{listed:?}") };
    assert_eq!((&unknown["target"], &known["target"]["username"]), (&Value::Null, &json!(ADA)));
    assert_eq!((&known["actor"], &password["actor"]["username"]), (&Value::Null, &json!(ADA)));
    assert_eq!(known["details"], json!({ "reason": "invalid_credentials" }));
}

#[tokio::test]
async fn the_log_is_filtered_and_walked_through() {
    let server = Server::start();
    let admin = server.admin(ROOT).await;
    for number in 0..5 {
        server.register(&format!("person{number}@example.com")).await.expect(201);
    }
    server.delete("/api/user/person3@example.com", &admin.access).await.expect(200);
    let about = found(&server, &admin.access, "?target=Person3@example.com").await;
    assert_eq!(about, ["user.delete done", "user.register done"]);
    assert_eq!(found(&server, &admin.access, "?action=user.delete&actor=root@example.com").await.len(), 1);
    assert_eq!(found(&server, &admin.access, "?action=user.delete&actor=ada@example.com").await.len(), 0);
    assert_eq!(found(&server, &admin.access, "?until=2000-01-01T00:00:00Z").await.len(), 0);

    let (mut path, mut walked) = ("/api/audit?action=user.register&limit=2".to_owned(), Vec::new());
    loop {
        let page = server.get(&path, &admin.access).await.expect(200);
        let entries = page.results().as_array().unwrap();
        walked.extend(entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()));
        let Some(link) = page.headers.get("link") else { break };
        path = link.to_str().unwrap().trim_start_matches('<').split('>').next().unwrap().to_owned();
    }
    // The admin's own account was opened as well.
    assert_eq!(walked.len(), 6);
    walked.sort_unstable();
    walked.dedup();
    assert_eq!(walked.len(), 6);
}

#[tokio::test]
async fn what_is_no_query_of_the_log_is_refused() {
    let server = Server::start();
    let admin = server.admin(ROOT).await;
    for (query, field) in [
        ("?action=user.explode", "action"),
        ("?outcome=perhaps", "outcome"),
        ("?limit=201", "limit"),
        ("?since=yesterday", "since"),
        ("?cursor=abc", "cursor"),
        ("?actor=nobody", "actor"),
        ("?colour=red", "colour"),
    ] {
        let refused = server.get(&format!("/api/audit{query}"), &admin.access).await.expect(400);
        assert_eq!(refused.faulty_fields(), [field], "{query}");
    }
    let page = server.get("/api/audit?limit=1", &admin.access).await.expect(200);
    let cursor = page.body["page"]["next"].as_str().unwrap();
    let other = format!("/api/audit?limit=1&outcome=refused&cursor={cursor}");
    assert_eq!(server.get(&other, &admin.access).await.expect(400).faulty_fields(), ["cursor"]);
    server.send(Method::POST, "/api/audit", Some(&admin.access), None).await.expect(405);
}

#[tokio::test]
async fn a_cursor_of_the_log_is_none_of_a_list_of_users_and_the_other_way_round() {
    let server = Server::start();
    let admin = server.admin(ROOT).await;
    server.inside.member(ADA).await;
    let lists = ["/api/audit", "/api/user/all", "/api/user/active"];
    server.login(ADA).await;
    for list in lists {
        let page = server.get(&format!("{list}?limit=1"), &admin.access).await.expect(200);
        let cursor = page.body["page"]["next"].as_str().unwrap();
        for other in lists {
            let next = server.get(&format!("{other}?limit=1&cursor={cursor}"), &admin.access).await;
            if other == list {
                next.expect(200);
            } else {
                assert_eq!(next.expect(400).faulty_fields(), ["cursor"], "{list} at {other}");
            }
        }
    }
}
