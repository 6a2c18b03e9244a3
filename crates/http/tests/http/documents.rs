//! The seed's document, field by field.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Server};

fn whole_document() -> Value {
    json!({
        "default_user_type": "streamer",
        "profile": { "fullname": "Kucing Cakep", "gender": "Male", "city": "Sidoarjo" },
        "accounts": { "gmail": { "is_login": true }, "youtube": { "is_login": false }, "facebook": null },
        "user_type": {
            "streamer": { "streamer_id": "UC-1", "streaming_history": ["s1", "s2"] },
            "seller": { "streamer_id": "UC-2", "streaming_history": [] },
        },
        "played_games": ["Mobile Legends", "CHESS", "mobile legends"],
        "favorites": {
            "facebook": [],
            "youtube": [{
                "id": "yt-1", "name": "Streamer", "url": "https://video.example/1",
                "favorited_at": "2026-01-31T14:00:00+02:00",
            }],
        },
    })
}

#[tokio::test]
async fn a_whole_document_is_kept_and_shown() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    server.put("/api/user", &tokens.access, whole_document()).await.expect(200);
    let me = server.get("/api/user/me", &tokens.access).await.expect(200);
    let mut expected = whole_document();
    expected["played_games"] = json!(["MOBILE LEGENDS", "CHESS"]);
    expected["favorites"]["youtube"][0]["favorited_at"] = json!("2026-01-31T12:00:00.000Z");
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&me.results()[field], value, "{field}");
    }
    let keys: Vec<_> = me.results().as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        keys,
        [
            "accounts",
            "active",
            "created_at",
            "default_user_type",
            "email",
            "favorites",
            "id",
            "last_login",
            "played_games",
            "profile",
            "role",
            "updated_at",
            "user_type",
            "username"
        ]
    );
    let time = me.results()["last_login"].as_str().unwrap();
    assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
}

#[tokio::test]
async fn a_whole_document_can_be_registered() {
    let server = Server::start();
    let mut body = whole_document();
    body["username"] = json!("ada@example.com");
    body["password"] = json!(PASSWORD);
    body["password_confirm"] = json!(PASSWORD);
    body["name"] = json!("Kucing Cakep");
    let reply = server.post("/api/user", body.clone()).await.expect(201);
    assert_eq!(reply.results()["profile"]["fullname"], "Kucing Cakep");
    assert_eq!(reply.results()["user_type"]["streamer"]["streaming_history"], json!(["s1", "s2"]));
    body["name"] = json!("Somebody Else");
    assert_eq!(server.post("/api/user", body).await.expect(400).faulty_fields(), ["name"]);
}

#[tokio::test]
async fn absent_fields_stay_and_null_clears() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    let put = |body| server.put("/api/user", &tokens.access, body);
    put(whole_document()).await.expect(200);
    let reply =
        put(json!({ "profile": { "city": null }, "user_type": { "seller": null } })).await.expect(200);
    assert_eq!(
        reply.results()["profile"],
        json!({ "fullname": "Kucing Cakep", "gender": "Male", "city": null })
    );
    assert_eq!(reply.results()["user_type"]["seller"], Value::Null);
    assert_eq!(reply.results()["user_type"]["streamer"]["streamer_id"], "UC-1");
    let reply =
        put(json!({ "user_type": { "streamer": { "streamer_id": "UC-9" } }, "played_games": [] })).await;
    assert_eq!(
        reply.results()["user_type"]["streamer"],
        json!({ "streamer_id": "UC-9", "streaming_history": ["s1", "s2"] })
    );
    assert_eq!(reply.results()["played_games"], json!([]));
    let reply = put(json!({ "profile": null, "default_user_type": null })).await.expect(200);
    assert_eq!(
        (&reply.results()["profile"], &reply.results()["default_user_type"]),
        (&Value::Null, &Value::Null)
    );
    let reply = put(json!({})).await.expect(200);
    assert_eq!(reply.results()["favorites"]["youtube"][0]["id"], "yt-1");
    for field in ["email", "accounts", "user_type", "played_games", "favorites"] {
        assert_eq!(put(json!({ field: null })).await.expect(400).faulty_fields(), [field]);
    }
}

#[tokio::test]
async fn inp_15_text_stays_text() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    for name in [
        "<script>alert(1)</script>",
        "${jndi:ldap://127.0.0.1/a}",
        "{{7*7}}",
        "'; DROP TABLE users;--",
        "\\",
        "%00",
        "Ω≈ç√∫",
        "👩‍👩‍👧‍👦",
        "  spaces  ",
        "null",
        "1e100",
    ] {
        let body = json!({ "profile": { "fullname": name } });
        let reply = server.put("/api/user", &tokens.access, body).await.expect(200);
        assert_eq!(reply.results()["profile"]["fullname"], name);
    }
    for name in ["", "a\u{0}b", "a\u{7}", "a\u{202e}b", "line\nbreak"] {
        let body = json!({ "profile": { "fullname": name } });
        let reply = server.put("/api/user", &tokens.access, body).await.expect(400);
        assert_eq!(reply.faulty_fields(), ["profile.fullname"]);
    }
}
