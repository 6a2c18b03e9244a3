//! Keys that are at an end, and those whose time is over.

use std::fs;

use doorward_crypto::TokenAlgorithm;
use doorward_domain::port::Clock as _;

use super::super::choice::{Obstacle, Refused};
use super::super::error::LookFailed;
use super::super::news::News;
use super::super::overview::KeyState::{Active, Standby};
use super::super::rotation_failed::RotationFailed;
use super::keeping::{LEADING, exchange};
use super::scene::{DAY, Node, Scene};

#[tokio::test(start_paused = true)]
async fn tok_16_a_key_that_is_retired_ends_also_where_the_directory_is_broken() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let mut b = scene.node_like(&a).await;
    let (old, stolen) = (a.signing(), a.token(&scene));
    let new = a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap();
    a.hand_over(new.kid(), &b);
    scene.seconds_pass(10);
    for node in [&mut a, &mut b] {
        node.at_the_command_line(&scene).rotate(None, false).await.unwrap();
        node.look().await;
    }
    fs::write(b.file("odd.pem"), "odd").unwrap();
    a.at_the_command_line(&scene).retire(&old, true).await.unwrap();
    for _ in 0..2 {
        a.look().await;
        b.look().await;
        assert!(b.remarks()[0].starts_with("Unusable"), "{:?}", b.remarks());
        assert!(!a.accepts(&stolen, &scene) && !b.accepts(&stolen, &scene));
        assert!(b.accepts(&a.token(&scene), &scene) && a.accepts(&b.token(&scene), &scene));
    }
    fs::remove_file(b.file("odd.pem")).unwrap();
    b.look().await;
    assert!(!b.accepts(&stolen, &scene));
}

#[tokio::test(start_paused = true)]
async fn tok_16_a_key_that_is_retired_ends_also_where_the_directory_does_not_answer() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let mut b = scene.node_like(&a).await;
    let (old, stolen) = (a.signing(), a.token(&scene));
    let new = a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap();
    a.hand_over(new.kid(), &b);
    scene.seconds_pass(10);
    for node in [&mut a, &mut b] {
        node.at_the_command_line(&scene).rotate(None, false).await.unwrap();
        node.look().await;
    }
    b.be_silent(true);
    a.at_the_command_line(&scene).retire(&old, true).await.unwrap();
    assert!(b.accepts(&stolen, &scene));
    assert!(matches!(b.try_to_look().await, Err(LookFailed::Silence)));
    assert!(!b.accepts(&stolen, &scene) && b.accepts(&a.token(&scene), &scene));
    b.be_silent(false);
    b.look().await;
    assert!(!b.accepts(&stolen, &scene) && b.signs(&scene).await);
}

#[tokio::test(start_paused = true)]
async fn tok_16_a_node_whose_only_key_is_retired_signs_nothing_until_it_has_another() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let mut b = scene.node_like(&a).await;
    let (old, stolen) = (a.signing(), a.token(&scene));
    let new = a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap();
    a.at_the_command_line(&scene).rotate(None, true).await.unwrap();
    a.look().await;
    a.at_the_command_line(&scene).retire(&old, true).await.unwrap();
    assert!(b.accepts(&stolen, &scene) && b.signs(&scene).await);
    for _ in 0..2 {
        b.look().await;
        assert!(!b.accepts(&stolen, &scene) && !b.signs(&scene).await);
        assert!(b.remarks().contains(&format!("Silent({old:?})")), "{:?}", b.remarks());
    }
    a.hand_over(new.kid(), &b);
    b.look().await;
    assert!(b.signs(&scene).await && !b.accepts(&stolen, &scene));
    assert!(a.accepts(&b.token(&scene), &scene) && b.accepts(&a.token(&scene), &scene));
    assert_eq!(b.remarks(), [format!("Retired({old:?})")]);
}

#[tokio::test(start_paused = true)]
async fn tok_16_a_node_that_signs_nothing_takes_a_key_that_is_new_to_all() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let old = a.signing();
    let mut news = News::of(&"".into(), scene.rules, scene.clock.now());
    news.retire(&old, &scene.register().await);
    news.tell(&*scene.registry).await.unwrap();
    a.look().await;
    assert!(!a.signs(&scene).await);
    // By hand, as it can be done where nothing can be told at the command line.
    exchange(&a, "old.bak");
    for _ in 0..5 {
        a.look().await;
        assert!(!a.signs(&scene).await);
        scene.seconds_pass(2);
    }
    a.look().await;
    assert!(a.signs(&scene).await && a.accepts(&a.token(&scene), &scene));
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_key_is_retired_signs_with_the_one_that_others_have() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let mut b = scene.node_like(&a).await;
    let old = a.signing();
    let new = a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap();
    a.hand_over(new.kid(), &b);
    scene.seconds_pass(10);
    a.at_the_command_line(&scene).rotate(None, false).await.unwrap();
    a.at_the_command_line(&scene).retire(&old, true).await.unwrap();
    a.look().await;
    let stolen = b.token(&scene);
    b.look().await;
    assert_eq!((b.signing().as_str(), b.accepts(&stolen, &scene)), (new.kid(), false));
    assert!(b.remarks().iter().any(|remark| remark.starts_with("Retired")), "{:?}", b.remarks());
    let mut b = b.restart(&scene).await.unwrap();
    assert_eq!(b.signing(), new.kid());

    // As the log and the documentation say.
    let rotated = b.at_the_command_line(&scene).rotate(None, false).await.unwrap();
    assert_eq!((rotated.new.as_str(), rotated.old, rotated.left.len()), (new.kid(), None, 0));
    b.look().await;
    assert_eq!((b.signing().as_str(), b.remarks()), (new.kid(), vec![]));
    assert_eq!(fs::read_dir(b.place().path()).unwrap().count(), 1);
}

/// Its file may be gone anywhere, and so may what it once signed.
#[tokio::test(start_paused = true)]
async fn tok_16_a_key_whose_time_is_over_signs_again_only_where_every_node_has_it() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let mut b = scene.node_like(&a).await;
    let old = a.signing();
    let new = a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap().kid().to_owned();
    a.hand_over(&new, &b);
    scene.seconds_pass(10);
    for node in [&mut a, &mut b] {
        node.directory().lead_with(&new).unwrap();
        node.look().await;
    }
    scene.clock.advance(DAY);
    scene.seconds_pass(10 * 60);
    a.look().await;
    b.look().await;
    assert_eq!([a.signing(), b.signing()], [&*new, &*new]);
    b.directory().remove(&old).unwrap();
    b.look().await;

    a.directory().lead_with(&old).unwrap();
    for round in 0..40 {
        scene.seconds_pass(2);
        a.look().await;
        b.look().await;
        assert_eq!(a.signing(), new, "{round}");
        assert!(b.accepts(&a.token(&scene), &scene));
    }
    assert!(a.remarks()[0].starts_with("Waits"), "{:?}", a.remarks());
    assert!(b.remarks()[0].starts_with("Lacking"), "{:?}", b.remarks());
    assert_eq!(a.state_of(&old, &scene).await, Standby);
    let refused = a.at_the_command_line(&scene).rotate(Some(&old), false).await.unwrap_err();
    assert!(matches!(refused, RotationFailed::NotYet(_, Obstacle::Lacking(_))), "{refused}");

    a.hand_over(&old, &b);
    b.look().await;
    a.look().await;
    assert_eq!(a.signing(), old);
    assert!(b.accepts(&a.token(&scene), &scene));
    assert_eq!(a.state_of(&old, &scene).await, Active);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_was_stopped_for_long_goes_on_where_it_ended() {
    let scene = Scene::of_many();
    let a = scene.first_node().await;
    let b = scene.node_like(&a).await;
    let new = a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap().kid().to_owned();
    scene.seconds_pass(70);
    a.at_the_command_line(&scene).rotate(None, false).await.unwrap();
    let (places, old) = ([a.place(), b.place()], b.signing());
    drop((a, b));
    scene.clock.advance(DAY * 40);
    // This one has never heard of the new key, and whether all have its own one is not known any more.
    let refused = Node::start(&scene, places[1].clone()).await.err();
    assert_eq!(refused, Some(Refused::NothingSigns(old.clone(), Obstacle::Over)));
    let a = Node::start(&scene, places[0].clone()).await.unwrap();
    assert_eq!(a.signing(), new);
    let refused = Node::start(&scene, places[1].clone()).await.err();
    assert_eq!(refused, Some(Refused::Missing(vec![new.clone()])));
    fs::copy(a.file(LEADING), places[1].path().join("new.pem")).unwrap();
    let b = Node::start(&scene, places[1].clone()).await.unwrap();
    assert_eq!(b.signing(), new);
    assert!(a.accepts(&b.token(&scene), &scene));
}

#[tokio::test(start_paused = true)]
async fn tok_16_the_last_key_that_began_is_new_again_where_others_went_on_with_the_one_before() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let mut b = scene.node_like(&a).await;
    let old = a.signing();
    let new = a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap().kid().to_owned();
    a.hand_over(&new, &b);
    scene.seconds_pass(10);
    a.directory().lead_with(&new).unwrap();
    a.look().await;
    b.look().await;
    assert_eq!([a.signing(), b.signing()], [&*new, &*old]);
    let place = a.place();
    drop(a);
    for _ in 0..25 {
        scene.seconds_pass(60 * 60);
        b.look().await;
    }
    // All that it signed is over, so its file may be removed.
    b.directory().remove(&new).unwrap();
    b.look().await;
    let a = Node::start(&scene, place).await.unwrap();
    assert!(b.accepts(&a.token(&scene), &scene));
    assert_eq!(a.signing(), old);
}
