//! Lists of users: filters, order, pages, and what a member sees.

use std::collections::BTreeSet;
use std::time::Duration;

use doorward_domain::accounts::{AccountRules, Directory};
use doorward_domain::sessions::SessionRules;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Server;

async fn people(server: &Server, count: usize) {
    for number in 0..count {
        server.inside.member(&format!("person{number:02}@example.com")).await;
        server.inside.clock.advance(Duration::from_millis(number as u64 % 2));
    }
}

/// Walks through a list; the usernames in order.
async fn walk(server: &Server, token: &str, query: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut path = format!("/api/user/all?{query}");
    for _ in 0..100 {
        let page = server.get(&path, token).await.expect(200);
        let entries = page.results().as_array().unwrap();
        names.extend(entries.iter().map(|user| user["username"].as_str().unwrap().to_owned()));
        let next = page.headers.get("link").map(|link| link.to_str().unwrap().to_owned());
        assert_eq!(next.is_some(), page.body["page"]["next"].is_string());
        match next {
            Some(link) => {
                let (target, relation) = link.split_once('>').unwrap();
                assert_eq!(relation, "; rel=\"next\"");
                target.trim_start_matches('<').clone_into(&mut path);
            }
            None => return names,
        }
    }
    panic!("the walk does not end");
}

#[tokio::test]
async fn inp_12_a_walk_meets_everybody_once_in_every_order() {
    let server = Server::start();
    let admin = server.admin("root@example.com").await;
    people(&server, 23).await;
    for sort in ["created_at", "-created_at", "username", "-username", "last_login", "-last_login"] {
        let names = walk(&server, &admin.access, &format!("limit=5&sort={sort}")).await;
        assert_eq!(names.len(), 24, "{sort}");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 24, "{sort}");
        if sort == "username" {
            assert!(names.is_sorted());
        }
    }
}

#[tokio::test]
async fn a_list_has_a_page_and_counts_when_asked() {
    let server = Server::start();
    let admin = server.admin("root@example.com").await;
    people(&server, 3).await;
    let reply = server.get("/api/user/all", &admin.access).await.expect(200);
    assert_eq!(reply.body["page"], json!({ "limit": 50, "next": null, "total": null }));
    assert!(reply.text.contains("],\"page\":{\"limit\":"));
    let reply = server.get("/api/user/all?count=true&limit=2", &admin.access).await.expect(200);
    assert_eq!(reply.results().as_array().unwrap().len(), 2);
    assert_eq!(reply.body["page"]["total"], 4);
    let next = reply.body["page"]["next"].as_str().unwrap();
    let body = json!({ "limit": 2, "count": true, "cursor": next });
    let reply = server.put("/api/user/all", &admin.access, body).await.expect(200);
    assert_eq!(reply.results().as_array().unwrap().len(), 2);
    assert_eq!(reply.body["page"]["next"], Value::Null);
    server.send(Method::PUT, "/api/user/all", Some(&admin.access), None).await.expect(200);
    server.put("/api/user/active", &admin.access, json!({})).await.expect(200);
}

#[tokio::test]
async fn filters_narrow_a_list() {
    let server = Server::start();
    let admin = server.admin("root@example.com").await;
    people(&server, 3).await;
    let path = "/api/user/person01@example.com";
    let body =
        json!({ "profile": { "fullname": "Kucing %" }, "user_type": { "seller": { "streamer_id": "x" } } });
    server.put(path, &admin.access, body).await.expect(200);
    server.put("/api/user/person02@example.com", &admin.access, json!({ "active": false })).await.expect(200);
    let accented = json!({ "profile": { "fullname": "E\u{301}va" } });
    server.put("/api/user/person00@example.com", &admin.access, accented).await.expect(200);
    for (query, expected) in [
        ("role=admin", vec!["root@example.com"]),
        ("active=false", vec!["person02@example.com"]),
        ("user_type=seller", vec!["person01@example.com"]),
        ("user_type=streamer", vec![]),
        ("q=kucing", vec!["person01@example.com"]),
        ("q=e%CC%81", vec![]),
        ("q=E%CC%81v", vec!["person00@example.com"]),
        ("q=%C3%89V", vec!["person00@example.com"]),
        ("q=Kucing+%25", vec!["person01@example.com"]),
        ("q=%25", vec![]),
        ("q=_erson", vec![]),
        ("q=PERSON0&active=true", vec!["person00@example.com", "person01@example.com"]),
        ("created_before=2000-01-01T00:00:00Z", vec![]),
        ("created_after=2000-01-01T00:00:00Z&role=admin", vec!["root@example.com"]),
    ] {
        assert_eq!(walk(&server, &admin.access, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn azn_07_a_member_sees_no_address_of_anyone() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    people(&server, 3).await;
    let reply = server.get("/api/user/all?limit=2", &tokens.access).await.expect(200);
    assert!(!reply.text.contains('@') && !reply.text.contains("role"), "{}", reply.text);
    let keys: Vec<_> = reply.results()[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["default_user_type", "id", "played_games", "profile", "user_type"]);
    let reply = server.get("/api/user/active", &tokens.access).await.expect(200);
    assert_eq!(reply.results().as_array().unwrap().len(), 1);
    let found = server.get("/api/user/all?q=person", &tokens.access).await.expect(200);
    assert_eq!(found.results(), &json!([]), "a member finds nobody by address");
}

#[tokio::test]
async fn azn_08_a_member_does_not_filter_or_sort_by_what_is_hidden() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    for (query, field) in [
        ("role=admin", "role"),
        ("active=true", "active"),
        ("sort=username", "sort"),
        ("sort=password_hash", "sort"),
        ("sort=-email", "sort"),
        ("password_hash=x", "password_hash"),
        ("email=a", "email"),
    ] {
        let reply = server.get(&format!("/api/user/all?{query}"), &tokens.access).await.expect(400);
        assert_eq!(reply.faulty_fields(), [field], "{query}");
    }
}

#[tokio::test]
async fn the_directory_can_be_closed_to_members() {
    let rules = AccountRules { directory: Directory::Admins, ..AccountRules::default() };
    let server = Server::with_rules(rules, SessionRules::default());
    let tokens = server.member("ada@example.com").await;
    server.get("/api/user/all", &tokens.access).await.expect_failure(403, "forbidden");
    server.get("/api/user/active", &tokens.access).await.expect_failure(403, "forbidden");
    let admin = server.admin("root@example.com").await;
    server.get("/api/user/all", &admin.access).await.expect(200);
}

#[tokio::test]
async fn inp_11_bounds_of_pages_are_checked() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=201", "limit"),
        ("limit=1e9", "limit"),
        ("limit=9223372036854775808", "limit"),
        ("limit=NaN", "limit"),
        ("limit=1%3B", "limit"),
        ("limit=", "limit"),
        ("limit=1&limit=2", "limit"),
        ("page=2", "page"),
        ("count=yes", "count"),
        ("cursor=x", "cursor"),
        ("created_after=yesterday", "created_after"),
        ("user_type=buyer", "user_type"),
        ("q=", "q"),
    ] {
        let reply = server.get(&format!("/api/user/all?{query}"), &tokens.access).await.expect(400);
        assert_eq!(reply.faulty_fields(), [field], "{query}");
    }
    let reply = server.put("/api/user/all", &tokens.access, json!({ "limit": "50" })).await.expect(400);
    assert_eq!(reply.faulty_fields(), ["limit"]);
}

#[tokio::test]
async fn a_cursor_belongs_to_its_own_list() {
    let server = Server::start();
    let admin = server.admin("root@example.com").await;
    people(&server, 5).await;
    let reply = server.get("/api/user/all?limit=2&sort=username", &admin.access).await.expect(200);
    let cursor = reply.body["page"]["next"].as_str().unwrap();
    for query in ["limit=2", "limit=2&sort=-username", "limit=2&sort=username&role=user"] {
        let reply =
            server.get(&format!("/api/user/all?{query}&cursor={cursor}"), &admin.access).await.expect(400);
        assert_eq!(reply.faulty_fields(), ["cursor"], "{query}");
    }
    let foreign = format!("/api/user/active?sort=username&cursor={cursor}");
    assert_eq!(server.get(&foreign, &admin.access).await.expect(400).faulty_fields(), ["cursor"]);
    server
        .get(&format!("/api/user/all?limit=3&sort=username&cursor={cursor}"), &admin.access)
        .await
        .expect(200);
}

#[tokio::test]
async fn ses_17_active_users_are_exactly_those_with_a_fresh_live_login() {
    let server = Server::start();
    let admin = server.admin("root@example.com").await;
    let ada = server.member("ada@example.com").await;
    let again = server.login("ada@example.com").await;
    server.inside.member("bob@example.com").await;
    let active = async || {
        let admin = server.login("root@example.com").await;
        let reply = server.get("/api/user/active?sort=username", &admin.access).await.expect(200);
        let users = reply.results().as_array().unwrap().clone();
        users.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(active().await, ["ada@example.com", "root@example.com"]);
    server.get("/api/auth/logout", &ada.access).await.expect(200);
    assert_eq!(active().await, ["ada@example.com", "root@example.com"]);
    server.get("/api/auth/logout", &again.access).await.expect(200);
    assert_eq!(active().await, ["root@example.com"]);
    drop(admin);

    server.login("bob@example.com").await;
    server.inside.clock.advance(Duration::from_secs(5 * 3_600 - 1));
    assert_eq!(active().await, ["bob@example.com", "root@example.com"]);
    server.inside.clock.advance(Duration::from_secs(2));
    assert_eq!(active().await, ["root@example.com"]);
}
