use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::{PASSWORD, accounts};
use crate::support::{Doorward, Place};

const ADA: &str = "ada@example.com";

/// The status of something that needs an admin.
async fn audit(service: &Doorward, access: &str) -> StatusCode {
    service.ask(Method::GET, "/api/audit", access, &Value::Null).await.0
}

/// What was done to Ada at the command line: the actions, the newest first.
fn told(place: &Place) -> Vec<String> {
    let (said, _) = place.ends_with(0, &["audit", "--target", ADA]);
    let entries = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let operators =
        entries.filter(|entry| entry["details"]["by"] == "command_line" && entry["actor"].is_null());
    operators.map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn whoever_is_disabled_at_the_command_line_is_refused_by_the_running_service() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    service.register(ADA, PASSWORD).await;
    for _ in 0..3 {
        let [access, refresh] = service.tokens(ADA, PASSWORD).await;
        // Twice, so that the service has it in its memory.
        assert_eq!((service.me(&access).await, service.me(&access).await), (StatusCode::OK, StatusCode::OK));
        place.ends_with(0, &["users", "disable", "Ada@Example.com"]);
        assert_eq!(service.me(&access).await, StatusCode::UNAUTHORIZED);
        let (status, _) = service.ask(Method::POST, "/api/auth/refresh", &refresh, &Value::Null).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::FORBIDDEN);
        place.ends_with(0, &["users", "enable", ADA]);
        assert_eq!(service.me(&access).await, StatusCode::UNAUTHORIZED, "what has ended has ended");
    }
    assert_eq!(told(&place)[..2], ["user.enable", "user.disable"]);
}

#[tokio::test]
async fn sessions_end_and_roles_change_from_the_next_request_on() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    service.register(ADA, PASSWORD).await;
    let [access, _] = service.tokens(ADA, PASSWORD).await;
    assert_eq!(audit(&service, &access).await, StatusCode::FORBIDDEN);
    place.ends_with(0, &["users", "set-role", ADA, "admin"]);
    assert_eq!((audit(&service, &access).await, service.me(&access).await), (StatusCode::OK, StatusCode::OK));
    let (said, _) = place.ends_with(0, &["users", "set-role", ADA, "admin"]);
    assert!(said.contains("already"), "{said}");
    place.ends_with(0, &["users", "set-role", ADA, "user"]);
    let (_, me) = service.ask(Method::GET, "/api/user/me", &access, &Value::Null).await;
    assert_eq!(
        (audit(&service, &access).await, &me["results"]["role"]),
        (StatusCode::FORBIDDEN, &"user".into())
    );
    let (said, _) = place.ends_with(0, &["users", "end-sessions", ADA]);
    assert!(said.contains("1 session"), "{said}");
    assert_eq!(service.me(&access).await, StatusCode::UNAUTHORIZED);
    assert_eq!(told(&place), ["session.end", "user.role", "user.role"]);
}

#[test]
fn the_last_admin_stays_one() {
    let place = Place::new();
    place.serves();
    let (listed, _) = place.ends_with(0, &["users", "list", "--role", "admin", "--format", "json"]);
    let admin: Value = serde_json::from_str(&listed).unwrap();
    let name = admin["username"].as_str().unwrap();
    for arguments in [&["users", "disable", name][..], &["users", "set-role", name, "user"]] {
        let (_, said) = place.ends_with(1, arguments);
        assert!(said.contains("the last admin must remain"), "{said}");
    }
}

#[tokio::test]
async fn accounts_are_listed_and_shown() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    for number in 0..3 {
        service.register(&format!("person{number}@example.com"), PASSWORD).await;
    }
    service.tokens("person1@example.com", PASSWORD).await;
    assert_eq!(accounts(&place), 3);
    let (listed, _) = place.ends_with(0, &["users", "list", "--query", "PERSON", "--limit", "2"]);
    assert!(
        listed.starts_with("ROLE") && listed.lines().count() == 3 && listed.contains("person1@"),
        "{listed}"
    );
    let (shown, _) = place.ends_with(0, &["users", "show", "Person1@example.com"]);
    assert!(shown.contains("username    person1@example.com") && shown.contains("sessions    1"), "{shown}");
    let (_, said) = place.ends_with(1, &["users", "show", "nobody@example.com"]);
    assert!(said.contains("no account nobody@example.com"), "{said}");
    for arguments in
        [&["users", "disable", "nobody@example.com"][..], &["users", "end-sessions", "nobody@example.com"]]
    {
        let (_, said) = place.ends_with(1, arguments);
        assert!(said.contains("no account"), "{said}");
    }
    place.ends_with(2, &["users", "show", "nobody"]);
}
