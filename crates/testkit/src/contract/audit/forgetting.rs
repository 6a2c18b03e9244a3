//! Forgetting what is old.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::audit::AuditId;
use doorward_domain::port::{AuditFilter, AuditPosition, OldEntries};

use super::{ALL, Store, at, at_once, entry, everything, numbers, passing, record_all, record_many};
use crate::sample;

const MILLISECOND: Duration = Duration::from_millis(1);

/// What is older than of so many milliseconds.
pub(super) fn old(milliseconds: u64, limit: usize) -> OldEntries {
    OldEntries { now: at(milliseconds), kept: Duration::ZERO, beyond: None, limit }
}

/// The numbers of the entries that are forgotten, in order.
pub(super) async fn forget(store: &Arc<dyn Store>, old: OldEntries) -> Vec<AuditId> {
    store.forget(&old).await.unwrap().iter().map(|position| position.id).collect()
}

pub async fn the_oldest_entries_are_forgotten_first(store: Arc<dyn Store>) {
    record_all(&store, &[entry(3, 1), entry(1, 3), entry(2, 2), entry(5, 1), entry(4, 5)]).await;
    assert_eq!(forget(&store, old(4, 0)).await, []);
    assert_eq!(forget(&store, old(4, 2)).await, numbers([3, 5]));
    assert_eq!(passing(&store, AuditFilter::default()).await, numbers([4, 1, 2]));
    assert_eq!(forget(&store, old(4, 2)).await, numbers([2, 1]));
    assert_eq!(forget(&store, old(4, 2)).await, []);
    assert_eq!(passing(&store, AuditFilter::default()).await, numbers([4]));
}

pub async fn an_entry_of_the_very_time_is_not_forgotten(store: Arc<dyn Store>) {
    store.record(&entry(1, 5)).await.unwrap();
    assert_eq!(forget(&store, old(5, ALL)).await, []);
    let kept = OldEntries { kept: MILLISECOND, ..old(6, ALL) };
    assert_eq!(forget(&store, kept).await, []);
    assert_eq!(forget(&store, OldEntries { now: at(7), ..kept }).await, numbers([1]));
    assert_eq!(everything(&store).await, []);
}

/// What is before it stays, were it old or not.
pub async fn what_is_forgotten_begins_beyond_a_place(store: Arc<dyn Store>) {
    record_all(&store, &[entry(1, 1), entry(2, 2), entry(3, 2), entry(4, 2), entry(5, 3), entry(6, 4)]).await;
    let beyond = Some(AuditPosition { at: at(2), id: sample::audit_id(3) });
    assert_eq!(forget(&store, OldEntries { beyond, ..old(4, 1) }).await, numbers([4]));
    assert_eq!(forget(&store, OldEntries { beyond, ..old(4, ALL) }).await, numbers([5]));
    assert_eq!(passing(&store, AuditFilter::default()).await, numbers([6, 3, 2, 1]));
}

pub async fn of_two_that_forget_at_once_neither_counts_what_the_other_did(store: Arc<dyn Store>) {
    record_many(&store).await;
    let forgotten =
        at_once::all(&store, 0..2, |store, _| async move { forget(&store, old(60_000, 20)).await }).await;
    let mut ids: Vec<AuditId> = forgotten.concat();
    ids.sort_unstable();
    let expected: Vec<AuditId> = (1..=30).map(sample::audit_id).collect();
    assert_eq!(ids, expected, "{forgotten:?}");
    assert_eq!(everything(&store).await, []);
}
