use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{HASH, OLD, PASSWORD, accounts, new_path, results};
use crate::support::Place;

const ADA: &str = "ada@example.com";

/// Somebody with a name that a spreadsheet would calculate, one with a hash of another system, and the first admin.
async fn people(place: &Place) {
    let service = place.start();
    service.banner();
    service.register(ADA, PASSWORD).await;
    let [access, _] = service.tokens(ADA, PASSWORD).await;
    let change = json!({
        "profile": { "fullname": "=HYPERLINK(\"http://a.example\")", "city": "London, \"Soho\"" },
        "accounts": { "gmail": { "is_login": true } }, "played_games": ["chess", "go"],
        "user_type": { "streamer": { "streamer_id": "UC-ada", "streaming_history": ["s1"] } },
        "favorites": { "youtube": [{
            "id": "yt", "name": "One", "url": "https://a.example", "favorited_at": "2026-01-01T00:00:00Z",
        }] },
    });
    let (status, body) = service.ask(Method::PUT, "/api/user", &access, &change).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    service.stop();
    let row = json!({ "username": "bob@example.com", "password_hash": HASH, "active": false });
    let file = place.file("bob.ndjson", &row.to_string()).display().to_string();
    place.ends_with(0, &["users", "import", &file]);
}

/// Everything that is handed out, by username.
fn handed_out(place: &Place) -> Vec<Value> {
    let mut rows = results(&place.ends_with(0, &["users", "export", "--with-hashes"]).0);
    rows.sort_by_key(|row| row["username"].as_str().unwrap().to_owned());
    rows
}

#[tokio::test]
async fn what_is_handed_out_is_taken_in_elsewhere_as_the_same_accounts() {
    let here = Place::new();
    people(&here).await;
    for name in ["people.ndjson", "people.csv"] {
        let there = Place::new().with("DOORWARD_PEPPER_FILE", here.data_dir().join("pepper"));
        let file = new_path(&here, name);
        here.ends_with(0, &["users", "export", &file, "--with-hashes"]);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let (said, _) = there.ends_with(0, &["users", "import", &file]);
        assert!(said.contains("3 created"), "{said}");
        assert_eq!(handed_out(&there), handed_out(&here), "{name}");
        let service = there.start();
        assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::OK);
        assert_eq!(service.login("bob@example.com", OLD).await, StatusCode::FORBIDDEN, "disabled");
    }
}

#[tokio::test]
async fn hashes_with_another_pepper_are_refused_row_by_row() {
    let (here, there) = (Place::new(), Place::new());
    people(&here).await;
    let file = new_path(&here, "people.ndjson");
    here.ends_with(0, &["users", "export", &file, "--with-hashes"]);
    let (said, complaint) = there.ends_with(1, &["users", "import", &file]);
    assert!(said.contains("1 created") && said.contains("2 invalid"), "{said}");
    assert!(complaint.contains("another pepper"), "{complaint}");
    assert_eq!(accounts(&there), 1);
}

#[tokio::test]
async fn no_hash_goes_out_and_no_file_is_overwritten_unless_that_is_asked_for() {
    let place = Place::new();
    people(&place).await;
    let (said, _) = place.ends_with(0, &["users", "export"]);
    assert!(results(&said).len() == 3 && !said.contains("password") && !said.contains("$2"), "{said}");
    let (said, _) = place.ends_with(0, &["users", "export", "--format", "csv"]);
    assert!(said.contains("\"'=HYPERLINK(") && !said.contains("$2"), "{said}");
    let file = place.file("there.csv", "precious").display().to_string();
    place.ends_with(1, &["users", "export", &file]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    // Nor is anything else touched: where a draft was put once, somebody may have put a link.
    let csv = new_path(&place, "people.csv");
    std::os::unix::fs::symlink(&file, format!("{csv}.part")).unwrap();
    place.ends_with(0, &["users", "export", &csv]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    assert!(fs::read_to_string(&csv).unwrap().starts_with("\"id\",\"username\","));
    place.ends_with(2, &["users", "export", &new_path(&place, "people.txt")]);
    place.ends_with(2, &["users", "export", "--format", "json"]);
}

/// Where files may have no more than a few blocks, as on a full disk.
#[tokio::test]
async fn nothing_is_left_of_an_export_that_fails() {
    let place = Place::new();
    people(&place).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("people.ndjson");
    let rows = super::people(2_000);
    let more = place.file("more.ndjson", &rows).display().to_string();
    place.ends_with(0, &["users", "import", &more]);
    let command = place.command();
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 200; exec \"$0\" users export \"$1\" --with-hashes"]);
    shell.arg(command.get_program()).arg(&file).current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        value.map(|value| shell.env(name, value));
    }
    let ended = shell.output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(
        String::from_utf8(ended.stderr.clone()).unwrap().contains("people.ndjson cannot be used"),
        "{ended:?}"
    );
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "{ended:?}");
}

#[test]
fn somebody_who_stops_reading_is_no_failure() {
    let place = Place::new();
    place.serves();
    for arguments in [&["users", "export"][..], &["users", "list"]] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let ended = place.command().args(arguments).stdout(writer).output().unwrap();
        assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
    }
}
