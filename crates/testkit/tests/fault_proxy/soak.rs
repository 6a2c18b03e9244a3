//! What everybody's tests go through in a soak.

use crate::scene::{Scene, add_in_transaction, code};

/// Adds a thing as a careful client does: again after an error, and without minding that it is there already.
async fn insist(scene: &mut Scene, name: &str) {
    loop {
        match add_in_transaction(&scene.client, name).await {
            Ok(()) => return,
            Err(error) => match code::<()>(Err(error)).as_str() {
                "40001" => {}
                "closed" => scene.client = scene.another_client().await.unwrap(),
                "23505" => return,
                other => panic!("{other} is no fault of a soak"),
            },
        }
    }
}

#[tokio::test]
async fn a_soak_has_each_of_its_faults_and_loses_nothing() {
    let Some(mut scene) = Scene::open().await else { return };
    let [statement, commit, lost] = scene.proxy.soak(7);
    let names: Vec<String> = (0..200).map(|number| format!("{number:03}")).collect();
    for name in &names {
        insist(&mut scene, name).await;
    }
    assert_eq!(scene.things().await, names);
    for (fault, followed) in
        [("statement", statement.followed()), ("commit", commit.followed()), ("lost", lost.followed())]
    {
        assert!((5..60).contains(&followed), "{fault}: {followed}");
    }
}
