//! The way of a key from its making to its end.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use doorward_crypto::TokenAlgorithm;
use tokio::time::Instant;

use super::super::choice::Obstacle;
use super::super::overview::KeyState::{Active, Retired, Retiring, Standby};
use super::super::retirement::Cost;
use super::super::rotation_failed::RotationFailed;
use super::scene::{DAY, Scene, assert_good};

#[tokio::test(start_paused = true)]
async fn tok_16_a_node_alone_goes_over_to_a_new_key_and_retires_the_old_one() {
    let scene = Scene::of_one();
    let mut node = scene.first_node().await;
    let (old, before) = (node.signing(), node.token(&scene));
    for algorithm in TokenAlgorithm::ALL {
        node.at_the_command_line(&scene).generate(algorithm).await.unwrap();
        node.look().await;
        assert_eq!((node.signing(), node.others().len()), (old.clone(), 1));
        let standby = node.others().remove(0);
        assert_eq!(node.state_of(&standby, &scene).await, Standby);
        // It has signed nothing: nobody minds.
        let retired = node.at_the_command_line(&scene).retire(&standby, false).await.unwrap();
        assert_eq!((retired.cost, retired.left), (Cost::Nothing, None));
        node.look().await;
        assert_eq!(node.others(), [""; 0]);
        assert_eq!(node.state_of(&standby, &scene).await, Retired);
    }

    let new = node.at_the_command_line(&scene).generate(TokenAlgorithm::Es256).await.unwrap();
    let rotated = node.at_the_command_line(&scene).rotate(None, false).await.unwrap();
    assert_eq!((rotated.new.as_str(), rotated.old.unwrap().0), (new.kid(), old.clone()));
    node.look().await;
    assert_eq!((node.signing().as_str(), node.others()), (new.kid(), vec![old.clone()]));
    assert_eq!(node.state_of(new.kid(), &scene).await, Active);
    assert_eq!(node.state_of(&old, &scene).await, Retiring);
    let after = node.token(&scene);
    assert_good(&[before.clone(), after.clone()], &[&node], &scene);
    // Nobody can sign with the old one any more.
    assert!(!node.directory().read().unwrap().find(&old).unwrap().can_sign());

    let refused = node.at_the_command_line(&scene).retire(&old, false).await.unwrap_err();
    assert!(matches!(&refused, RotationFailed::TokensLive(kid, Some(_)) if *kid == old), "{refused}");
    assert!(refused.to_string().contains("until 2026-01-02T00:10:00Z"), "{refused}");
    scene.clock.advance(DAY);
    node.at_the_command_line(&scene).retire(&old, false).await.unwrap_err();
    scene.seconds_pass(10 * 60);
    let retired = node.at_the_command_line(&scene).retire(&old, false).await.unwrap();
    assert_eq!((retired.cost, retired.left), (Cost::Nothing, None));
    node.look().await;
    assert_eq!((node.signing().as_str(), node.others().len()), (new.kid(), 0));
    assert!(!node.accepts(&before, &scene));
    assert_eq!(node.state_of(&old, &scene).await, Retired);
    assert_eq!(fs::read_dir(node.place().path()).unwrap().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn tok_16_a_key_that_is_retired_at_once_is_refused_at_once() {
    let scene = Scene::of_one();
    let mut node = scene.first_node().await;
    let (old, before) = (node.signing(), node.token(&scene));
    assert!(node.accepts(&before, &scene));
    let refused = node.at_the_command_line(&scene).retire(&old, true).await.unwrap_err();
    assert!(matches!(refused, RotationFailed::Signs(_)), "{refused}");
    node.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap();
    node.at_the_command_line(&scene).rotate(None, false).await.unwrap();
    node.look().await;
    let retired = node.at_the_command_line(&scene).retire(&old, true).await.unwrap();
    assert!(matches!(retired.cost, Cost::Tokens(Some(_))) && retired.left.is_none());
    node.look().await;
    assert!(!node.accepts(&before, &scene));
    // Once more does no harm.
    let again = node.at_the_command_line(&scene).retire(&old, true).await.unwrap();
    assert_eq!(again.cost, Cost::Nothing);
}

#[tokio::test(start_paused = true)]
async fn tok_16_nodes_with_directories_of_their_own_are_changed_one_after_the_other() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let mut b = scene.node_like(&a).await;
    let old = a.signing();
    let mut tokens = vec![a.token(&scene), b.token(&scene)];
    let new = a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap().kid().to_owned();
    a.look().await;
    b.look().await;
    assert!(b.remarks()[0].starts_with("Lacking"), "{:?}", b.remarks());

    // The other node lacks the key, and says so: nothing is changed.
    scene.seconds_pass(20);
    b.look().await;
    let refused = a.at_the_command_line(&scene).rotate(None, false).await.unwrap_err();
    assert!(
        matches!(&refused, RotationFailed::NotYet(kid, Obstacle::Lacking(_)) if *kid == new),
        "{refused}"
    );
    assert!(refused.to_string().contains(&b.place().path().display().to_string()), "{refused}");
    a.look().await;
    assert_eq!(a.signing(), old);

    a.hand_over(&new, &b);
    b.look().await;
    let rotated = a.at_the_command_line(&scene).rotate(None, false).await.unwrap();
    assert_eq!(rotated.new, new);
    a.look().await;
    b.look().await;
    assert_eq!((a.signing(), b.signing()), (new.clone(), old.clone()));
    assert_eq!((a.state_of(&old, &scene).await, b.state_of(&new, &scene).await), (Retiring, Standby));
    tokens.extend([a.token(&scene), b.token(&scene)]);
    assert_good(&tokens, &[&a, &b], &scene);

    // On the other node the same command does the same.
    scene.seconds_pass(60 * 60);
    b.look().await;
    let rotated = b.at_the_command_line(&scene).rotate(None, false).await.unwrap();
    assert_eq!(rotated.new, new);
    b.look().await;
    assert_eq!(b.signing(), new);
    tokens.push(b.token(&scene));
    assert_good(&tokens, &[&a, &b], &scene);

    // What counts is the node that went on for longest.
    scene.clock.advance(DAY);
    let refused = a.at_the_command_line(&scene).retire(&old, false).await.unwrap_err();
    assert!(refused.to_string().contains("until 2026-01-02T01:10:20Z"), "{refused}");
    scene.seconds_pass(10 * 60);
    a.at_the_command_line(&scene).retire(&old, false).await.unwrap();
    for node in [&mut a, &mut b] {
        node.look().await;
        assert!(!node.others().contains(&old));
    }
    // It is the file that is left on the other node.
    assert!(b.remarks()[0].starts_with("Left"), "{:?}", b.remarks());
    b.at_the_command_line(&scene).retire(&old, false).await.unwrap();
    b.look().await;
    assert_eq!(b.remarks(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn tok_16_nodes_that_share_a_directory_have_ten_seconds_to_see_a_key() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let mut b = a.beside(&scene).await;
    let new = a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap();
    let refused = a.at_the_command_line(&scene).rotate(None, false).await.unwrap_err();
    assert!(matches!(refused, RotationFailed::NotYet(_, Obstacle::New)), "{refused}");
    for _ in 0..5 {
        scene.seconds_pass(2);
        a.look().await;
        b.look().await;
    }
    a.at_the_command_line(&scene).rotate(None, false).await.unwrap();
    b.look().await;
    assert_ne!(a.signing(), b.signing());
    assert_good(&[a.token(&scene), b.token(&scene)], &[&a, &b], &scene);
    a.look().await;
    assert_eq!([a.signing(), b.signing()], [new.kid(), new.kid()]);
    assert_good(&[a.token(&scene), b.token(&scene)], &[&a, &b], &scene);
}

#[tokio::test(start_paused = true)]
async fn whoever_cannot_wait_rotates_at_once() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let mut b = scene.node_like(&a).await;
    let new = a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap();
    b.look().await;
    a.at_the_command_line(&scene).rotate(None, true).await.unwrap();
    a.look().await;
    assert_eq!(a.signing(), new.kid());
    b.look().await;
    assert!(b.remarks().iter().any(|remark| remark.starts_with("Unusable")), "{:?}", b.remarks());
    a.hand_over(new.kid(), &b);
    b.look().await;
    assert!(b.accepts(&a.token(&scene), &scene));
}

/// Nodes look every two seconds: what they sign until they have looked should not be lost.
#[tokio::test(start_paused = true)]
async fn nodes_have_gone_over_before_the_old_key_ends_at_once() {
    let scene = Scene::of_one();
    let node = scene.first_node().await;
    let old = node.signing();
    let line = node.at_the_command_line(&scene);
    scene.seconds_pass(60);
    line.generate(TokenAlgorithm::EdDsa).await.unwrap();
    line.rotate(None, false).await.unwrap();
    let begun = Instant::now();
    line.retire(&old, true).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
    scene.seconds_pass(60);
    let standby = line.generate(TokenAlgorithm::EdDsa).await.unwrap();
    let begun = Instant::now();
    line.retire(standby.kid(), false).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn what_is_to_take_over_has_to_be_clear_and_able() {
    let scene = Scene::of_one();
    let node = scene.first_node().await;
    let line = node.at_the_command_line(&scene);
    assert!(matches!(line.rotate(None, false).await, Err(RotationFailed::NoStandby)));
    assert!(matches!(line.rotate(Some("k"), false).await, Err(RotationFailed::NoSuchKey(_))));
    assert!(matches!(line.retire("k", false).await, Err(RotationFailed::NoSuchKey(_))));
    let first = line.generate(TokenAlgorithm::EdDsa).await.unwrap();
    let second = line.generate(TokenAlgorithm::EdDsa).await.unwrap();
    let many = line.rotate(None, false).await.unwrap_err().to_string();
    assert!(many.contains(first.kid()) && many.contains(second.kid()), "{many}");
    node.directory().keep_public_half(first.kid()).unwrap();
    let half = line.rotate(Some(first.kid()), false).await.unwrap_err();
    assert!(matches!(half, RotationFailed::PublicHalf(_)), "{half}");
    // The other one is the only one that can.
    assert_eq!(line.rotate(None, false).await.unwrap().new, second.kid());
}

#[tokio::test(start_paused = true)]
async fn a_key_that_has_signed_does_not_stand_by_but_can_be_taken_again() {
    let scene = Scene::of_one();
    let mut node = scene.first_node().await;
    let first = node.signing();
    let line = node.at_the_command_line(&scene);
    let second = line.generate(TokenAlgorithm::EdDsa).await.unwrap().kid().to_owned();
    // By hand, so that the old key stays whole.
    node.directory().lead_with(&second).unwrap();
    scene.seconds_pass(60);
    node.look().await;
    assert_eq!((node.signing(), node.state_of(&first, &scene).await), (second.clone(), Retiring));
    node.look().await;
    assert!(node.remarks().concat().starts_with("Whole("), "{:?}", node.remarks());
    scene.seconds_pass(60);
    line.rotate(Some(&first), false).await.unwrap();
    node.look().await;
    assert_eq!((node.signing(), node.state_of(&second, &scene).await), (first, Retiring));
}

#[tokio::test(start_paused = true)]
async fn tokens_live_as_long_as_was_said_when_they_were_signed() {
    let mut scene = Scene::of_one();
    let node = scene.first_node().await;
    let (old, token) = (node.signing(), node.token(&scene));
    // From now on they live for an hour.
    scene.rules.tokens_live = Duration::from_secs(60 * 60);
    let mut node = node.restart(&scene).await.unwrap();
    let line = node.at_the_command_line(&scene);
    line.generate(TokenAlgorithm::EdDsa).await.unwrap();
    line.rotate(None, false).await.unwrap();
    node.look().await;
    scene.seconds_pass(23 * 60 * 60);
    assert!(node.accepts(&token, &scene));
    let refused = line.retire(&old, false).await.unwrap_err();
    assert!(refused.to_string().contains("until 2026-01-02T00:10:00Z"), "{refused}");
    scene.seconds_pass(70 * 60);
    assert_eq!(line.retire(&old, false).await.unwrap().cost, Cost::Nothing);

    // Those that are to live longer are known before the first of them is signed, however lately it was told of others.
    node.look().await;
    scene.rules.tokens_live = DAY * 2;
    let node = node.restart(&scene).await.unwrap();
    assert_eq!(scene.register().await.key(&node.signing()).lives, DAY * 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_generated_for_a_service_that_nobody_has_started() {
    let scene = Scene::of_one();
    let node = scene.first_node().await;
    let nobody = Scene::of_one();
    let refused = node.at_the_command_line(&nobody).generate(TokenAlgorithm::EdDsa).await.err().unwrap();
    assert!(matches!(refused, RotationFailed::NotStarted), "{refused}");
    assert_eq!(fs::read_dir(node.place().path()).unwrap().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_is_at_an_end_also_where_its_file_cannot_be_removed() {
    let scene = Scene::of_one();
    let mut node = scene.first_node().await;
    let line = node.at_the_command_line(&scene);
    let standby = line.generate(TokenAlgorithm::EdDsa).await.unwrap();
    // Something in the directory cannot be read, so nothing in it is changed.
    fs::write(node.file("odd.pem"), "odd").unwrap();
    line.retire(standby.kid(), false).await.unwrap_err();
    fs::remove_file(node.file("odd.pem")).unwrap();
    node.look().await;
    let file = standby.path().to_owned();
    let text = fs::read(&file).unwrap();
    line.retire(standby.kid(), false).await.unwrap();
    // As from a backup.
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    node.look().await;
    assert_eq!(node.others(), [""; 0]);
    assert!(node.remarks()[0].starts_with("Left"), "{:?}", node.remarks());
    let mut node = node.restart(&scene).await.unwrap();
    node.look().await;
    assert_eq!(node.others(), [""; 0]);
}
