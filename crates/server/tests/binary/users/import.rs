use reqwest::StatusCode;
use serde_json::json;

use super::{HASH, OLD, PASSWORD, accounts, new_path, people, results, row, told};
use crate::databases::migrated;
use crate::support::Place;

#[tokio::test]
async fn people_of_another_system_log_in_with_their_passwords_beside_a_running_service() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    let file = place.file("people.ndjson", &(row("ada@example.com") + &row("bob@example.com")));
    let (said, _) = place.ends_with(0, &["users", "import", &file.display().to_string()]);
    assert!(said.contains("2 created"), "{said}");
    assert_eq!(service.login("ada@example.com", OLD).await, StatusCode::OK);
    assert_eq!(service.login("ada@example.com", OLD).await, StatusCode::OK, "also with the hash made anew");
    assert_eq!(service.login("bob@example.com", PASSWORD).await, StatusCode::UNAUTHORIZED);
    let details = &told(&place)[0];
    assert_eq!(
        (&details["by"], &details["count"], &details["lines"]),
        (&json!("command_line"), &json!("2"), &json!("1-2"))
    );
}

#[tokio::test]
async fn a_password_that_comes_in_plain_is_held_against_the_rules_and_hashed() {
    let place = Place::new();
    let table = format!(
        "username,password,profile.fullname\nada@example.com,{PASSWORD},\"Lovelace, Ada\"\nbob@example.com,bob,Bob\n"
    );
    let file = place.file("people.csv", &table);
    let kept = new_path(&place, "results.ndjson");
    place.ends_with(1, &["users", "import", &file.display().to_string(), "--results", &kept]);
    let text = std::fs::read_to_string(&kept).unwrap();
    let lines = results(&text);
    assert_eq!((&lines[0]["outcome"], &lines[0]["line"]), (&json!("created"), &json!(2)));
    assert_eq!(
        (&lines[1]["outcome"], &lines[1]["faults"][0]["field"]),
        (&json!("invalid"), &json!("password"))
    );
    assert!(!text.contains(PASSWORD) && !text.contains("$2"), "{text}");
    let service = place.start();
    assert_eq!(service.login("ada@example.com", PASSWORD).await, StatusCode::OK);
}

#[test]
fn each_row_is_told_what_became_of_it_and_none_spoils_another() {
    let place = Place::new();
    let rows = [
        row("ada@example.com"),
        "not json\n".to_owned(),
        row("ADA@example.com"),
        json!({ "username": "bob@example.com", "email": "Ada@Example.com", "password_hash": HASH })
            .to_string()
            + "\n",
        json!({ "username": "eve", "role": "root" }).to_string() + "\n",
        json!({ "username": "cut@example.com", "password_hash": HASH.get(..50) }).to_string() + "\n",
        row("zoe@example.com"),
    ];
    let file = place.file("people.ndjson", &rows.concat()).display().to_string();
    let kept = new_path(&place, "results.ndjson");
    let (said, complaint) = place.ends_with(1, &["users", "import", &file, "--results", &kept]);
    for part in ["2 created", "1 exist", "1 conflicts", "3 invalid"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(complaint.contains("line 2: must be one JSON object"), "{complaint}");
    let lines = results(&std::fs::read_to_string(&kept).unwrap());
    let outcomes: Vec<_> = lines.iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["created", "invalid", "exists", "conflict", "invalid", "invalid", "created"]);
    assert_eq!(lines[0]["id"], lines[2]["id"]);
    assert_eq!(lines[4]["username"], "eve");
    let fields: Vec<_> = lines[4]["faults"].as_array().unwrap().iter().map(|fault| &fault["field"]).collect();
    assert_eq!(fields, ["username", "role"]);
    let again = new_path(&place, "again.ndjson");
    let (said, _) = place.ends_with(1, &["users", "import", &file, "--results", &again]);
    assert!(said.contains("0 created") && said.contains("3 exist"), "{said}");
    assert_eq!((accounts(&place), told(&place).len()), (2, 1));
}

#[test]
fn the_earlier_of_two_rows_has_the_account_though_its_password_is_yet_to_be_hashed() {
    let place = Place::new();
    // As many passwords as are hashed together, and a batch after them that needs none.
    let hashed: String = (1..=16)
        .map(|number| {
            json!({ "username": format!("user{number}@example.com"), "password": PASSWORD }).to_string()
                + "\n"
        })
        .collect();
    let file = place.file("people.ndjson", &(hashed + &row("user16@example.com"))).display().to_string();
    let kept = new_path(&place, "results.ndjson");
    place.ends_with(0, &["users", "import", &file, "--results", &kept]);
    let lines = results(&std::fs::read_to_string(&kept).unwrap());
    let outcomes: Vec<_> = lines.iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!((&outcomes[..16], outcomes[16]), (&["created"; 16][..], "exists"));
}

#[test]
fn a_rehearsal_changes_nothing() {
    let place = Place::new();
    place.serves();
    let file = place.file("people.ndjson", &people(3)).display().to_string();
    let (said, _) = place.ends_with(0, &["users", "import", &file, "--dry-run"]);
    assert!(said.contains("3 would be created"), "{said}");
    assert_eq!((accounts(&place), told(&place).len()), (0, 0));
}

#[tokio::test]
async fn the_seeds_file_for_bulk_inserts_is_read() {
    let place = Place::new();
    let person = |name: &str, password: &str| {
        json!({
            "name": name, "username": name, "email": format!("{name}@example.com"), "hobby": "eating",
            "password": password, "password_confirm": password, "create_time": "2020-06-29 16:49:24.517730",
        })
    };
    let file = json!([person("ardi", PASSWORD), person("yuza", "yuza")]);
    let file = place.file("dummy-user-data.json", &format!("{file:#}")).display().to_string();
    let (said, complaint) = place.ends_with(1, &["users", "import", &file]);
    assert!(
        said.contains("1 created") && complaint.contains("password must have at least 8"),
        "{said}{complaint}"
    );
    let (shown, _) = place.ends_with(0, &["users", "show", "ardi@example.com", "--format", "json"]);
    assert!(
        shown.contains("\"created_at\":\"2020-06-29T16:49:24.517Z\"")
            && shown.contains("\"fullname\":\"ardi\"")
    );
}

#[test]
fn a_file_that_is_none_is_told_before_anything_is_changed() {
    let place = Place::new();
    let nowhere = new_path(&place, "nowhere.ndjson");
    let (_, said) = place.ends_with(1, &["users", "import", &nowhere]);
    assert!(said.contains("cannot be used"), "{said}");
    let (_, said) = place.ends_with(2, &["users", "import", "-"]);
    assert!(said.contains("--format"), "{said}");
    let table = place.file("people.csv", "username,shoe_size\n").display().to_string();
    let (_, said) = place.ends_with(1, &["users", "import", &table]);
    assert!(said.contains("no column \"shoe_size\""), "{said}");
    assert_eq!(accounts(&place), 0);
}

#[tokio::test]
async fn accounts_come_into_a_server_likewise_and_again() {
    let Some(database) = migrated().await else { return };
    let place = Place::new().at(&database.url());
    let file = place.file("people.ndjson", &people(2_500)).display().to_string();
    let (said, _) = place.ends_with(0, &["users", "import", &file]);
    assert!(said.contains("2500 created"), "{said}");
    let (said, _) = place.ends_with(0, &["users", "import", &file]);
    assert!(said.contains("0 created") && said.contains("2500 exist"), "{said}");
    assert_eq!(accounts(&place), 2_500);
    let counts: u64 =
        told(&place).iter().map(|details| details["count"].as_str().unwrap().parse::<u64>().unwrap()).sum();
    assert_eq!(counts, 2_500);
}
