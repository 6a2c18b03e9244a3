//! Files that change places, with a crash after each step.

use std::fs;
use std::path::Path;

use super::moves::{Move, Notice, staged_beside};
use super::{RestoreFailed, copy_part, settle, unfinished};
use crate::backup::{Backup, Manifest, Unusable, copy_private};

/// A database with its log, one that is to take its place, and a directory likewise.
fn scene(directory: &Path) -> Notice {
    let [database, keys] = ["doorward.db", "keys"].map(|name| directory.join(name));
    fs::write(&database, "old").unwrap();
    fs::write(directory.join("doorward.db-wal"), "old log").unwrap();
    fs::create_dir(&keys).unwrap();
    fs::write(keys.join("signing.pem"), "old key").unwrap();
    let [new_database, new_keys] = [&database, &keys].map(|place| staged_beside(place).unwrap());
    fs::write(&new_database, "new").unwrap();
    fs::create_dir(&new_keys).unwrap();
    fs::write(new_keys.join("signing.pem"), "new key").unwrap();
    let moves = vec![
        Move::into(&database, &new_database, ".replaced-x"),
        Move::into(&keys, &new_keys, ".replaced-x"),
    ];
    Notice { backup: directory.join("backup"), moves }
}

fn content(directory: &Path, name: &str) -> String {
    fs::read_to_string(directory.join(name)).unwrap_or_default()
}

fn is_done(directory: &Path) -> bool {
    [
        ("doorward.db", "new"),
        ("doorward.db-wal", ""),
        ("keys/signing.pem", "new key"),
        ("doorward.db.replaced-x", "old"),
        ("doorward.db.replaced-x-wal", "old log"),
        ("keys.replaced-x/signing.pem", "old key"),
    ]
    .into_iter()
    .all(|(name, expected)| content(directory, name) == expected)
        && fs::read_dir(directory).unwrap().count() == 5
}

/// In the order in which they are renamed.
const STEPS: [(&str, &str); 5] = [
    ("doorward.db", "doorward.db.replaced-x"),
    ("doorward.db-wal", "doorward.db.replaced-x-wal"),
    ("doorward.db.restoring", "doorward.db"),
    ("keys", "keys.replaced-x"),
    ("keys.restoring", "keys"),
];

#[test]
fn whatever_was_done_before_a_crash_the_rest_is_done_after_it() {
    for done in 0..=STEPS.len() {
        let directory = tempfile::tempdir().unwrap();
        let notice = scene(directory.path());
        notice.write_beside(&directory.path().join("doorward.db")).unwrap();
        for (from, to) in &STEPS[..done] {
            fs::rename(directory.path().join(from), directory.path().join(to)).unwrap();
        }
        let database = directory.path().join("doorward.db");
        assert_eq!(unfinished(&database).unwrap(), Some(directory.path().join("backup")));
        let found = Notice::beside(&database).unwrap().unwrap();
        assert_eq!(found, notice);
        found.carry_out().unwrap();
        found.carry_out().unwrap();
        Notice::remove(&database).unwrap();
        assert_eq!(unfinished(&database).unwrap(), None);
        assert!(is_done(directory.path()), "after {done} steps");
    }
}

#[test]
fn a_move_that_fails_in_the_middle_is_undone() {
    for failing in 0..2 {
        let directory = tempfile::tempdir().unwrap();
        let mut notice = scene(directory.path());
        // Nothing can be moved to where nothing is.
        notice.moves[failing].aside = Some(directory.path().join("nowhere/aside"));
        assert!(notice.carry_out().is_err());
        notice.undo().unwrap();
        notice.discard();
        for (name, expected) in
            [("doorward.db", "old"), ("doorward.db-wal", "old log"), ("keys/signing.pem", "old key")]
        {
            assert_eq!(content(directory.path(), name), expected, "{failing}");
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3, "{failing}");
    }
}

#[test]
fn what_is_mounted_by_itself_is_refused_before_anything_is_moved() {
    let directory = tempfile::tempdir().unwrap();
    let check = |place: &Path| Move::into(place, &directory.path().join("staged"), ".aside").check();
    assert!(matches!(check(Path::new("/proc")), Err(RestoreFailed::Mounted(_))));
    let place = directory.path().join("pepper");
    check(&place).unwrap();
    fs::write(&place, "pepper").unwrap();
    check(&place).unwrap();
}

#[test]
fn a_part_that_changes_after_it_was_checked_is_not_taken() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    fs::write(path("original"), "a pepper").unwrap();
    let part = copy_private(&path("original"), &path("pepper"), "pepper").unwrap();
    let manifest = Manifest::new("2026-01-01T00:00:00Z".to_owned(), None, vec![part]);
    let backup = Backup { directory: directory.path().to_owned(), manifest, database: None };
    copy_part(&backup, "pepper", &path("first")).unwrap();
    fs::write(path("pepper"), "b pepper").unwrap();
    let refused = copy_part(&backup, "pepper", &path("second"));
    assert!(matches!(refused, Err(RestoreFailed::Backup(Unusable::Changed(_)))), "{refused:?}");
}

#[test]
fn a_database_is_not_taken_for_closed_because_it_cannot_be_opened() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("doorward.db");
    settle(&file).unwrap();
    fs::write(&file, "something else, and far too long to be an empty database").unwrap();
    settle(&file).unwrap();
    fs::hard_link(&file, directory.path().join("second-name")).unwrap();
    assert!(matches!(settle(&file), Err(RestoreFailed::Settle(..))));
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(matches!(settle(&file), Err(RestoreFailed::Settle(..))));
}

#[test]
fn what_was_moved_aside_before_keeps_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("pepper");
    for (content, aside) in [("a", "pepper.replaced-x"), ("b", "pepper.replaced-x-2")] {
        fs::write(&place, content).unwrap();
        let staged = staged_beside(&place).unwrap();
        fs::write(&staged, "new").unwrap();
        let step = Move::into(&place, &staged, ".replaced-x");
        assert_eq!(step.aside.as_deref(), Some(directory.path().join(aside).as_path()));
        Notice { backup: place.clone(), moves: vec![step] }.carry_out().unwrap();
    }
    assert_eq!(content(directory.path(), "pepper.replaced-x"), "a");
}

#[test]
fn a_notice_that_cannot_be_read_is_not_taken_for_none() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("doorward.db");
    fs::write(directory.path().join("doorward.db-restore"), "half").unwrap();
    assert!(unfinished(&database).is_err());
}
