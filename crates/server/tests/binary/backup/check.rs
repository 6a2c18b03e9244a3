//! Damage, in a backup and in a database that is served.

use std::fs;

use super::{Backups, begun, stopped};
use crate::databases::alter;
use crate::support::Place;

#[tokio::test]
async fn a_backup_that_was_changed_is_refused_and_changes_nothing() {
    let (place, backups) = (Place::new(), Backups::new());
    stopped(begun(&place).await);
    for (name, file) in [("a", "doorward.db"), ("b", "pepper"), ("c", "keys/signing.pem")] {
        backups.make(&place, name, &[]);
        let path = backups.path(name).join(file);
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, bytes).unwrap();
        let elsewhere = Place::new();
        let refused = backups.refuses(1, &elsewhere, name, &[]);
        assert!(refused.contains(file) && refused.contains("the backup is damaged"), "{refused}");
        assert!(!elsewhere.database().exists());
    }
    let manifest = backups.path("a").join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    for (from, to, expected) in [
        ("\"pepper\"", "\"../pepper\"", "which no backup has"),
        ("keys/signing.pem", "keys/../../x.pem", "which no backup has"),
        ("\"format\": 1", "\"format\": 2", "its form 2 is not known"),
    ] {
        fs::write(&manifest, text.replace(from, to)).unwrap();
        let refused = backups.refuses(1, &Place::new(), "a", &[]);
        assert!(refused.contains(expected), "{refused}");
    }
    fs::remove_file(&manifest).unwrap();
    let refused = backups.refuses(1, &Place::new(), "a", &[]);
    assert!(refused.contains("is no backup: it has no manifest.json"), "{refused}");
}

#[tokio::test]
async fn check_tells_what_is_wrong_beside_a_running_service_and_answers_the_shell() {
    let place = Place::new();
    let service = begun(&place).await;
    let (said, _) = place.ends_with(0, &["check"]);
    assert!(said.contains(" 2 users\n") && said.ends_with("Nothing is wrong.\n"), "{said}");
    alter(&place.database(), "PRAGMA busy_timeout = 10000; DELETE FROM user_addresses");
    let (said, _) = place.ends_with(1, &["check"]);
    assert!(said.contains("2 accounts are not found by an address"), "{said}");
    stopped(service);
    fs::write(place.database(), "something else").unwrap();
    let (_, refused) = place.ends_with(1, &["check"]);
    assert!(refused.contains("not a SQLite database"), "{refused}");
}
