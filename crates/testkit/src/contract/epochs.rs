//! Agreeing on one epoch.

#![expect(missing_docs, reason = "the name of a promise says it")]

use std::collections::BTreeSet;
use std::sync::Arc;

use doorward_domain::port::Epoch;
use uuid::Uuid;

use super::{Store, at_once};

/// The epoch that the node with this number would begin.
fn epoch(node: u32) -> Epoch {
    Epoch { id: id(node), witness: Some(format!("the server as node {node} sees it")) }
}

fn id(node: u32) -> Uuid {
    Uuid::from_u128(0xe90c_4000_8000 << 80 | u128::from(node))
}

pub async fn a_new_store_has_no_epoch(store: Arc<dyn Store>) {
    assert_eq!(store.present().await.unwrap(), None);
}

pub async fn the_first_epoch_begins(store: Arc<dyn Store>) {
    assert_eq!(store.begin(None, &epoch(1)).await.unwrap(), epoch(1));
    assert_eq!(store.present().await.unwrap(), Some(epoch(1)));
}

pub async fn an_epoch_begins_after_the_one_that_was_seen_and_no_other(store: Arc<dyn Store>) {
    store.begin(None, &epoch(1)).await.unwrap();
    for late in [None, Some(id(9))] {
        assert_eq!(store.begin(late, &epoch(2)).await.unwrap(), epoch(1), "{late:?} was seen");
        assert_eq!(store.present().await.unwrap(), Some(epoch(1)));
    }
    assert_eq!(store.begin(Some(id(1)), &epoch(2)).await.unwrap(), epoch(2));
    assert_eq!(store.begin(Some(id(1)), &epoch(3)).await.unwrap(), epoch(2));
    assert_eq!(store.present().await.unwrap(), Some(epoch(2)));
}

/// The database is an older one that was put back: whoever comes first begins, and the others hear of it.
pub async fn an_epoch_begins_where_the_one_that_was_seen_is_lost(store: Arc<dyn Store>) {
    for node in [1, 2] {
        assert_eq!(store.begin(Some(id(9)), &epoch(node)).await.unwrap(), epoch(1));
    }
    assert_eq!(store.present().await.unwrap(), Some(epoch(1)));
}

/// The first as well as any later one.
pub async fn of_many_epochs_that_begin_at_once_all_are_told_the_same(store: Arc<dyn Store>) {
    let mut seen = None;
    for round in 0..4 {
        let nodes = 8 * round..8 * (round + 1);
        let begin =
            |store: Arc<dyn Store>, node| async move { store.begin(seen, &epoch(node)).await.unwrap() };
        let told = at_once::all(&store, nodes.clone(), begin).await;
        let present = store.present().await.unwrap().unwrap();
        assert!(nodes.clone().any(|node| present == epoch(node)), "{present:?} is none of round {round}");
        let others: BTreeSet<_> =
            told.iter().filter(|epoch| **epoch != present).map(|epoch| epoch.id).collect();
        assert_eq!(others, BTreeSet::new(), "{present:?} is the present one");
        seen = Some(present.id);
    }
}

/// The answer to the first time may not have come.
pub async fn an_epoch_that_begins_twice_begins_once(store: Arc<dyn Store>) {
    for seen in [None, Some(id(0))] {
        let next = epoch(u32::from(seen.is_some()));
        for _ in 0..2 {
            assert_eq!(store.begin(seen, &next).await.unwrap(), next);
            assert_eq!(store.present().await.unwrap().as_ref(), Some(&next));
        }
    }
}

/// Also where the one before had one.
pub async fn an_epoch_without_a_witness_is_read_back_without(store: Arc<dyn Store>) {
    let nobody = |node| Epoch { witness: None, ..epoch(node) };
    assert_eq!(store.begin(None, &nobody(1)).await.unwrap(), nobody(1));
    assert_eq!(store.present().await.unwrap(), Some(nobody(1)));
    store.begin(Some(id(1)), &epoch(2)).await.unwrap();
    store.begin(Some(id(2)), &nobody(3)).await.unwrap();
    assert_eq!(store.present().await.unwrap(), Some(nobody(3)));
}
