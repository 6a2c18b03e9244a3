//! How keys are told to stand.

use doorward_crypto::TokenAlgorithm;
use doorward_domain::port::{Clock as _, KeyRegistry as _};

use super::super::fingerprints;
use super::super::overview::KeyState::{self, Active, Retired, Retiring, Standby};
use super::super::overview::{KeyLine, overview};
use super::scene::{Node, Scene};

async fn lines(node: Option<&Node>, scene: &Scene) -> Vec<KeyLine> {
    let keys = node.map(|node| node.directory().read().unwrap());
    overview(keys.as_ref(), &scene.register().await, scene.rules, scene.clock.now())
}

fn states(lines: &[KeyLine]) -> Vec<KeyState> {
    lines.iter().map(|line| line.state).collect()
}

#[tokio::test(start_paused = true)]
async fn every_key_is_told_with_its_file_and_whether_it_is_registered() {
    let scene = Scene::of_many();
    let mut a = scene.first_node().await;
    let begun = scene.clock.now();
    scene.seconds_pass(60);
    let ended = a.at_the_command_line(&scene).generate(TokenAlgorithm::Hs256).await.unwrap();
    a.at_the_command_line(&scene).retire(ended.kid(), false).await.unwrap();
    let mut b = scene.node_like(&a).await;
    let standby = a.at_the_command_line(&scene).generate(TokenAlgorithm::Es256).await.unwrap();
    a.directory().generate(TokenAlgorithm::EdDsa).unwrap();
    a.look().await;
    b.look().await;

    let told = lines(Some(&a), &scene).await;
    assert_eq!(states(&told), [Active, Standby, Standby, Retired]);
    assert_eq!((told[0].kid.clone(), told[0].since, told[0].registered), (a.signing(), Some(begun), true));
    assert!(told[0].file.as_ref().unwrap().ends_with("signing.pem"));
    let of = |kid: &str| told.iter().find(|line| line.kid == kid).unwrap();
    let line = of(standby.kid());
    assert_eq!((line.algorithm, line.since), (Some(TokenAlgorithm::Es256), Some(scene.clock.now())));
    assert_eq!(line.lacking, [b.place().path().display().to_string()]);
    let unknown = told.iter().find(|line| line.state == Standby && !line.registered).unwrap();
    assert!(unknown.since.is_some() && unknown.lacking.is_empty());
    let line = of(ended.kid());
    assert_eq!((line.algorithm, line.file.clone(), line.since), (None, None, Some(scene.clock.now())));

    let told = lines(Some(&b), &scene).await;
    assert_eq!(states(&told), [Active, Standby, Retired]);
    assert_eq!((told[1].file.clone(), told[1].algorithm), (None, None));
}

#[tokio::test(start_paused = true)]
async fn a_node_without_files_is_told_what_the_service_signs_with() {
    let scene = Scene::of_many();
    let a = scene.first_node().await;
    a.at_the_command_line(&scene).generate(TokenAlgorithm::EdDsa).await.unwrap();
    scene.seconds_pass(10);
    let new = a.at_the_command_line(&scene).rotate(None, false).await.unwrap().new;
    let told = lines(None, &scene).await;
    assert_eq!((states(&told), told[0].kid.as_str()), (vec![Active, Retiring], new.as_str()));
    assert!(told[1].tokens_until.is_some() && told[0].tokens_until.is_none());
}

#[tokio::test(start_paused = true)]
async fn where_nobody_has_told_who_signed_nothing_stands_by() {
    let scene = Scene::of_many();
    let a = scene.first_node().await;
    a.directory().generate(TokenAlgorithm::EdDsa).unwrap();
    let keys = a.directory().read().unwrap();
    scene.registry.register(&fingerprints(None, Some(&keys))).await.unwrap();
    assert_eq!(states(&lines(Some(&a), &scene).await), [Active, Retiring]);
}
