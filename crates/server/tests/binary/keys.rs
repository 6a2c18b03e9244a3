//! Keys and pepper that every node shares: a node with other ones does not serve, and says what is wrong.

use std::fs;
use std::path::{Path, PathBuf};

use doorward_testkit::postgres::TestDatabase;
use reqwest::StatusCode;

use crate::databases::{forget_fingerprints, migrated};
use crate::keys_support::{active_key, signs_with};
use crate::support::{Doorward, Place};

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
fn one_key_more_does_no_harm_and_is_told() {
    let (place, other) = (used(), used());
    fs::copy(signing(&other), keys(&place).join("other.pem")).unwrap();
    let service = place.start();
    service.log_with("not registered: it verifies on this node alone");
    service.banner();
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

/// Two nodes of one service, each with files of its own, and the access tokens that they gave out.
struct Pair {
    places: [Place; 2],
    running: Vec<Doorward>,
    tokens: Vec<String>,
}

impl Pair {
    async fn start(database: &TestDatabase) -> Self {
        let places = [(); 2].map(|()| Place::new().at(&database.url()));
        places[0].serves();
        fs::create_dir_all(keys(&places[1])).unwrap();
        for directory in [Place::data_dir, keys] {
            let permissions = fs::metadata(directory(&places[0])).unwrap().permissions();
            fs::set_permissions(directory(&places[1]), permissions).unwrap();
        }
        for file in [pepper, signing] {
            fs::copy(file(&places[0]), file(&places[1])).unwrap();
        }
        let running = places.iter().map(Place::start).collect::<Vec<_>>();
        for node in &running {
            node.banner();
        }
        running[0].register(ADA.0, ADA.1).await;
        let mut pair = Self { places, running, tokens: Vec::new() };
        pair.check().await;
        pair
    }

    /// Changes the files of every node, as an operator does.
    fn files(&self, change: impl Fn(&Place)) {
        self.places.iter().for_each(change);
    }

    /// Restarts the nodes one by one.
    async fn restart_one_by_one(&mut self) {
        for number in 0..self.places.len() {
            let (status, _, stderr) = self.running.remove(number).stop();
            assert!(status.success(), "{stderr}");
            let node = self.places[number].start();
            node.banner();
            self.running.insert(number, node);
            self.check().await;
        }
    }

    /// Every node gives out tokens, and whatever any gave out is good for all.
    async fn check(&mut self) {
        for node in &self.running {
            let [access, _] = node.tokens(ADA.0, ADA.1).await;
            self.tokens.push(access);
        }
        for node in &self.running {
            for token in &self.tokens {
                assert_eq!(node.me(token).await, StatusCode::OK);
            }
        }
    }

    fn newest(&self) -> &str {
        self.tokens.last().unwrap()
    }
}

/// The part of a token that names its key.
fn head(token: &str) -> &str {
    token.split('.').next().unwrap()
}

#[tokio::test]
async fn tok_16_a_signing_key_is_replaced_node_by_node_and_every_token_stays_good() {
    let Some(database) = migrated().await else { return };
    let new = used();
    let mut pair = Pair::start(&database).await;
    let old_head = head(pair.newest()).to_owned();

    // By hand: the new key verifies on every node before it signs on any.
    pair.files(|place| {
        fs::copy(signing(&new), keys(place).join("next.pem")).unwrap();
    });
    pair.places[0].ends_with(0, ADOPT);
    pair.check().await;
    pair.restart_one_by_one().await;
    assert_eq!(head(pair.newest()), old_head);

    // Some nodes are restarted after that, some go over by themselves: each as soon as all may have the key.
    pair.files(|place| {
        fs::rename(signing(place), keys(place).join("old.pem")).unwrap();
        fs::rename(keys(place).join("next.pem"), signing(place)).unwrap();
    });
    pair.check().await;
    pair.restart_one_by_one().await;
    for node in &pair.running {
        signs_with(node, &active_key(&new)).await;
    }
    pair.check().await;
    assert_ne!(head(pair.newest()), old_head);
    assert_eq!(standings(&pair.places[1], 0), [3, 0, 0, 0]);

    // Once everything that it signed has expired it can go.
    pair.files(|place| fs::remove_file(keys(place).join("old.pem")).unwrap());
    pair.places[0].ends_with(0, ADOPT);
    let gone = pair.tokens.iter().find(|token| head(token) == old_head).unwrap().clone();
    pair.tokens.retain(|token| head(token) != old_head);
    pair.restart_one_by_one().await;
    for node in &pair.running {
        assert_eq!(node.me(&gone).await, StatusCode::UNAUTHORIZED);
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
