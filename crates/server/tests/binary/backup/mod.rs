//! `doorward backup` and `restore`: what is in a backup, and what it brings back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::databases::{alter, make_newer, make_older};
use crate::support::{Doorward, Place};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse batt";

/// A backup in a place of its own.
struct Backups(tempfile::TempDir);

impl Backups {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Makes one, and answers what was said.
    fn make(&self, place: &Place, name: &str, options: &[&str]) -> String {
        place.ends_with(0, &[&["backup", &self.name(name)], options].concat()).0
    }

    fn restore(&self, place: &Place, name: &str, options: &[&str]) -> String {
        place.ends_with(0, &[&["restore", &self.name(name)], options].concat()).0
    }

    /// Restoring fails with this code; why.
    fn refuses(&self, code: i32, place: &Place, name: &str, options: &[&str]) -> String {
        place.ends_with(code, &[&["restore", &self.name(name)], options].concat()).1
    }

    fn count(&self) -> usize {
        fs::read_dir(&self.0).unwrap().count()
    }
}

/// A service in which Ada has an account.
async fn begun(place: &Place) -> Doorward {
    let service = place.start();
    service.banner();
    service.register(ADA, PASSWORD).await;
    service
}

fn stopped(service: Doorward) {
    let (status, _, stderr) = service.stop();
    assert!(status.success(), "{stderr}");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

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

/// The commands of the page that stand behind this mark.
fn commands(mark: &str) -> String {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/backup.md")).unwrap();
    let (_, behind) = page.split_once(&format!("<!-- tried: {mark} -->\n```sh\n")).unwrap();
    behind.split_once("```").unwrap().0.to_owned()
}

#[tokio::test]
async fn the_commands_of_the_page_bring_last_night_back() {
    let (place, backups) = (Place::new(), Backups::new());
    let service = begun(&place).await;
    let binary = Path::new(env!("CARGO_BIN_EXE_doorward"));
    let pasted = |mark: &str| {
        let settings = place.command();
        let mut shell = std::process::Command::new("sh");
        shell.args(["-euc", &commands(mark)]).current_dir(backups.0.path());
        for (name, value) in settings.get_envs() {
            value.map(|value| shell.env(name, value));
        }
        let directory = binary.parent().unwrap().display();
        shell
            .env("PATH", format!("{directory}:/usr/local/bin:/usr/bin:/bin"))
            .env("backups", backups.0.path());
        let output = shell.output().unwrap();
        let said = [output.stdout, output.stderr].map(|stream| String::from_utf8(stream).unwrap()).concat();
        assert!(output.status.success(), "{said}");
        said
    };
    pasted("backup");
    service.register("bob@example.com", PASSWORD).await;
    stopped(service);
    let said = pasted("restore");
    assert!(said.ends_with("Nothing is wrong.\n"), "{said}");
    let service = place.start();
    assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::OK);
    assert_eq!(service.login("bob@example.com", PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(backups.count(), 1);
}
