//! Remembering which secrets all nodes share.

#![expect(missing_docs, reason = "the name of a promise says it")]

use std::sync::Arc;

use doorward_domain::port::KeyFingerprint;

use super::{Store, at_once};

fn key(name: &str, fingerprint: &str) -> KeyFingerprint {
    KeyFingerprint { name: name.to_owned(), fingerprint: fingerprint.to_owned() }
}

/// The keys of the node with this number.
fn own(node: u32) -> Vec<KeyFingerprint> {
    vec![key("pepper", &format!("pepper of {node}")), key(&format!("token_key/{node}"), &node.to_string())]
}

pub async fn a_new_store_has_no_keys_registered(store: Arc<dyn Store>) {
    assert_eq!(store.registered().await.unwrap(), []);
}

pub async fn the_first_keys_are_registered(store: Arc<dyn Store>) {
    assert_eq!(store.register_first(&own(1)).await.unwrap(), own(1));
    assert_eq!(store.registered().await.unwrap(), own(1));
}

pub async fn whoever_comes_second_is_told_the_first_ones_keys(store: Arc<dyn Store>) {
    store.register_first(&own(1)).await.unwrap();
    assert_eq!(store.register_first(&own(2)).await.unwrap(), own(1));
    assert_eq!(store.registered().await.unwrap(), own(1));
}

pub async fn of_many_that_register_at_once_one_is_first_with_all_its_keys(store: Arc<dyn Store>) {
    let answers =
        at_once::all(
            &store,
            0..8,
            |store, node| async move { store.register_first(&own(node)).await.unwrap() },
        )
        .await;
    let registered = store.registered().await.unwrap();
    assert!((0..8).any(|node| registered == own(node)), "{registered:?}");
    assert!(answers.iter().all(|answer| *answer == registered), "{answers:?}");
}

pub async fn keys_that_are_registered_anew_replace_all_others(store: Arc<dyn Store>) {
    store.register_first(&own(1)).await.unwrap();
    for _ in 0..2 {
        store.register(&own(2)).await.unwrap();
        assert_eq!(store.registered().await.unwrap(), own(2));
    }
}

pub async fn registered_keys_are_told_by_name(store: Arc<dyn Store>) {
    store.register(&[key("b", "1"), key("a", "2"), key("C", "3")]).await.unwrap();
    assert_eq!(store.registered().await.unwrap(), [key("C", "3"), key("a", "2"), key("b", "1")]);
}

pub async fn amending_changes_what_is_named_and_nothing_else(store: Arc<dyn Store>) {
    store.register(&[key("a", "1"), key("b", "2"), key("c", "3")]).await.unwrap();
    let gone = ["c".to_owned(), "nothing".to_owned()];
    for _ in 0..2 {
        store.amend(&[key("b", "4"), key("d", "5")], &gone).await.unwrap();
        assert_eq!(store.registered().await.unwrap(), [key("a", "1"), key("b", "4"), key("d", "5")]);
    }
    store.amend(&[], &[]).await.unwrap();
    store.amend(&[], &["a".to_owned()]).await.unwrap();
    assert_eq!(store.registered().await.unwrap(), [key("b", "4"), key("d", "5")]);
}

pub async fn of_many_that_amend_at_once_nobody_undoes_what_another_did(store: Arc<dyn Store>) {
    at_once::all(&store, 0..8, |store, node: u32| async move {
        let own = [key(&format!("{node}"), "own"), key("shared", &format!("{node}"))];
        store.amend(&own, &[]).await.unwrap();
    })
    .await;
    let registered = store.registered().await.unwrap();
    assert_eq!(registered.iter().filter(|key| key.fingerprint == "own").count(), 8, "{registered:?}");
    assert_eq!(registered.len(), 9, "{registered:?}");
}
