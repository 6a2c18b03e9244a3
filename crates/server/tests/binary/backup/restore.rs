//! What a backup brings back, and what becomes of what was there.

use std::fs;
use std::path::{Path, PathBuf};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ADA, Backups, PASSWORD, begun, names, stopped};
use crate::databases::{make_newer, make_older};
use crate::support::Place;

#[tokio::test]
async fn what_was_logged_out_since_a_backup_lives_again_only_if_that_is_wanted() {
    let (place, backups) = (Place::new(), Backups::new());
    let service = begun(&place).await;
    let [access, _] = service.tokens(ADA, PASSWORD).await;
    backups.make(&place, "today", &[]);
    let (status, _) = service.ask(Method::GET, "/api/auth/logout", &access, &Value::Null).await;
    assert_eq!(status, StatusCode::OK);
    stopped(service);
    for (options, expected) in
        [(&["--replace"][..], StatusCode::UNAUTHORIZED), (&["--replace", "--keep-sessions"], StatusCode::OK)]
    {
        backups.restore(&place, "today", options);
        let service = place.start();
        assert_eq!(service.me(&access).await, expected, "{options:?}");
        stopped(service);
    }
}

#[tokio::test]
async fn what_is_there_is_moved_aside_and_never_deleted() {
    let (place, backups) = (Place::new(), Backups::new());
    let service = begun(&place).await;
    backups.make(&place, "today", &[]);
    service.register("bob@example.com", PASSWORD).await;
    // Its log stays beside the file.
    service.signal("KILL");
    service.wait();

    let refused = backups.refuses(1, &place, "today", &[]);
    assert!(refused.contains("doorward.db is there already") && refused.contains("--replace"), "{refused}");
    let said = backups.restore(&place, "today", &["--replace"]);
    let (_, replaced) = said.split_once("What was there is ").unwrap();
    let replaced = replaced.split_once(" now.").unwrap().0;
    let service = place.start();
    assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::OK);
    assert_eq!(service.login("bob@example.com", PASSWORD).await, StatusCode::UNAUTHORIZED);
    stopped(service);

    // The command that is told shows what was undone.
    let (_, told) = said.split_once("DOORWARD_DATABASE_URL=").unwrap();
    let (url, told) = told.split_once(" doorward ").unwrap();
    assert_eq!(url, format!("sqlite://{replaced}"));
    let before = Place::new().with("DOORWARD_DATABASE_URL", url);
    let arguments: Vec<&str> = told.lines().next().unwrap().split(' ').collect();
    assert!(before.ends_with(0, &arguments).0.contains("bob@example.com"));
}

#[tokio::test]
async fn nothing_is_restored_while_somebody_serves_the_file_or_has_it_open() {
    let (place, backups) = (Place::new(), Backups::new());
    let service = begun(&place).await;
    backups.make(&place, "today", &[]);
    let refused = backups.refuses(75, &place, "today", &["--replace"]);
    assert!(refused.contains("another process serves"), "{refused}");
    stopped(service);

    // A command that runs beside has no lock but SQLite's own.
    let store = doorward_sqlite_store(&place.database());
    let refused = backups.refuses(75, &place, "today", &["--replace"]);
    assert!(refused.contains("has") && refused.contains("doorward.db open"), "{refused}");
    store.close();
    assert_eq!(names(&place.data_dir()), ["doorward.db", "doorward.db-served", "keys", "pepper"]);
    backups.restore(&place, "today", &["--replace"]);
}

fn doorward_sqlite_store(file: &Path) -> doorward_sqlite::SqliteStore {
    doorward_sqlite::SqliteStore::open(file, doorward_sqlite::SqliteSettings::default()).unwrap()
}

#[tokio::test]
async fn other_keys_and_another_pepper_are_moved_aside_with_the_database_they_belong_to() {
    let (place, backups) = (Place::new(), Backups::new());
    stopped(begun(&place).await);
    backups.make(&place, "today", &[]);
    let other = Place::new();
    other.serves();
    let refused = backups.refuses(1, &other, "today", &[]);
    for name in ["doorward.db", "pepper", "keys"] {
        assert!(refused.contains(other.data_dir().join(name).to_str().unwrap()), "{refused}");
    }
    let said = backups.restore(&other, "today", &["--replace"]);
    assert_eq!(said.matches("What was there is ").count(), 3, "{said}");
    let service = other.start();
    assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::OK);
}

#[tokio::test]
async fn a_key_that_was_retired_since_the_backup_stays_retired() {
    let (place, backups) = (Place::new(), Backups::new());
    stopped(begun(&place).await);
    backups.make(&place, "today", &[]);
    let old: Value =
        serde_json::from_str(&place.ends_with(0, &["keys", "list", "--format", "json"]).0).unwrap();
    let old = old["keys"].as_array().or(old.as_array()).unwrap()[0]["kid"].as_str().unwrap().to_owned();
    place.ends_with(0, &["keys", "generate"]);
    place.ends_with(0, &["keys", "rotate"]);
    place.ends_with(0, &["keys", "retire", &old, "--now"]);

    let said = backups.restore(&place, "today", &["--replace"]);
    assert!(said.contains("retired since the backup stays so"), "{said}");
    let list = place.ends_with(0, &["keys", "list"]).0;
    let line = list.lines().find(|line| line.contains(&old)).unwrap();
    assert!(line.contains("retired"), "{list}");
    let service = place.start();
    assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::OK);
}

#[tokio::test]
async fn keys_that_were_lost_come_back_with_the_database() {
    let (place, backups) = (Place::new(), Backups::new());
    stopped(begun(&place).await);
    backups.make(&place, "today", &[]);
    let keys = place.data_dir().join("keys");
    let other = Place::new();
    other.serves();
    // Once they are gone, and once they are another service's.
    for foreign in [None, Some(other.data_dir().join("keys"))] {
        fs::remove_dir_all(&keys).unwrap();
        if let Some(foreign) = foreign {
            fs::rename(foreign, &keys).unwrap();
        }
        let said = backups.restore(&place, "today", &["--replace"]);
        assert!(said.contains("Keys and pepper are those of the backup"), "{said}");
        let service = place.start();
        assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::OK);
        stopped(service);
    }
}

#[tokio::test]
async fn older_tables_are_brought_up_to_date_and_newer_ones_refused() {
    let (place, backups) = (Place::new(), Backups::new());
    stopped(begun(&place).await);
    make_older(&place.database());
    backups.make(&place, "older", &[]);
    let elsewhere = Place::new();
    backups.restore(&elsewhere, "older", &[]);
    let service = elsewhere.start();
    assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::OK);
    stopped(service);

    make_newer(&elsewhere.database());
    let (_, refused) = elsewhere.ends_with(1, &["backup", &backups.name("newer")]);
    assert!(refused.contains("newer version"), "{refused}");
    assert!(!backups.path("newer").exists());
}

#[tokio::test]
async fn a_restore_that_was_interrupted_is_finished_before_anybody_opens_the_database() {
    let (place, backups) = (Place::new(), Backups::new());
    stopped(begun(&place).await);
    backups.make(&place, "today", &[]);
    // As a crash leaves it that comes when the old file is aside and the new one not in its place.
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", place.database().display()));
    fs::rename(place.database(), beside(".replaced-now")).unwrap();
    fs::copy(backups.path("today").join("doorward.db"), beside(".restoring")).unwrap();
    let notice = json!({ "backup": backups.name("today"), "moves": [{
        "staged": beside(".restoring"), "place": place.database(), "aside": beside(".replaced-now"),
    }] });
    fs::write(beside("-restore"), notice.to_string()).unwrap();

    let finish = format!("doorward restore {}", backups.name("today"));
    assert!(place.refuses_to_serve().contains(&finish));
    for command in [&["migrate", "apply"][..], &["audit"], &["backup", "/tmp/never"]] {
        assert!(place.ends_with(1, command).1.contains(&finish), "{command:?}");
    }
    assert!(!place.database().exists(), "one was made");
    let refused = backups.refuses(1, &place, "another", &[]);
    assert!(refused.contains(&finish), "{refused}");
    assert!(backups.restore(&place, "today", &[]).contains("is finished"));
    let service = place.start();
    assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::OK);
    assert!(!beside("-restore").exists() && beside(".replaced-now").exists());
}
