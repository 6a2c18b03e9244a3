//! What is cut off, fails, or is done by two at once.

use std::fs;
use std::time::Duration;

use doorward_crypto::TokenAlgorithm;

use super::super::error::LookFailed;
use super::super::rotation_failed::RotationFailed;
use super::scene::{Node, Scene, assert_good};
use crate::causes::with_causes;

#[tokio::test(start_paused = true)]
async fn what_the_others_cannot_be_told_is_not_done() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let b = scene.node_like(&a).await;
    let old = a.signing();
    let line = a.at_the_command_line(&scene);
    let new = line.generate(TokenAlgorithm::EdDsa).await.unwrap().kid().to_owned();
    a.hand_over(&new, &b);
    scene.seconds_pass(10);
    scene.registry.fails(true);
    line.rotate(None, false).await.unwrap_err();
    // The file is in its place, and nobody signs with it.
    assert_eq!(a.directory().read().unwrap().leading().kid(), new);
    for _ in 0..2 {
        assert!(matches!(a.try_to_look().await, Err(LookFailed::Store(_))));
        assert_eq!(a.signing(), old);
        assert!(b.accepts(&a.token(&scene), &scene));
    }
    // Nor is a key left that nobody heard of.
    let before = fs::read_dir(a.place().path()).unwrap().count();
    line.generate(TokenAlgorithm::EdDsa).await.err().unwrap();
    assert_eq!(fs::read_dir(a.place().path()).unwrap().count(), before);

    // What was begun is done with the next try.
    scene.registry.fails(false);
    let rotated = line.rotate(None, false).await.unwrap();
    assert_eq!((rotated.new, rotated.halved, rotated.left.len()), (new.clone(), vec![old.clone()], 0));
    a.look().await;
    assert_eq!((a.signing(), a.remarks()), (new, vec![]));
    assert!(!a.directory().read().unwrap().find(&old).unwrap().can_sign());
}

#[tokio::test(start_paused = true)]
async fn a_look_that_ends_in_a_panic_is_told() {
    let scene = Scene::of_one();
    let node = scene.first_node().await;
    let failed = node.panics().await.unwrap_err();
    let LookFailed::Task(error) = &failed else { unreachable!() };
    assert!(error.is_panic() && with_causes(&failed).contains("as a test wants it"), "{failed:?}");
}

#[tokio::test(start_paused = true)]
async fn processes_on_hosts_with_one_name_are_told_apart_and_leave_nothing_behind() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    assert_ne!(Node::own_name(&scene, &a), Node::own_name(&scene, &a));
    let mut gone = scene.node_like(&a).await;
    let standby = a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap();
    gone.look().await;
    drop(gone);
    scene.seconds_pass(9 * 60);
    a.look().await;
    assert_eq!(scene.registry.lacking().await.len(), 1);
    scene.seconds_pass(60);
    a.look().await;
    assert_eq!(scene.registry.lacking().await, [""; 0]);
    assert!(scene.register().await.key(standby.kid()).is_standby());
}

#[tokio::test(start_paused = true)]
async fn of_a_rotation_that_was_cut_off_the_rest_is_done_by_the_next() {
    for is_another_key_there in [false, true] {
        let scene = Scene::of_one();
        let mut node = scene.first_node().await;
        let (first, token) = (node.signing(), node.token(&scene));
        let line = node.at_the_command_line(&scene);
        let second = line.generate(TokenAlgorithm::EdDsa).await.unwrap().kid().to_owned();
        node.directory().lead_with(&second).unwrap();
        node.look().await;
        let lines = node.lines(&scene).await;
        assert_eq!(
            lines.map(|line| (line.kid, line.is_whole)),
            [(second.clone(), false), (first.clone(), true)]
        );
        if is_another_key_there {
            scene.seconds_pass(60);
            let third = line.generate(TokenAlgorithm::EdDsa).await.unwrap().kid().to_owned();
            let rotated = line.rotate(None, false).await.unwrap();
            assert_eq!((rotated.new, rotated.old.unwrap().0), (third, second));
            assert_eq!((rotated.halved, rotated.left.len()), (vec![first.clone()], 0));
        } else {
            let rotated = line.rotate(None, false).await.unwrap();
            assert_eq!((rotated.new, rotated.old, rotated.halved), (second, None, vec![first.clone()]));
            assert!(matches!(line.rotate(None, false).await, Err(RotationFailed::NoStandby)));
        }
        node.look().await;
        assert_eq!(node.remarks(), [""; 0]);
        assert!(!node.directory().read().unwrap().find(&first).unwrap().can_sign());
        assert!(node.accepts(&token, &scene));
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_key_behind_a_link_it_is_told_that_its_private_half_is_left() {
    let scene = Scene::of_one();
    let node = scene.first_node().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("key.pem");
    fs::rename(node.file("signing.pem"), &target).unwrap();
    std::os::unix::fs::symlink(&target, node.file("signing.pem")).unwrap();
    let line = node.at_the_command_line(&scene);
    line.generate(TokenAlgorithm::EdDsa).await.unwrap();
    let rotated = line.rotate(None, false).await.unwrap();
    assert!(rotated.old.is_some() && rotated.left[0].to_string().contains("is a link"), "{rotated:?}");
}

#[tokio::test(start_paused = true)]
async fn two_rotations_at_once_leave_every_key_and_nobody_is_logged_out() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let mut b = a.beside(&scene).await;
    let old = a.signing();
    let line = a.at_the_command_line(&scene);
    let mut keys = Vec::new();
    for _ in 0..2 {
        keys.push(line.generate(TokenAlgorithm::EdDsa).await.unwrap().kid().to_owned());
    }
    let mut tokens = vec![a.token(&scene)];
    scene.seconds_pass(10);
    a.look().await;
    b.look().await;
    let other = b.at_the_command_line(&scene);
    let (one, two) = tokio::join!(line.rotate(Some(&keys[0]), false), other.rotate(Some(&keys[1]), false));
    let rotated = [one.unwrap(), two.unwrap()];
    // Each knows which key it has replaced.
    let replaced: Vec<_> =
        rotated.iter().filter_map(|rotated| rotated.old.as_ref()).map(|old| &old.0).collect();
    assert!(replaced.contains(&&old), "{rotated:?}");
    for _ in 0..2 {
        tokens.extend([a.token(&scene), b.token(&scene)]);
        assert_good(&tokens, &[&a, &b], &scene);
        a.look().await;
        b.look().await;
    }
    assert_eq!(a.signing(), b.signing());
    let there = a.directory().read().unwrap();
    assert!(keys.contains(&a.signing()) && keys.iter().chain([&old]).all(|kid| there.find(kid).is_some()));
}

#[tokio::test(start_paused = true)]
async fn what_begins_to_sign_while_it_is_to_be_retired_is_not_retired() {
    let scene = Scene::of_one();
    let node = scene.first_node().await;
    let line = node.at_the_command_line(&scene);
    let key = line.generate(TokenAlgorithm::EdDsa).await.unwrap();
    let (retired, rotated) = tokio::join!(line.retire(key.kid(), false), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        line.rotate(None, false).await
    });
    assert_eq!(rotated.unwrap().new, key.kid());
    assert!(matches!(retired, Err(RotationFailed::Signs(_))), "{retired:?}");

    // On another node, whose files are not here.
    let scene = Scene::of_many();
    let a = scene.first_node().await;
    let b = scene.node_like(&a).await;
    let key = a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap();
    let line = b.at_the_command_line(&scene);
    let (retired, rotated) = tokio::join!(line.retire(key.kid(), false), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        a.at_the_command_line(&scene).rotate(None, true).await
    });
    assert_eq!(rotated.unwrap().new, key.kid());
    assert!(matches!(retired, Err(RotationFailed::TokensLive(..))), "{retired:?}");
}
