//! Taking in many accounts at once.

#![expect(missing_docs, reason = "the name of a promise says it")]

use std::sync::Arc;

use doorward_domain::audit::{Action, AuditEntry};
use doorward_domain::port::{AuditQuery, Inserted, NewUsers, UserFilter};
use doorward_domain::user::User;

use super::store::spelled;
use super::{Store, at_once};
use crate::sample;

fn reached_by(number: u32, username: &str, email: &str) -> User {
    User { username: sample::email(username), email: sample::email(email), ..sample::user(number) }
}

/// They come together, and are told of with the entry of this number.
fn together(users: Vec<User>, entry: u32) -> NewUsers {
    let entries = vec![AuditEntry { action: Action::Import.into(), ..sample::entry(entry) }];
    NewUsers { users, entries, is_rehearsal: false }
}

async fn take_in(store: &Arc<dyn Store>, users: Vec<User>, entry: u32) -> Vec<Inserted> {
    store.insert_many(together(users, entry)).await.unwrap()
}

async fn count(store: &Arc<dyn Store>) -> u64 {
    store.count(&UserFilter::default()).await.unwrap()
}

/// How many each entry tells of, the newest first.
async fn told(store: &Arc<dyn Store>) -> Vec<String> {
    let query = AuditQuery { limit: 100, ..AuditQuery::default() };
    let entries = store.list_entries(&query).await.unwrap();
    entries.iter().map(|entry| entry.details["count"].clone()).collect()
}

pub async fn accounts_that_come_together_are_read_back_as_they_were(store: Arc<dyn Store>) {
    let mut everything = sample::kucing_cakep();
    everything.email = sample::email("Elsewhere@Example.com");
    everything.last_login = Some(sample::seconds_later(5));
    let people = [sample::user(3), sample::admin(1), everything, sample::sari_lengkap(), sample::user(2)];
    assert_eq!(take_in(&store, people.to_vec(), 1).await, [Inserted::Added; 5]);
    for person in &people {
        assert_eq!(spelled(&store.stored(person.id).await), spelled(person));
        for address in [&person.username, &person.email] {
            assert_eq!(store.find_by_address(address).await.unwrap().unwrap().id, person.id);
        }
    }
    assert_eq!(told(&store).await, ["5"]);
}

pub async fn where_nobody_comes_nothing_happens(store: Arc<dyn Store>) {
    assert_eq!(take_in(&store, Vec::new(), 1).await, []);
    assert_eq!((count(&store).await, told(&store).await), (0, Vec::new()));
}

pub async fn who_is_there_already_exists_and_is_not_changed(store: Arc<dyn Store>) {
    let ada = User {
        email: sample::email("lovelace@example.com"),
        ..reached_by(1, "ada@example.com", "x@example.com")
    };
    store.add(&ada).await;
    let again = [
        reached_by(2, "ADA@Example.com", "new@example.com"),
        ada.clone(),
        reached_by(3, "ada@example.com", "ada@example.com"),
    ];
    assert_eq!(take_in(&store, again.to_vec(), 1).await, [Inserted::Exists(ada.id); 3]);
    assert_eq!(spelled(&store.stored(ada.id).await), spelled(&ada));
    assert_eq!((count(&store).await, told(&store).await), (1, Vec::new()));
}

pub async fn the_same_accounts_that_come_again_exist(store: Arc<dyn Store>) {
    let people: Vec<User> = (0..20).map(sample::user).collect();
    assert_eq!(take_in(&store, people.clone(), 1).await, [Inserted::Added; 20]);
    let exist: Vec<Inserted> = people.iter().map(|user| Inserted::Exists(user.id)).collect();
    assert_eq!(take_in(&store, people, 2).await, exist);
    assert_eq!((count(&store).await, told(&store).await), (20, vec!["20".to_owned()]));
}

pub async fn an_address_of_somebody_else_is_taken_and_all_others_are_added(store: Arc<dyn Store>) {
    store.add(&reached_by(1, "ada@example.com", "lovelace@example.com")).await;
    let people = [
        reached_by(2, "free2@example.com", "free2@example.com"),
        reached_by(3, "Lovelace@example.com", "free3@example.com"),
        reached_by(4, "free4@example.com", "ADA@example.com"),
        reached_by(5, "free5@example.com", "lovelace@example.com"),
        reached_by(6, "free3@example.com", "free4@example.com"),
    ];
    let taken = Inserted::AddressTaken;
    assert_eq!(
        take_in(&store, people.to_vec(), 1).await,
        [Inserted::Added, taken, taken, taken, Inserted::Added]
    );
    for number in [3, 4, 5] {
        assert_eq!(store.find(sample::user_id(number)).await.unwrap(), None);
    }
    assert_eq!((count(&store).await, told(&store).await), (3, vec!["2".to_owned()]));
}

pub async fn of_two_that_come_together_and_want_the_same_the_first_gets_it(store: Arc<dyn Store>) {
    let people = [
        reached_by(9, "ada@example.com", "lovelace@example.com"),
        reached_by(2, "Ada@example.com", "x@example.com"),
        reached_by(3, "x@example.com", "LOVELACE@example.com"),
        reached_by(4, "lovelace@example.com", "y@example.com"),
        reached_by(5, "x@example.com", "y@example.com"),
    ];
    let first = Inserted::Exists(sample::user_id(9));
    let taken = Inserted::AddressTaken;
    assert_eq!(
        take_in(&store, people.to_vec(), 1).await,
        [Inserted::Added, first, taken, taken, Inserted::Added]
    );
    assert_eq!(count(&store).await, 2);
}

pub async fn an_identifier_of_somebody_else_is_taken(store: Arc<dyn Store>) {
    store.add(&sample::user(1)).await;
    let people = [
        reached_by(1, "ada@example.com", "ada@example.com"),
        reached_by(2, "bob@example.com", "bob@example.com"),
        reached_by(2, "eve@example.com", "eve@example.com"),
    ];
    let taken = Inserted::IdTaken;
    assert_eq!(take_in(&store, people.to_vec(), 1).await, [taken, Inserted::Added, taken]);
    assert_eq!(store.stored(sample::user_id(1)).await, sample::user(1));
    assert_eq!(store.find_by_address(&sample::email("ada@example.com")).await.unwrap(), None);
    assert_eq!((count(&store).await, told(&store).await), (2, vec!["1".to_owned()]));
}

pub async fn a_rehearsal_answers_the_same_and_changes_nothing(store: Arc<dyn Store>) {
    store.add(&sample::user(1)).await;
    let people = vec![
        sample::user(1),
        reached_by(2, "bob@example.com", "PERSON1@example.com"),
        reached_by(1, "eve@example.com", "eve@example.com"),
        sample::user(3),
        reached_by(4, "person3@example.com", "z@example.com"),
    ];
    let rehearsed = NewUsers { is_rehearsal: true, ..together(people.clone(), 1) };
    let expected = [
        Inserted::Exists(sample::user_id(1)),
        Inserted::AddressTaken,
        Inserted::IdTaken,
        Inserted::Added,
        Inserted::Exists(sample::user_id(3)),
    ];
    assert_eq!(store.insert_many(rehearsed).await.unwrap(), expected);
    assert_eq!((count(&store).await, told(&store).await), (1, Vec::new()));
    assert_eq!(take_in(&store, people, 1).await, expected);
    assert_eq!((count(&store).await, told(&store).await), (2, vec!["1".to_owned()]));
}

pub async fn of_many_that_bring_the_same_accounts_at_once_each_account_is_added_by_one(
    store: Arc<dyn Store>,
) {
    let answers = at_once::all(&store, 0..6_u32, |store, bringer| async move {
        // Each brings the same forty addresses, in an order of its own.
        let users = (0..40_u32).map(|place| {
            let number = (place * 7 + bringer * 11) % 40;
            let address = format!("wanted{number}@example.com");
            reached_by(100 * bringer + number, &address, &address)
        });
        store.insert_many(together(users.collect(), bringer)).await.unwrap()
    })
    .await;
    let added = |answers: &[Inserted]| answers.iter().filter(|answer| **answer == Inserted::Added).count();
    assert_eq!(answers.iter().map(|answers| added(answers)).sum::<usize>(), 40, "{answers:?}");
    assert_eq!(count(&store).await, 40);
    let told: u64 = told(&store).await.iter().map(|count| count.parse::<u64>().unwrap()).sum();
    assert_eq!(told, 40);
    for answer in answers.into_iter().flatten() {
        match answer {
            Inserted::Exists(id) => assert!(store.find(id).await.unwrap().is_some()),
            answer => assert_eq!(answer, Inserted::Added),
        }
    }
}

pub async fn a_registration_and_an_intake_at_once_give_an_address_to_one(store: Arc<dyn Store>) {
    for round in 0..8 {
        let address = format!("wanted{round}@example.com");
        let (one, other) =
            (reached_by(2 * round, &address, &address), reached_by(2 * round + 1, &address, &address));
        let many: Vec<User> =
            std::iter::once(one).chain((0..20).map(|n| sample::user(1_000 + round * 20 + n))).collect();
        let (taken_in, registered) = at_once::both(
            &store,
            |store| async move { store.insert_many(together(many, round)).await.unwrap() },
            |store| async move { store.insert(&other, &[]).await.is_ok() },
        )
        .await;
        assert_eq!(taken_in[0] == Inserted::Added, !registered, "round {round}: {taken_in:?}");
        assert!(taken_in[1..].iter().all(|answer| *answer == Inserted::Added), "{taken_in:?}");
    }
}
