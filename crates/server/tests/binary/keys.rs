//! Keys and pepper that every node shares: a node with other ones does not serve, and says what is wrong.

use std::fs;
use std::path::{Path, PathBuf};

use reqwest::StatusCode;

use crate::databases::{forget_fingerprints, migrated};
use crate::support::Place;

const FINGERPRINTS: &[&str] = &["keys", "fingerprints"];
const ADOPT: &[&str] = &["keys", "adopt"];
const ADA: (&str, &str) = ("ada@example.com", "correct horse batt");

fn pepper(place: &Place) -> PathBuf {
    place.data_dir().join("pepper")
}

fn keys(place: &Place) -> PathBuf {
    place.data_dir().join("keys")
}

fn signing(place: &Place) -> PathBuf {
    keys(place).join("signing.pem")
}

/// A service that ran once.
fn used() -> Place {
    let place = Place::new();
    place.serves();
    place
}

/// Exchanges the contents of two files, whose permissions are the same.
fn swap(one: &Path, other: &Path) {
    let content = fs::read(one).unwrap();
    fs::copy(other, one).unwrap();
    fs::write(other, content).unwrap();
}

/// What fingerprints say: how many lines begin with each word.
fn standings(place: &Place, code: i32) -> [usize; 4] {
    let (said, _) = place.ends_with(code, FINGERPRINTS);
    ["same ", "differs ", "missing ", "unknown "]
        .map(|word| said.lines().filter(|line| line.starts_with(word)).count())
}

#[test]
fn a_first_start_registers_what_it_makes() {
    let place = Place::new();
    let (_, complaint) = place.ends_with(1, FINGERPRINTS);
    assert!(complaint.contains("there is no such file"), "{complaint}");
    assert!(!place.data_dir().exists());
    place.serves();
    assert_eq!(standings(&place, 0), [2, 0, 0, 0]);
    place.serves();
}

#[test]
fn another_pepper_is_not_served_with() {
    let (place, other) = (used(), used());
    swap(&pepper(&place), &pepper(&other));
    let refused = place.refuses_to_serve();
    assert!(refused.contains("the pepper in ") && refused.contains("has the fingerprint"), "{refused}");
    assert!(refused.contains("doorward keys adopt") && !refused.contains("signing key"), "{refused}");
    assert_eq!(standings(&place, 1), [1, 1, 0, 0]);
    swap(&pepper(&place), &pepper(&other));
    place.serves();
}

#[test]
fn another_signing_key_is_not_served_with() {
    let (place, other) = (used(), used());
    swap(&signing(&place), &signing(&other));
    let refused = place.refuses_to_serve();
    assert!(
        refused.contains("is registered, but not in") && refused.contains("is not registered"),
        "{refused}"
    );
    assert!(!refused.contains("the pepper in"), "{refused}");
    assert_eq!(standings(&place, 1), [1, 0, 1, 1]);
}

#[test]
fn one_key_more_is_not_served_with_either() {
    let (place, other) = (used(), used());
    fs::copy(signing(&other), keys(&place).join("other.pem")).unwrap();
    let refused = place.refuses_to_serve();
    assert!(refused.contains("is not registered") && !refused.contains("is registered, but"), "{refused}");
    assert_eq!(standings(&place, 1), [2, 0, 0, 1]);
}

#[test]
fn what_is_missing_is_named_and_not_made() {
    let place = used();
    fs::remove_file(pepper(&place)).unwrap();
    let refused = place.refuses_to_serve();
    assert!(
        refused.contains("data/pepper") && refused.contains("copy them from a node that runs"),
        "{refused}"
    );
    assert!(!refused.contains("signing.pem") && !refused.contains("keys adopt"), "{refused}");
    assert_eq!(standings(&place, 1), [1, 0, 1, 0]);

    fs::remove_dir_all(keys(&place)).unwrap();
    let refused = place.refuses_to_serve();
    assert!(refused.contains("data/pepper and ") && refused.contains("keys/signing.pem"), "{refused}");
    let (_, complaint) = place.ends_with(1, ADOPT);
    assert!(complaint.contains("data/pepper") && !pepper(&place).exists(), "{complaint}");
    assert!(!keys(&place).exists());
}

#[test]
fn a_database_of_an_earlier_version_is_taken_for_that_of_the_files_beside_it() {
    let place = used();
    forget_fingerprints(&place.database());
    let (_, complaint) = place.ends_with(0, FINGERPRINTS);
    assert!(complaint.contains("Nothing is registered yet"), "{complaint}");
    place.serves();
    assert_eq!(standings(&place, 0), [2, 0, 0, 0]);

    forget_fingerprints(&place.database());
    fs::remove_file(pepper(&place)).unwrap();
    assert!(place.refuses_to_serve().contains("data/pepper"));
    assert!(!pepper(&place).exists());
}

#[test]
fn an_admin_is_not_made_with_another_pepper() {
    let (place, other) = (used(), used());
    swap(&pepper(&place), &pepper(&other));
    let password = place.file("password", ADA.1);
    let command = ["admin", "create", ADA.0, "--password-file", password.to_str().unwrap()];
    assert!(place.ends_with(1, &command).1.contains("the pepper in"));
}

#[test]
fn what_is_adopted_is_served_with() {
    let (place, other) = (used(), used());
    swap(&pepper(&place), &pepper(&other));
    swap(&signing(&place), &signing(&other));
    let (said, _) = place.ends_with(0, ADOPT);
    assert!(said.contains("WARNING: passwords that were set with the other pepper no longer work"), "{said}");
    assert_eq!(said.matches("  new ").count(), 2, "{said}");
    assert_eq!(standings(&place, 0), [2, 0, 0, 0]);
    place.serves();
}

#[tokio::test]
async fn a_key_put_aside_goes_on_verifying_beside_the_new_one() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    service.register(ADA.0, ADA.1).await;
    let [before, _] = service.tokens(ADA.0, ADA.1).await;
    service.stop();

    fs::rename(signing(&place), keys(&place).join("2025.pem")).unwrap();
    let refused = place.refuses_to_serve();
    assert!(refused.contains("if a new key shall sign from now on, run `doorward keys adopt`"), "{refused}");
    let (said, _) = place.ends_with(0, ADOPT);
    assert!(!said.contains("WARNING") && said.matches("  as before ").count() == 2, "{said}");

    let service = place.start();
    service.banner();
    let [after, _] = service.tokens(ADA.0, ADA.1).await;
    for token in [before, after] {
        assert_eq!(service.me(&token).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_second_node_without_the_files_is_told_to_get_them() {
    let Some(database) = migrated().await else { return };
    let [first, second] = [(); 2].map(|()| Place::new().at(&database.url()));
    first.serves();
    let refused = second.refuses_to_serve();
    assert!(refused.contains("data/pepper and ") && refused.contains("copy them from a node"), "{refused}");
    fs::copy(pepper(&first), pepper(&second)).unwrap();
    fs::create_dir(keys(&second)).unwrap();
    fs::set_permissions(keys(&second), fs::metadata(keys(&first)).unwrap().permissions()).unwrap();
    fs::copy(signing(&first), signing(&second)).unwrap();
    second.serves();
    assert_eq!(standings(&second, 0), [2, 0, 0, 0]);
}
