//! The commands that end by themselves.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use crate::support::Place;

/// What a failed command says, after its exit code was checked.
fn complaint(output: &Output, code: i32) -> String {
    let complaint = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{complaint}");
    complaint
}

#[test]
fn an_unknown_setting_stops_the_start_and_leaves_nothing_behind() {
    let place = Place::new();
    let output = place.command().env("DOORWARD_BNID", "127.0.0.1:1").output().unwrap();
    assert!(complaint(&output, 2).contains("DOORWARD_BNID is no setting; did you mean DOORWARD_BIND?"));
    assert!(!place.data_dir().exists());
}

#[test]
fn the_usual_file_is_found_in_the_working_directory() {
    let place = Place::new();
    place.file("doorward.toml", "colour = 'blue'");
    assert!(complaint(&place.run(&["serve"]), 2).contains("colour (in doorward.toml) is no setting"));
}

#[test]
fn the_description_of_the_api_is_printed() {
    let output = Place::new().run(&["openapi"]);
    assert!(output.status.success());
    let description: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(description["openapi"].as_str().unwrap().starts_with("3."));
    assert!(description["paths"]["/api/auth/login"]["post"].is_object());
}

#[test]
fn help_and_version_are_no_failures() {
    for arguments in [["--help"], ["-h"], ["--version"]] {
        assert!(Place::new().run(&arguments).status.success(), "{arguments:?}");
    }
}

#[test]
fn a_password_file_makes_an_admin_once() {
    let place = Place::new();
    let file = place.file("password", "a password of some length\n");
    let file = file.to_str().unwrap();
    let create = |arguments: &[&str]| place.run(&[&["admin", "create"], arguments].concat());

    let made = create(&["ada@example.com", "--password-file", file]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert_eq!(String::from_utf8(made.stdout).unwrap(), "ada@example.com is an admin now.\n");

    let again = create(&["ADA@example.com", "--password-file", file]);
    assert!(complaint(&again, 1).contains("an account with the address ADA@example.com exists already"));
    assert!(
        complaint(&create(&["ada", "--password-file", file]), 1)
            .contains("\"ada\" must be an e-mail address")
    );
    assert!(complaint(&create(&["bob@example.com", "--password-file", "/nowhere"]), 1).contains("/nowhere"));
}

#[test]
fn a_password_may_come_from_standard_input() {
    let place = Place::new();
    let password = place.file("password", "a password of some length\n");
    let output = place
        .command()
        .args(["admin", "create", "ada@example.com", "--password-file", "-"])
        .stdin(File::open(password).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_weak_password_makes_no_admin_and_is_not_repeated() {
    let place = Place::new();
    let file = place.file("password", "tiny");
    let output =
        place.run(&["admin", "create", "ada@example.com", "--password-file", file.to_str().unwrap()]);
    let complaint = complaint(&output, 1);
    assert!(complaint.contains("the password must have at least 8 characters"), "{complaint}");
    assert!(!complaint.contains("tiny"));
}

#[test]
fn a_data_directory_that_others_may_enter_is_refused() {
    let place = Place::new();
    std::fs::create_dir(place.data_dir()).unwrap();
    std::fs::set_permissions(place.data_dir(), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(complaint(&place.run(&["serve"]), 1).contains("chmod 700"));
    assert_eq!(std::fs::read_dir(place.data_dir()).unwrap().count(), 0);
}
