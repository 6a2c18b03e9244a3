//! What a running node makes of a directory that somebody changes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use doorward_crypto::{KeyDirectory, TokenAlgorithm};
use doorward_domain::port::KeyRegistry as _;

use super::super::choice::{Obstacle, Refused};
use super::super::register::{Fact, Register, fingerprints_in};
use super::scene::{DAY, Node, Scene};

pub(super) const LEADING: &str = "signing.pem";

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Puts another key in the place of the one that leads; under which name the old one stays.
pub(super) fn exchange(node: &Node, old: &str) {
    fs::rename(node.file(LEADING), node.file(old)).unwrap();
    KeyDirectory::at(node.place().path()).read_or_create(TokenAlgorithm::EdDsa).unwrap();
}

#[tokio::test(start_paused = true)]
async fn tok_15_a_directory_that_is_broken_changes_nothing_until_it_is_repaired() {
    let scene = Scene::of_one();
    let mut node = scene.first_node().await;
    let (kid, token) = (node.signing(), node.token(&scene));
    let good = fs::read(node.file(LEADING)).unwrap();
    let changes: [&dyn Fn(&Node); 6] = [
        &|node| fs::write(node.file(LEADING), "secret").unwrap(),
        &|node| set_mode(&node.file(LEADING), 0o644),
        &|node| fs::remove_file(node.file(LEADING)).unwrap(),
        &|node| {
            fs::copy(node.file(LEADING), node.file("copy.pem")).unwrap();
        },
        &|node| fs::write(node.file("odd.pem"), "odd").unwrap(),
        &|node| set_mode(node.place().path(), 0o777),
    ];
    for (number, change) in changes.iter().enumerate() {
        change(&node);
        for _ in 0..2 {
            node.look().await;
            assert!(node.remarks()[0].starts_with("Unusable"), "{number}: {:?}", node.remarks());
            assert!(node.accepts(&token, &scene) && node.signing() == kid);
        }
        set_mode(node.place().path(), 0o700);
        for name in ["copy.pem", "odd.pem"] {
            // Most of the changes make none.
            let _ = fs::remove_file(node.file(name));
        }
        fs::write(node.file(LEADING), &good).unwrap();
        set_mode(&node.file(LEADING), 0o600);
        node.look().await;
        assert_eq!((node.remarks(), node.signing()), (vec![], kid.clone()), "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn tok_16_a_key_whose_tokens_may_live_is_not_let_go_because_its_file_is_gone() {
    let scene = Scene::of_one();
    let mut node = scene.first_node().await;
    let (old, token) = (node.signing(), node.token(&scene));
    exchange(&node, "old.pem");
    node.look().await;
    assert_ne!(node.signing(), old);
    fs::remove_file(node.file("old.pem")).unwrap();
    node.look().await;
    assert!(node.remarks()[0].contains(&old) && node.accepts(&token, &scene), "{:?}", node.remarks());
    let place = node.place();
    assert_eq!(Node::start(&scene, place.clone()).await.err(), Some(Refused::Missing(vec![old.clone()])));

    // Once none of them is good it is missed by nobody.
    scene.clock.advance(DAY);
    scene.seconds_pass(10 * 60);
    node.look().await;
    assert_eq!((node.remarks(), node.others().len()), (vec![], 0));
    Node::start(&scene, place).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn another_key_without_the_old_one_is_not_taken() {
    let scene = Scene::of_many();
    let mut node = scene.first_node().await;
    let (old, token) = (node.signing(), node.token(&scene));
    exchange(&node, "old.bak");
    for _ in 0..20 {
        scene.seconds_pass(2);
        node.look().await;
    }
    assert!(node.signing() == old && node.accepts(&token, &scene));
    assert_eq!(node.restart(&scene).await.err(), Some(Refused::Missing(vec![old])));
}

/// As a secret in Kubernetes is changed: all at once on one node, and on the other some time later.
#[tokio::test(start_paused = true)]
async fn tok_16_a_secret_that_is_exchanged_in_one_step_waits_for_every_node() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let mut b = scene.node_like(&a).await;
    let old = a.signing();
    exchange(&a, "old.pem");
    for round in 0..40 {
        scene.seconds_pass(2);
        a.look().await;
        b.look().await;
        assert_eq!((a.signing(), b.signing()), (old.clone(), old.clone()), "{round}");
    }
    let new = a.others().remove(0);
    assert!(a.remarks()[0].contains(&b.place().path().display().to_string()), "{:?}", a.remarks());

    for name in [LEADING, "old.pem"] {
        fs::copy(a.file(name), b.file(name)).unwrap();
    }
    // Once to have it, once to have said so.
    for _ in 0..2 {
        b.look().await;
        a.look().await;
    }
    assert_eq!((a.signing(), b.signing()), (new.clone(), new));
    // The old one could still sign, which nobody needs.
    assert!([&a, &b].iter().all(|node| node.remarks().concat().starts_with("Whole(")), "{:?}", a.remarks());
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_gone_holds_nobody_up_for_longer_than_a_minute() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let mut gone = scene.node_like(&a).await;
    let old = a.signing();
    exchange(&a, "old.pem");
    a.look().await;
    gone.look().await;
    drop(gone);
    scene.seconds_pass(59);
    a.look().await;
    assert_eq!(a.signing(), old);
    scene.seconds_pass(1);
    a.look().await;
    assert_ne!(a.signing(), old);
}

#[tokio::test(start_paused = true)]
async fn a_node_starts_with_a_key_more_and_without_one_that_has_not_signed() {
    let scene = Scene::of_many();
    let a = scene.first_node().await;
    let b = scene.node_like(&a).await;
    let key = a.directory().generate(TokenAlgorithm::EdDsa).unwrap();
    let mut a = a.restart(&scene).await.unwrap();
    a.look().await;
    assert!(a.remarks()[0].starts_with("Unknown") && a.others() == [key.kid()], "{:?}", a.remarks());
    a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap();
    let b = b.restart(&scene).await.unwrap();
    assert!(b.remarks()[0].starts_with("Lacking"), "{:?}", b.remarks());
    assert!(b.accepts(&a.token(&scene), &scene));
}

#[tokio::test(start_paused = true)]
async fn a_node_does_not_start_without_the_key_that_others_sign_with() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let b = scene.node_like(&a).await;
    let new = a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap();
    let place = b.place();
    drop(b);
    scene.seconds_pass(10);
    a.at_the_command_line(&scene).rotate(None, false).await.unwrap();
    a.look().await;
    let refused = Node::start(&scene, place.clone()).await.err();
    assert_eq!(refused, Some(Refused::Missing(vec![new.kid().to_owned()])));
    fs::copy(a.file(LEADING), place.path().join("new.pem")).unwrap();
    Node::start(&scene, place).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_node_that_starts_between_two_steps_signs_with_what_all_know() {
    let scene = Scene::of_many();
    let a = scene.first_node().await;
    let b = scene.node_like(&a).await;
    let old = a.signing();
    exchange(&a, "old.pem");
    let a = a.restart(&scene).await.unwrap();
    assert_eq!(a.signing(), old);
    assert!(b.accepts(&a.token(&scene), &scene));
    // Without the private half of the old key there is nothing that it could sign with.
    a.directory().keep_public_half(&old).unwrap();
    let place = a.place();
    drop(a);
    let refused = Node::start(&scene, place).await.err();
    assert!(matches!(refused, Some(Refused::NothingSigns(_, Obstacle::New))), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn what_earlier_versions_registered_is_taken_as_it_was_meant() {
    let scene = Scene::of_many();
    let a = scene.first_node().await;
    exchange(&a, "old.pem");
    let keys = a.directory().read().unwrap();
    let kids: Vec<_> = keys.iter().map(|key| key.kid().to_owned()).collect();
    let entries = fingerprints_in(&super::super::fingerprints(None, Some(&keys)));
    scene.registry.register(&entries).await.unwrap();
    let a = a.restart(&scene).await.unwrap();
    assert_eq!((a.signing(), a.others()), (kids[0].clone(), vec![kids[1].clone()]));
    // Whichever of them has signed: none of them stands by now.
    let register = scene.register().await;
    assert!(kids.iter().all(|kid| register.key(kid).at(Fact::Began).is_some()));
    let place = a.place();
    drop(a);
    fs::remove_file(place.path().join("old.pem")).unwrap();
    scene.registry.register(&entries).await.unwrap();
    assert_eq!(Node::start(&scene, place).await.err(), Some(Refused::Missing(vec![kids[1].clone()])));
}

#[tokio::test(start_paused = true)]
async fn a_node_says_now_and_then_what_it_signs_with_and_otherwise_keeps_still() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let kid = a.signing();
    let said =
        async || Register::read(&scene.registry.registered().await.unwrap()).key(&kid).at(Fact::Signed);
    let first = said().await;
    for _ in 0..100 {
        scene.seconds_pass(5);
        a.look().await;
        assert_eq!(said().await, first);
    }
    scene.seconds_pass(100);
    a.look().await;
    assert!(said().await > first);
}
