//! Keys that are exchanged while the service runs: nobody is logged out, and what is retired is refused.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Instant;

use base64::Engine as _;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::databases::migrated;
use crate::keys_support::{
    ADA, PATIENCE, Pair, active_key, copy_files, generate, give_mode, header, in_state, keys, list,
    published, signs_with, with_own_files,
};
use crate::support::Place;

#[tokio::test]
async fn tok_16_nodes_that_share_a_directory_go_over_to_a_new_key_under_load() {
    let Some(database) = migrated().await else { return };
    let shared = tempfile::tempdir().unwrap();
    let place = || {
        with_own_files(&database)
            .with("DOORWARD_KEYS_DIR", shared.path().join("keys"))
            .with("DOORWARD_PEPPER_FILE", shared.path().join("pepper"))
    };
    let pair = Pair::start([place(), place()]).await;
    let old = active_key(&pair.places[0]);
    let load = pair.load().await;
    let [first, _] = pair.nodes[1].tokens(ADA.0, ADA.1).await;

    // One at once after the other: the second waits until both nodes have seen the key.
    pair.at(0, &["keys", "generate"]).await;
    let (told, _) = pair.at(1, &["keys", "rotate"]).await;
    assert!(told.contains(&format!("keys retire {old}")), "{told}");
    let new = active_key(&pair.places[0]);
    for node in &pair.nodes {
        signs_with(node, &new).await;
        assert_eq!(published(node).await.len(), 2);
    }
    load.goes_on().await;
    let refresh = load.end().await;
    assert_eq!(header(&refresh)["kid"], new.as_str());

    let (_, complaint) = pair.places[0].ends_with(1, &["keys", "retire", &old]);
    assert!(complaint.contains("may be good until 20"), "{complaint}");
    pair.at(0, &["keys", "retire", &old, "--now"]).await;
    pair.retires(&old, &first, &refresh).await;
    assert_eq!(in_state(&pair.places[1], "retired"), [old]);
}

#[tokio::test]
async fn tok_16_nodes_with_directories_of_their_own_go_over_one_after_the_other_under_load() {
    let Some(database) = migrated().await else { return };
    let places = [(); 2].map(|()| with_own_files(&database));
    places[0].serves();
    fs::create_dir_all(keys(&places[1])).unwrap();
    give_mode(&places[1].data_dir(), 0o700);
    give_mode(&keys(&places[1]), 0o700);
    for directory in [Place::data_dir, keys] {
        copy_files(&directory(&places[0]), &directory(&places[1]));
    }
    let pair = Pair::start(places).await;
    let old = active_key(&pair.places[0]);
    let load = pair.load().await;
    let [first, _] = pair.nodes[1].tokens(ADA.0, ADA.1).await;

    pair.at(0, &["keys", "generate"]).await;
    let new = in_state(&pair.places[0], "standby").remove(0);
    // The node that lacks it says so, and nothing is rotated.
    pair.nodes[1].log_with(&format!("the standby key {new} is registered, but not there"));
    let missing_on = |line: &Value| line["kid"] == new.as_str() && line["missing_on"] != json!([]);
    let begun = Instant::now();
    while !list(&pair.places[0]).iter().any(missing_on) {
        assert!(begun.elapsed() < PATIENCE);
    }
    load.goes_on().await;

    // Meanwhile somebody puts it in place by hand on the first node: that waits as well.
    let name = format!("key-{new}.pem");
    let generated = fs::read(keys(&pair.places[0]).join(&name)).unwrap();
    let before = fs::read(keys(&pair.places[0]).join("signing.pem")).unwrap();
    fs::write(keys(&pair.places[0]).join("old.pem"), before).unwrap();
    give_mode(&keys(&pair.places[0]).join("old.pem"), 0o600);
    fs::rename(keys(&pair.places[0]).join(&name), keys(&pair.places[0]).join("signing.pem")).unwrap();
    pair.nodes[0].log_with("which does not sign yet");
    load.goes_on().await;

    fs::write(keys(&pair.places[1]).join(&name), generated).unwrap();
    give_mode(&keys(&pair.places[1]).join(&name), 0o600);
    signs_with(&pair.nodes[0], &new).await;
    signs_with(&pair.nodes[1], &old).await;
    load.goes_on().await;
    pair.at(1, &["keys", "rotate"]).await;
    signs_with(&pair.nodes[1], &new).await;
    load.goes_on().await;
    let refresh = load.end().await;
    assert_eq!(header(&refresh)["kid"], new.as_str());

    // On one node for all of them.
    pair.at(1, &["keys", "retire", "--now", &old]).await;
    pair.retires(&old, &first, &refresh).await;
    pair.nodes[0].log_with("holds a key that is retired and not used");
}

#[tokio::test]
async fn tok_16_a_node_alone_changes_its_key_and_its_algorithm_while_it_serves() {
    let place = Place::new().without_throttles();
    let service = place.start();
    service.banner();
    service.register(ADA.0, ADA.1).await;
    let [first, mut refresh] = service.tokens(ADA.0, ADA.1).await;
    let mut tokens = vec![first];
    for algorithm in ["ES256", "HS256", "EdDSA"] {
        let old = active_key(&place);
        let line = |arguments: &[&str]| {
            let output =
                place.command().env("DOORWARD_TOKEN_ALGORITHM", algorithm).args(arguments).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        let told = line(&["keys", "generate"]);
        assert!(told.starts_with(&format!("standby  {algorithm}  ")), "{told}");
        let new = in_state(&place, "standby").remove(0);
        let told = line(&["keys", "rotate", &new]);
        assert!(told.starts_with(&format!("active    {new}\nretiring  {old}\n")), "{told}");
        let begun = Instant::now();
        loop {
            let (status, body) = service.ask(Method::POST, "/api/auth/refresh", &refresh, &Value::Null).await;
            assert_eq!(status, StatusCode::OK, "{body}");
            let [access, next] = ["access_token", "refresh_token"]
                .map(|name| body["results"][name].as_str().unwrap().to_owned());
            refresh = next;
            if header(&access)["kid"] == new.as_str() {
                assert_eq!(header(&access)["alg"], algorithm);
                tokens.push(access);
                break;
            }
            assert!(begun.elapsed() < PATIENCE);
        }
        for token in &tokens {
            assert_eq!(service.me(token).await, StatusCode::OK);
        }
        // A secret is not published, whatever its state.
        let published = published(&service).await;
        let public = list(&place).into_iter().filter(|line| line["algorithm"] != "HS256").count();
        assert_eq!(published.len(), public);
        assert!(
            published
                .iter()
                .all(|key| key["kty"] != "oct" && key.get("k").is_none() && key.get("d").is_none())
        );
    }
    assert_eq!(in_state(&place, "retiring").len(), 3);
    // Those of them that verify with a public half have only that left.
    let halved = list(&place).into_iter().filter(|line| {
        line["state"] == "retiring"
            && fs::read_to_string(line["file"].as_str().unwrap()).unwrap().contains("PUBLIC")
    });
    assert_eq!(halved.count(), 2);
}

#[tokio::test]
async fn a_refresh_that_is_answered_once_more_is_the_same_bit_for_bit_whatever_signs() {
    for algorithm in ["EdDSA", "ES256", "HS256"] {
        let place = Place::new().with("DOORWARD_TOKEN_ALGORITHM", algorithm);
        let service = place.start();
        service.banner();
        service.register(ADA.0, ADA.1).await;
        let [_, refresh] = service.tokens(ADA.0, ADA.1).await;
        assert_eq!(header(&refresh)["alg"], algorithm);
        let answers = [
            service.ask(Method::POST, "/api/auth/refresh", &refresh, &Value::Null).await,
            service.ask(Method::POST, "/api/auth/refresh", &refresh, &Value::Null).await,
        ];
        assert_eq!(answers[0].0, StatusCode::OK);
        assert_eq!(answers[0].1["results"], answers[1].1["results"]);
    }
}

#[tokio::test]
async fn tok_15_a_key_that_is_exchanged_for_a_bad_one_is_told_and_not_used() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    service.register(ADA.0, ADA.1).await;
    let [access, _] = service.tokens(ADA.0, ADA.1).await;
    fs::write(keys(&place).join("signing.pem"), "secret").unwrap();
    let log = service.log_with("the keys there are not used, and those before stay in use");
    assert!(log.contains("signing.pem does not hold one key"), "{log}");
    assert_eq!(service.me(&access).await, StatusCode::OK);
    assert_eq!(service.login(ADA.0, ADA.1).await, StatusCode::OK);
    drop(service);
    assert!(place.refuses_to_serve().contains("signing.pem does not hold one key"));
}

#[test]
fn tok_15_a_short_weak_or_published_secret_stops_the_start() {
    let place = Place::new().with("DOORWARD_TOKEN_ALGORITHM", "HS256");
    place.serves();
    let file = keys(&place).join("signing.pem");
    let encode = |secret: &[u8]| base64::engine::general_purpose::STANDARD.encode(secret);
    for (secret, why) in [
        (encode(&[7; 31]), "32 to 64 random bytes"),
        (encode(b"secret"), "32 to 64 random bytes"),
        (encode(&[0; 32]), "weak or published"),
        (encode(b"a-string-secret-at-least-256-bits-long"), "weak or published"),
        ("hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG+Onbc6mxCcYg=".to_owned(), "weak or published"),
    ] {
        fs::write(&file, format!("-----BEGIN HS256 KEY-----\n{secret}\n-----END HS256 KEY-----\n")).unwrap();
        let refused = place.refuses_to_serve();
        assert!(refused.contains(why) && !refused.contains(&secret), "{refused}");
    }
}

#[test]
fn tok_17_generated_keys_are_for_their_owner_alone_and_kept() {
    let place = Place::new();
    place.serves();
    let first = active_key(&place);
    let standby = generate(&place);
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(keys(&place).join(format!("key-{standby}.pem"))), 0o600);
    place.ends_with(0, &["keys", "rotate", &standby]);
    for name in ["signing.pem".to_owned(), format!("key-{first}.pem")] {
        assert_eq!(mode(keys(&place).join(name)), 0o600);
    }
    for _ in 0..2 {
        place.serves();
        assert_eq!(active_key(&place), standby);
    }
    assert_eq!(fs::read_dir(keys(&place)).unwrap().count(), 2);
}

#[test]
fn keys_are_told_in_lines() {
    let place = Place::new();
    place.serves();
    generate(&place);
    let (told, _) = place.ends_with(0, &["keys", "list"]);
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert!(
        lines[0].starts_with("active    EdDSA  ") && lines[0].ends_with("/signing.pem  registered"),
        "{told}"
    );
    assert!(lines[1].starts_with("standby   EdDSA  ") && lines[1].contains("  since 20"), "{told}");
}

#[test]
fn what_cannot_be_done_to_a_key_is_said_and_not_done() {
    let place = Place::new();
    let (_, complaint) = place.ends_with(1, &["keys", "list"]);
    assert!(complaint.contains("there is no such file") && !place.data_dir().exists(), "{complaint}");
    let (_, complaint) = place.ends_with(1, &["keys", "generate"]);
    assert!(complaint.contains("there is no such file") && !place.data_dir().exists(), "{complaint}");
    place.serves();
    let active = active_key(&place);
    for (arguments, why) in [
        (&["keys", "rotate"][..], "there is no standby key here"),
        (&["keys", "rotate", "-no-such-key"], "there is no key -no-such-key"),
        (&["keys", "retire", "-no-such-key", "--now"], "there is no key -no-such-key"),
        (&["keys", "retire", "--now", &active], "is in signing.pem"),
    ] {
        let (_, complaint) = place.ends_with(1, arguments);
        assert!(complaint.contains(why), "{arguments:?}: {complaint}");
    }
    assert_eq!(active_key(&place), active);
}
