//! Keeping what was done, and finding it again.

#![expect(missing_docs, reason = "the name of a promise says it")]

mod forgetting;

pub use forgetting::*;

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Timestamp;
use doorward_domain::audit::{Action, AuditEntry, AuditId, Outcome};
use doorward_domain::port::{AuditFilter, AuditPosition, AuditQuery};

use super::{Store, at_once};
use crate::sample;

/// More than there is.
const ALL: usize = 1_000;

/// An entry of so many milliseconds later.
fn entry(number: u32, milliseconds: u64) -> AuditEntry {
    AuditEntry { at: at(milliseconds), ..sample::entry(number) }
}

fn at(milliseconds: u64) -> Timestamp {
    sample::NOW.plus(Duration::from_millis(milliseconds))
}

async fn record_all(store: &Arc<dyn Store>, entries: &[AuditEntry]) {
    for entry in entries {
        store.record(entry).await.unwrap();
    }
}

async fn page(
    store: &Arc<dyn Store>,
    filter: &AuditFilter,
    after: Option<AuditPosition>,
    limit: usize,
) -> Vec<AuditEntry> {
    store.list_entries(&AuditQuery { filter: filter.clone(), after, limit }).await.unwrap()
}

async fn everything(store: &Arc<dyn Store>) -> Vec<AuditEntry> {
    page(store, &AuditFilter::default(), None, ALL).await
}

/// The numbers of the entries that pass, in order.
async fn passing(store: &Arc<dyn Store>, filter: AuditFilter) -> Vec<AuditId> {
    page(store, &filter, None, ALL).await.iter().map(|entry| entry.id).collect()
}

fn numbers<const N: usize>(numbers: [u32; N]) -> Vec<AuditId> {
    numbers.map(sample::audit_id).to_vec()
}

pub async fn a_new_log_is_empty(store: Arc<dyn Store>) {
    assert_eq!(everything(&store).await, []);
    assert_eq!(forget(&store, old(60_000, ALL)).await, []);
}

pub async fn an_entry_is_read_back_as_it_was_recorded(store: Arc<dyn Store>) {
    let (full, empty) = (sample::full_entry(2), sample::entry(1));
    let mut unusual = sample::full_entry(3);
    unusual.actor.as_mut().unwrap().username = (&sample::email("Kathe+audit@bücher.example")).into();
    unusual.target = None;
    unusual.address = Some("192.0.2.7".parse().unwrap());
    record_all(&store, &[full.clone(), empty.clone(), unusual.clone()]).await;
    assert_eq!(everything(&store).await, [unusual, full, empty]);
}

/// A newer version may know more actions, or other usernames.
pub async fn what_is_not_known_here_is_read_back_as_it_was_recorded(store: Arc<dyn Store>) {
    let mut unknown = AuditEntry { action: "user.teleport".to_owned().into(), ..sample::full_entry(2) };
    for party in [&mut unknown.actor, &mut unknown.target] {
        party.as_mut().unwrap().username = "nobody".to_owned().into();
    }
    record_all(&store, &[sample::full_entry(1), unknown.clone(), sample::full_entry(3)]).await;
    assert_eq!(everything(&store).await, [sample::full_entry(3), unknown, sample::full_entry(1)]);
    let filter = AuditFilter { actor: Some("nobody".to_owned()), ..AuditFilter::default() };
    assert_eq!(passing(&store, filter).await, numbers([2]));
}

pub async fn every_action_and_outcome_is_read_back_as_itself(store: Arc<dyn Store>) {
    let actions = (1..)
        .zip(Action::ALL)
        .map(|(number, action)| AuditEntry { action: action.into(), ..sample::entry(number) });
    let outcomes = (50..)
        .zip(Outcome::ALL)
        .map(|(number, outcome)| AuditEntry { outcome: outcome.into(), ..sample::entry(number) });
    let mut entries: Vec<AuditEntry> = actions.chain(outcomes).collect();
    record_all(&store, &entries).await;
    entries.reverse();
    assert_eq!(everything(&store).await, entries);
}

pub async fn an_entry_that_is_recorded_twice_is_there_once_as_it_was_first(store: Arc<dyn Store>) {
    let first = sample::full_entry(1);
    for again in [first.clone(), first.clone(), AuditEntry { action: Action::Delete.into(), ..entry(1, 5) }] {
        store.record(&again).await.unwrap();
        assert_eq!(everything(&store).await, std::slice::from_ref(&first));
    }
}

pub async fn of_many_that_record_at_once_each_entry_is_there_once(store: Arc<dyn Store>) {
    at_once::all(&store, (0..32).map(|step| step % 16), |store, number| async move {
        store.record(&sample::entry(number)).await.unwrap();
    })
    .await;
    let expected: Vec<AuditId> = (0..16).rev().map(sample::audit_id).collect();
    assert_eq!(passing(&store, AuditFilter::default()).await, expected);
}

pub async fn the_log_is_listed_newest_first_and_within_a_moment_by_name(store: Arc<dyn Store>) {
    record_all(&store, &[entry(5, 1), entry(1, 2), entry(4, 0), entry(2, 1), entry(3, 1)]).await;
    assert_eq!(passing(&store, AuditFilter::default()).await, numbers([1, 5, 3, 2, 4]));
}

/// Ada did 1 and 3 and Bea did 2; 3 and 4 are about Ada and 2 about Bea; nobody is known to have done 4.
async fn record_parties(store: &Arc<dyn Store>) {
    let mut ada = sample::user(1);
    ada.username = sample::email("Ada@BÜCHER.example");
    let bea = sample::user(2);
    record_all(
        store,
        &[
            entry(1, 1).by(&ada),
            entry(2, 2).by(&bea).about(&bea),
            entry(3, 3).by(&ada).about(&ada),
            entry(4, 4).about(&ada),
        ],
    )
    .await;
}

fn normal(address: &str) -> String {
    sample::email(address).normal().to_owned()
}

pub async fn entries_are_found_by_who_did_it(store: Arc<dyn Store>) {
    record_parties(&store).await;
    for (name, expected) in [
        ("ada@bücher.example", numbers([3, 1])),
        ("person2@example.com", numbers([2])),
        ("nobody@example.com", Vec::new()),
    ] {
        let filter = AuditFilter { actor: Some(normal(name)), ..AuditFilter::default() };
        assert_eq!(passing(&store, filter).await, expected, "{name}");
    }
}

pub async fn entries_are_found_by_whom_they_are_about(store: Arc<dyn Store>) {
    record_parties(&store).await;
    for (name, expected) in [
        ("ada@bücher.example", numbers([4, 3])),
        ("person2@example.com", numbers([2])),
        ("nobody@example.com", Vec::new()),
    ] {
        let filter = AuditFilter { target: Some(normal(name)), ..AuditFilter::default() };
        assert_eq!(passing(&store, filter).await, expected, "{name}");
    }
}

pub async fn entries_are_found_by_what_was_done_and_what_came_of_it(store: Arc<dyn Store>) {
    let login = |number| AuditEntry { action: Action::Login.into(), ..entry(number, number.into()) };
    record_all(&store, &[login(1), login(2).refused("because"), entry(3, 3), entry(4, 4).refused("because")])
        .await;
    for (action, outcome, expected) in [
        (Some(Action::Login), None, numbers([2, 1])),
        (None, Some(Outcome::Refused), numbers([4, 2])),
        (None, Some(Outcome::Done), numbers([3, 1])),
        (Some(Action::Login), Some(Outcome::Refused), numbers([2])),
        (Some(Action::Delete), None, Vec::new()),
    ] {
        let filter = AuditFilter { action, outcome, ..AuditFilter::default() };
        assert_eq!(passing(&store, filter).await, expected, "{action:?} {outcome:?}");
    }
}

pub async fn entries_are_found_by_their_request(store: Arc<dyn Store>) {
    let of = |number, request: &str| AuditEntry {
        request_id: Some(request.to_owned()),
        ..entry(number, number.into())
    };
    record_all(&store, &[of(1, "one"), of(2, "other"), of(3, "one"), entry(4, 4)]).await;
    for (request, expected) in
        [("one", numbers([3, 1])), ("other", numbers([2])), ("ONE", Vec::new()), ("", Vec::new())]
    {
        let filter = AuditFilter { request_id: Some(request.to_owned()), ..AuditFilter::default() };
        assert_eq!(passing(&store, filter).await, expected, "{request}");
    }
}

/// The beginning is inside, the end is not.
pub async fn entries_are_found_by_when_it_was(store: Arc<dyn Store>) {
    record_all(&store, &[entry(1, 1), entry(2, 2), entry(3, 3)]).await;
    for (since, until, expected) in [
        (Some(2), None, numbers([3, 2])),
        (None, Some(2), numbers([1])),
        (Some(2), Some(3), numbers([2])),
        (Some(2), Some(2), Vec::new()),
        (Some(4), None, Vec::new()),
        (None, Some(1), Vec::new()),
    ] {
        let filter = AuditFilter { since: since.map(at), until: until.map(at), ..AuditFilter::default() };
        assert_eq!(passing(&store, filter).await, expected, "{since:?} {until:?}");
    }
}

/// Entry 1 is full; each of the others lacks one thing of it.
pub async fn everything_that_is_asked_for_must_hold(store: Arc<dyn Store>) {
    let full = |number| AuditEntry { at: at(5), ..sample::full_entry(number) };
    let others = [
        AuditEntry { actor: None, ..full(2) },
        AuditEntry { target: None, ..full(3) },
        AuditEntry { action: Action::Login.into(), ..full(4) },
        AuditEntry { outcome: Outcome::Refused.into(), ..full(5) },
        AuditEntry { request_id: None, ..full(6) },
        AuditEntry { at: at(4), ..full(7) },
        AuditEntry { at: at(6), ..full(8) },
    ];
    store.record(&full(1)).await.unwrap();
    record_all(&store, &others).await;
    let filter = AuditFilter {
        actor: Some(normal("person1@example.com")),
        target: Some(normal("person2@example.com")),
        action: Some(Action::ChangeRole),
        outcome: Some(Outcome::Done),
        request_id: full(1).request_id,
        since: Some(at(5)),
        until: Some(at(6)),
    };
    assert_eq!(passing(&store, filter).await, numbers([1]));
}

/// Several entries a moment, some of which each of these finds.
async fn record_many(store: &Arc<dyn Store>) -> [AuditFilter; 4] {
    let (ada, bea) = (sample::user(1), sample::user(2));
    for number in 1..=30 {
        let person = if number % 3 == 0 { &ada } else { &bea };
        let mut entry = entry(number, u64::from(number * 7 % 5)).by(person).about(&ada);
        if number % 2 == 0 {
            entry.action = Action::Login.into();
        }
        store.record(&entry).await.unwrap();
    }
    let by_actor = AuditFilter { actor: Some(normal("person1@example.com")), ..AuditFilter::default() };
    let by_action = AuditFilter { action: Some(Action::Login), ..AuditFilter::default() };
    let within = AuditFilter { since: Some(at(1)), until: Some(at(4)), ..AuditFilter::default() };
    [AuditFilter::default(), by_actor, by_action, within]
}

pub async fn a_walk_through_the_log_meets_every_entry_once(store: Arc<dyn Store>) {
    for filter in record_many(&store).await {
        let expected = page(&store, &filter, None, ALL).await;
        assert!(expected.len() >= 10, "{filter:?}");
        for limit in [1, 2, 7, expected.len(), expected.len() + 1] {
            let mut met: Vec<AuditEntry> = Vec::new();
            loop {
                let after = met.last().map(AuditPosition::after);
                let some = page(&store, &filter, after, limit).await;
                assert!(some.len() <= limit, "{} of {limit}", some.len());
                if some.is_empty() {
                    break;
                }
                met.extend(some);
                assert!(met.len() <= expected.len(), "{limit} at a time, {filter:?}: {met:?}");
            }
            assert_eq!(met, expected, "{limit} at a time, {filter:?}");
        }
    }
}

pub async fn a_walk_goes_on_where_the_last_entry_met_is_forgotten(store: Arc<dyn Store>) {
    record_all(&store, &[entry(1, 1), entry(2, 2)]).await;
    for (beyond, expected) in [(3, numbers([2, 1])), (2, numbers([1])), (1, Vec::new())] {
        let after = AuditPosition { at: at(beyond), id: sample::audit_id(1) };
        let found = page(&store, &AuditFilter::default(), Some(after), ALL).await;
        let found: Vec<AuditId> = found.iter().map(|entry| entry.id).collect();
        // Of the same moment only those with a lower name are still to come.
        assert_eq!(found, expected, "after {beyond}");
    }
}
