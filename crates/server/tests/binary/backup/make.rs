//! Backups: what is in them, and when there is none.

use std::fs;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ADA, Backups, PASSWORD, begun, mode, names, stopped};
use crate::support::Place;

#[tokio::test]
async fn a_backup_of_a_running_service_serves_elsewhere() {
    let (place, backups) = (Place::new(), Backups::new());
    let service = begun(&place).await;
    let [access, refresh] = service.tokens(ADA, PASSWORD).await;
    let said = backups.make(&place, "today", &[]);
    assert!(said.contains(" 2 users\n") && said.contains(" 1 sessions\n"), "{said}");
    assert_eq!(service.me(&access).await, StatusCode::OK, "the service goes on");
    stopped(service);

    let today = backups.path("today");
    assert_eq!(names(&today), ["doorward.db", "keys", "manifest.json", "pepper"]);
    assert_eq!(backups.count(), 1, "nothing else is left");
    for directory in [&today, &today.join("keys")] {
        assert_eq!(mode(directory), 0o700);
    }
    for file in ["doorward.db", "manifest.json", "pepper", "keys/signing.pem"] {
        assert_eq!(mode(&today.join(file)), 0o600, "{file}");
    }

    let elsewhere = Place::new();
    let said = backups.restore(&elsewhere, "today", &[]);
    assert!(said.contains("1 sessions were ended"), "{said}");
    assert!(elsewhere.ends_with(0, &["check"]).0.contains("Nothing is wrong."));
    let service = elsewhere.start();
    assert_eq!(service.me(&access).await, StatusCode::UNAUTHORIZED, "the session has ended");
    let (status, _) = service.ask(Method::GET, "/api/refresh", &refresh, &Value::Null).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::OK);
    let told = elsewhere.ends_with(0, &["audit", "--action", "store.restore"]).0;
    let entry: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(entry["details"]["count"], "1", "{told}");
    assert_eq!((&entry["actor"], &entry["outcome"]), (&Value::Null, &json!("done")));
}

#[tokio::test]
async fn a_backup_takes_nobodys_place_and_is_never_half() {
    let (place, backups) = (Place::new(), Backups::new());
    stopped(begun(&place).await);
    fs::create_dir(backups.path("there")).unwrap();
    let (_, refused) = place.ends_with(1, &["backup", &backups.name("there")]);
    assert!(refused.contains("is there already"), "{refused}");
    let pepper = fs::read(place.data_dir().join("pepper")).unwrap();

    fs::remove_file(place.data_dir().join("pepper")).unwrap();
    let (_, refused) = place.ends_with(1, &["backup", &backups.name("a")]);
    assert!(refused.contains("pepper") && refused.contains("--without-secrets"), "{refused}");
    // Another one, made by a start on another database.
    let other = Place::new();
    other.serves();
    fs::copy(other.data_dir().join("pepper"), place.data_dir().join("pepper")).unwrap();
    let (_, refused) = place.ends_with(1, &["backup", &backups.name("a")]);
    assert!(refused.contains("is not the one that the database was set up with"), "{refused}");
    fs::write(place.data_dir().join("pepper"), pepper).unwrap();

    fs::remove_dir_all(place.data_dir().join("keys")).unwrap();
    fs::rename(other.data_dir().join("keys"), place.data_dir().join("keys")).unwrap();
    let (_, refused) = place.ends_with(1, &["backup", &backups.name("a")]);
    assert!(refused.contains("no key in") && refused.contains("one that the database knows"), "{refused}");
    assert_eq!(names(backups.0.path()), ["there"], "something half is left");
}

#[tokio::test]
async fn a_backup_without_secrets_needs_those_that_the_database_was_set_up_with() {
    let (place, backups) = (Place::new(), Backups::new());
    stopped(begun(&place).await);
    let said = backups.make(&place, "data", &["--without-secrets"]);
    assert!(said.contains("Keys and pepper are not in it"), "{said}");
    assert_eq!(names(&backups.path("data")), ["doorward.db", "manifest.json"]);
    backups.make(&place, "secrets", &["--secrets-only"]);
    assert_eq!(names(&backups.path("secrets")), ["keys", "manifest.json", "pepper"]);

    let elsewhere = Place::new();
    let refused = backups.refuses(1, &elsewhere, "data", &[]);
    assert!(refused.contains("there is no pepper at"), "{refused}");
    backups.restore(&elsewhere, "secrets", &[]);
    backups.restore(&elsewhere, "data", &[]);
    let service = elsewhere.start();
    assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::OK);

    let other = Place::new();
    other.serves();
    let refused = backups.refuses(1, &other, "data", &["--replace"]);
    assert!(refused.contains("is not the one that its database was set up with"), "{refused}");
    let said = backups.restore(&other, "data", &["--replace", "--without-secrets"]);
    assert!(said.contains("are not those of this database"), "{said}");
    assert!(other.refuses_to_serve().contains("the pepper in"), "the start says which");
}

#[test]
fn a_server_is_backed_up_by_its_own_tools_and_its_secrets_by_ours() {
    let (place, backups) = (Place::new(), Backups::new());
    place.serves();
    let place =
        place.with("DOORWARD_DATABASE_URL", "postgresql://doorward@127.0.0.1:1/doorward?sslmode=disable");
    let (_, refused) = place.ends_with(2, &["backup", &backups.name("all")]);
    assert!(refused.contains("pg_dump") && refused.contains("--secrets-only"), "{refused}");
    backups.make(&place, "secrets", &["--secrets-only"]);
    let (_, refused) = place.ends_with(2, &["check"]);
    assert!(refused.contains("its own tools"), "{refused}");
    let said = backups.restore(&place, "secrets", &[]);
    assert!(said.contains("are the same here already"), "{said}");
}
