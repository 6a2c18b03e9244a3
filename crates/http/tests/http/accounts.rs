//! Opening, changing and deleting accounts.

use doorward_domain::accounts::AccountRules;
use doorward_domain::sessions::SessionRules;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Server, Tokens};

#[tokio::test]
async fn registering_answers_the_user_and_where_it_is() {
    let server = Server::start();
    let reply = server.register("Ada+x@Example.com").await.expect(201);
    assert_eq!(reply.results()["username"], "Ada+x@Example.com");
    assert_eq!(reply.results()["email"], "Ada+x@Example.com");
    assert_eq!(reply.results()["role"], "user");
    assert_eq!(reply.results()["last_login"], Value::Null);
    let location = reply.headers["location"].to_str().unwrap().to_owned();
    let tokens = server.login("ada+x@example.com").await;
    let found = server.get(&location, &tokens.access).await.expect(200);
    assert_eq!(found.results()["id"], reply.results()["id"]);
}

#[tokio::test]
async fn inp_07_one_address_is_one_account_in_every_spelling() {
    let server = Server::start();
    server.register("ada@bücher.example").await.expect(201);
    for spelling in ["ada@bücher.example", "ADA@BÜCHER.example", "Ada@xn--bcher-kva.example"] {
        server.register(spelling).await.expect_failure(409, "username_taken");
        server.login(spelling).await;
    }
}

#[tokio::test]
async fn rac_01_parallel_registrations_of_one_address_make_one_account() {
    let server = Server::start();
    let spellings = (0..32).map(|number| if number % 2 == 0 { "ada@example.com" } else { "ADA@example.com" });
    let replies = futures_util::future::join_all(spellings.map(|spelling| server.register(spelling))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert_eq!(replies.iter().filter(|reply| reply.code() == "username_taken").count(), 31);
    server.login("ada@example.com").await;
}

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    let server = Server::start();
    let body = json!({
        "username": "me", "password": "short", "password_confirm": "other", "profile": { "gender": 1, "age": 2 },
        "default_user_type": "buyer", "played_games": ["ok", ""], "accounts": null,
        "favorites": { "youtube": [{ "id": "1", "name": "x", "url": "javascript:1", "favorited_at": "now" }] },
    });
    let reply = server.post("/api/user", body).await.expect(400);
    assert_eq!(
        reply.faulty_fields(),
        [
            "username",
            "password_confirm",
            "default_user_type",
            "profile.gender",
            "profile.age",
            "accounts",
            "played_games[1]",
            "favorites.youtube[0].url",
            "favorites.youtube[0].favorited_at",
        ]
    );
}

#[tokio::test]
async fn inp_03_a_small_body_does_not_make_a_large_answer() {
    let server = Server::start();
    let keys: Vec<String> = (0..60).map(|number| format!("\"unknown{number}\":1")).collect();
    let body: Value = serde_json::from_str(&format!("{{{}}}", keys.join(","))).unwrap();
    let reply = server.post("/api/user", body).await.expect(400);
    assert_eq!(reply.faulty_fields().len(), 32);
    let games = vec![1; 10_000];
    let reply = server.post("/api/user", json!({ "played_games": games })).await.expect(400);
    assert!(reply.faulty_fields().contains(&"played_games"));
}

#[tokio::test]
async fn the_password_rules_hold_at_registration() {
    let server = Server::start();
    let register = |password: String| {
        let body =
            json!({ "username": "ada@example.com", "password": password, "password_confirm": password });
        server.post("/api/user", body)
    };
    for password in ["1234567", "password", "PASSWORD", "ada@example.com", &"x".repeat(257)] {
        let reply = register(password.to_owned()).await.expect(400);
        assert_eq!(reply.faulty_fields(), ["password"], "{password}");
    }
    register("🦀".repeat(8)).await.expect(201);
}

#[tokio::test]
async fn azn_03_nobody_registers_with_more_than_own_fields() {
    let server = Server::start();
    for field in [
        "role",
        "roles",
        "is_admin",
        "id",
        "active",
        "status",
        "verified",
        "password_hash",
        "created_at",
        "last_login",
        "updated_at",
        "Role",
        "ROLE",
        "role ",
        "__proto__",
    ] {
        let mut body =
            json!({ "username": "ada@example.com", "password": PASSWORD, "password_confirm": PASSWORD });
        body[field] = json!("admin");
        let reply = server.post("/api/user", body).await.expect(400);
        assert_eq!(reply.faulty_fields(), [field.trim_end_matches('\0')]);
    }
    let tokens = server.member("ada@example.com").await;
    for field in
        ["role", "active", "id", "username", "last_login", "created_at", "updated_at", "version", "password"]
    {
        let reply = server.put("/api/user", &tokens.access, json!({ field: "admin" })).await.expect(400);
        assert_eq!(reply.faulty_fields(), [field]);
    }
    assert_eq!(server.get("/api/user/me", &tokens.access).await.results()["role"], "user");
}

#[tokio::test]
async fn registration_can_be_switched_off() {
    let rules = AccountRules { registration_open: false, ..AccountRules::default() };
    let server = Server::with_rules(rules, SessionRules::default());
    server.register("ada@example.com").await.expect_failure(403, "registration_closed");
}

#[tokio::test]
async fn aut_11_a_new_address_needs_the_current_password_and_both_log_in() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    let put = |body| server.put("/api/user", &tokens.access, body);
    let reply = put(json!({ "email": "new@example.com" })).await.expect(400);
    assert_eq!(reply.faulty_fields(), ["current_password"]);
    let body = json!({ "email": "new@example.com", "current_password": "wrong" });
    put(body).await.expect_failure(403, "wrong_password");
    assert_eq!(server.get("/api/user/me", &tokens.access).await.results()["email"], "ada@example.com");

    let body = json!({ "email": "new@example.com", "current_password": PASSWORD });
    let reply = put(body).await.expect(200);
    assert_eq!(reply.results()["email"], "new@example.com");
    assert_eq!(reply.results()["username"], "ada@example.com");
    server.login("new@example.com").await;
    server.login("ada@example.com").await;
    server.register("new@example.com").await.expect_failure(409, "username_taken");
    server.get("/api/user/NEW@example.com", &tokens.access).await.expect(200);
}

#[tokio::test]
async fn rac_08_an_address_is_taken_by_change_or_by_registration_but_once() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    let body = json!({ "email": "new@example.com", "current_password": PASSWORD });
    let (changed, registered) =
        tokio::join!(server.put("/api/user", &tokens.access, body), server.register("new@example.com"));
    let mut statuses = [changed.status.as_u16(), registered.status.as_u16()];
    statuses.sort_unstable();
    assert!(matches!(statuses, [200 | 201, 409]), "{statuses:?}");
}

#[tokio::test]
async fn rac_06_two_changes_of_different_fields_both_count() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    let city = json!({ "profile": { "city": "Sidoarjo" } });
    let games = json!({ "played_games": ["chess"] });
    let (one, two) = tokio::join!(
        server.put("/api/user", &tokens.access, city),
        server.put("/api/user", &tokens.access, games)
    );
    one.expect(200);
    two.expect(200);
    let me = server.get("/api/user/me", &tokens.access).await.expect(200);
    assert_eq!(me.results()["profile"]["city"], "Sidoarjo");
    assert_eq!(me.results()["played_games"], json!(["CHESS"]));
}

#[tokio::test]
async fn an_admin_changes_role_state_and_address_of_others() {
    let server = Server::start();
    let admin = server.admin("root@example.com").await;
    let ada = server.member("ada@example.com").await;
    let path = "/api/user/ADA%40example.com";
    let body = json!({ "role": "admin", "email": "new@example.com" });
    let reply = server.put(path, &admin.access, body).await.expect(200);
    assert_eq!(
        (&reply.results()["role"], &reply.results()["email"]),
        (&json!("admin"), &json!("new@example.com"))
    );
    server.get("/api/user/root@example.com", &ada.access).await.expect(200);

    server.put(path, &admin.access, json!({ "role": "user" })).await.expect(200);
    server.get("/api/user/root@example.com", &ada.access).await.expect_failure(403, "forbidden");
    server.put(path, &admin.access, json!({ "active": false })).await.expect(200);
    server.get("/api/user/me", &ada.access).await.expect_failure(401, "token_revoked");
    server.get("/api/refresh", &ada.refresh).await.expect_failure(401, "token_revoked");
}

#[tokio::test]
async fn azn_12_the_last_admin_remains() {
    let server = Server::start();
    let root = server.admin("root@example.com").await;
    let path = "/api/user/root@example.com";
    server.delete(path, &root.access).await.expect_failure(409, "last_admin");
    server.put(path, &root.access, json!({ "role": "user" })).await.expect_failure(409, "last_admin");
    server.put(path, &root.access, json!({ "active": false })).await.expect_failure(409, "last_admin");
    let other = server.admin("other@example.com").await;
    let (one, two) = tokio::join!(
        server.delete("/api/user/other@example.com", &root.access),
        server.delete(path, &other.access)
    );
    let deleted = [&one, &two].iter().filter(|reply| reply.status == 200).count();
    assert_eq!(deleted, 1, "{one:?} {two:?}");
}

#[tokio::test]
async fn ses_07_a_deleted_account_leaves_nothing_behind() {
    let server = Server::start();
    let admin = server.admin("root@example.com").await;
    let ada = server.member("ada@example.com").await;
    let reply = server.delete("/api/user/Ada@example.com", &admin.access).await.expect(200);
    assert_eq!(reply.results(), &json!({ "deleted_username": "ada@example.com" }));
    server.register("ada@example.com").await.expect(201);
    server.get("/api/user/me", &ada.access).await.expect_failure(401, "token_revoked");
    server.get("/api/refresh", &ada.refresh).await.expect_failure(401, "token_revoked");
    server.delete("/api/user/nobody@example.com", &admin.access).await.expect_failure(404, "user_not_found");
    server.delete("/api/user/no-address", &admin.access).await.expect_failure(404, "user_not_found");
}

#[tokio::test]
async fn ses_06_and_azn_14_a_role_counts_from_the_next_request_on() {
    let server = Server::start();
    let root = server.admin("root@example.com").await;
    let other = server.admin("other@example.com").await;
    let rename = json!({ "role": "user" });
    server.put("/api/user/other@example.com", &root.access, rename).await.expect(200);
    server.delete("/api/user/root@example.com", &other.access).await.expect_failure(403, "forbidden");
    let again = Tokens::of(&server.get("/api/refresh", &other.refresh).await.expect(200));
    let status = server.send(Method::GET, "/api/auth/login", Some(&again.access), None).await.expect(200);
    assert_eq!(status.results()["role"], "user");
}
