use std::fs::File;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{PASSWORD, accounts};
use crate::support::{Doorward, Place};

const ADA: &str = "ada@example.com";
const NEW: &str = "another horse batt";

/// The status of something that needs an admin.
async fn audit(service: &Doorward, access: &str) -> StatusCode {
    service.ask(Method::GET, "/api/audit", access, &Value::Null).await.0
}

/// Sets a password; the exit code, and what was said.
fn set_password(place: &Place, code: i32, username: &str, password: &str) -> (String, String) {
    let file = place.secret("password", password);
    let file = ["--password-file", file.to_str().unwrap()];
    place.ends_with(code, &[&["users", "set-password", username], &file[..]].concat())
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

#[tokio::test]
async fn whoever_forgot_a_password_gets_another_and_the_old_one_opens_nothing_any_more() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    service.register(ADA, PASSWORD).await;
    let sessions = [service.tokens(ADA, PASSWORD).await, service.tokens(ADA, PASSWORD).await];
    for [access, _] in &sessions {
        assert_eq!((service.me(access).await, service.me(access).await), (StatusCode::OK, StatusCode::OK));
    }
    let (said, _) = set_password(&place, 0, "Ada@Example.com", &format!("{NEW}\n"));
    assert_eq!(said, "the password of ada@example.com is set, and 2 sessions have ended.\n");
    for [access, refresh] in &sessions {
        assert_eq!(service.me(access).await, StatusCode::UNAUTHORIZED);
        let (status, _) = service.ask(Method::POST, "/api/auth/refresh", refresh, &Value::Null).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::UNAUTHORIZED);
    let [access, _] = service.tokens(ADA, NEW).await;
    assert_eq!(service.me(&access).await, StatusCode::OK);
    let (said, _) = place.ends_with(0, &["audit", "--action", "user.password"]);
    assert!(!said.contains(NEW), "{said}");
    let entry: Value = serde_json::from_str(&said).unwrap();
    let details = json!({ "by": "command_line", "sessions": "all", "count": "2" });
    assert_eq!((&entry["actor"], &entry["details"]), (&Value::Null, &details));
    assert_eq!((&entry["target"]["username"], &entry["outcome"]), (&ADA.into(), &"done".into()));
}

#[tokio::test]
async fn a_password_that_is_not_set_changes_nothing() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    service.register(ADA, PASSWORD).await;
    let [access, _] = service.tokens(ADA, PASSWORD).await;
    for (username, password, why) in [
        (ADA, "tiny", "the password must have at least 8 characters"),
        (ADA, ADA, "the password must not be your e-mail address"),
        (ADA, "\n", "it is empty"),
        ("nobody@example.com", NEW, "there is no account nobody@example.com"),
    ] {
        let (said, complaint) = set_password(&place, 1, username, password);
        assert!(said.is_empty() && complaint.contains(why), "{said}{complaint}");
        assert!(!complaint.contains("tiny"), "{complaint}");
    }
    set_password(&place, 2, "nobody", NEW);
    let (_, complaint) = place.ends_with(1, &["users", "set-password", ADA, "--password-file", "/nowhere"]);
    assert!(complaint.contains("/nowhere"), "{complaint}");
    assert_eq!(service.me(&access).await, StatusCode::OK);
    assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::OK);
    assert!(told(&place).is_empty());
}

#[tokio::test]
async fn a_disabled_account_gets_its_password_through_a_pipe_and_stays_disabled() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    service.register(ADA, PASSWORD).await;
    place.ends_with(0, &["users", "disable", ADA]);
    let password = File::open(place.secret("password", NEW)).unwrap();
    let mut command = place.command();
    command.args(["users", "set-password", ADA, "--password-file", "-"]);
    let output = command.stdin(password).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && said.contains("0 sessions have ended. The account is disabled"),
        "{said}"
    );
    assert_eq!(service.login(ADA, NEW).await, StatusCode::FORBIDDEN);
    place.ends_with(0, &["users", "enable", ADA]);
    assert_eq!(service.login(ADA, NEW).await, StatusCode::OK);
    assert_eq!(told(&place), ["user.enable", "user.password", "user.disable"]);
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
