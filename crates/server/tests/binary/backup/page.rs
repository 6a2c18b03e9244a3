//! What docs/backup.md says is to be pasted.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use reqwest::StatusCode;

use super::{ADA, Backups, PASSWORD, begun, names, stopped};
use crate::support::Place;

/// The commands of the page that stand behind this mark.
fn commands(mark: &str) -> String {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/backup.md")).unwrap();
    let (_, behind) = page.split_once(&format!("<!-- tried: {mark} -->\n```sh\n")).unwrap();
    behind.split_once("```").unwrap().0.to_owned()
}

/// What the commands of a mark come to in a shell that goes on after a failure, as the one of an operator does.
fn pasted(place: &Place, backups: &Backups, mark: &str) -> Output {
    let settings = place.command();
    let mut shell = Command::new("sh");
    shell.args(["-c", &commands(mark)]).current_dir(backups.0.path());
    for (name, value) in settings.get_envs() {
        value.map(|value| shell.env(name, value));
    }
    let directory = Path::new(env!("CARGO_BIN_EXE_doorward")).parent().unwrap().display();
    shell
        .env("PATH", format!("{directory}:/usr/local/bin:/usr/bin:/bin"))
        .env("backups", backups.0.path())
        .output()
        .unwrap()
}

fn well(output: Output) -> String {
    let said = [output.stdout, output.stderr].map(|stream| String::from_utf8(stream).unwrap()).concat();
    assert!(output.status.success(), "{said}");
    said
}

#[tokio::test]
async fn the_commands_of_the_page_bring_last_night_back() {
    let (place, backups) = (Place::new(), Backups::new());
    let service = begun(&place).await;
    well(pasted(&place, &backups, "backup"));
    service.register("bob@example.com", PASSWORD).await;
    stopped(service);
    let said = well(pasted(&place, &backups, "restore"));
    assert!(said.ends_with("Nothing is wrong.\n"), "{said}");
    let service = place.start();
    assert_eq!(service.login(ADA, PASSWORD).await, StatusCode::OK);
    assert_eq!(service.login("bob@example.com", PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(backups.count(), 1);
}

#[tokio::test]
async fn an_old_backup_is_deleted_only_after_a_new_one_was_made() {
    const OLD: &str = "2020-01-01T000000Z";
    let (place, backups) = (Place::new(), Backups::new());
    stopped(begun(&place).await);
    fs::create_dir(backups.path(OLD)).unwrap();
    let aged = Command::new("touch").args(["-d", "2020-01-01", &backups.name(OLD)]).status().unwrap();
    assert!(aged.success());
    let [pepper, aside] = ["pepper", "aside"].map(|name| place.data_dir().join(name));
    fs::rename(&pepper, &aside).unwrap();
    assert!(!pasted(&place, &backups, "backup").status.success());
    assert_eq!(names(backups.0.path()), [OLD]);
    fs::rename(&aside, &pepper).unwrap();
    well(pasted(&place, &backups, "backup"));
    assert!(!backups.path(OLD).exists() && backups.count() == 1);
}
