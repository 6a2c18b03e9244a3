//! Two stores on one database, each with connections and turns of its own, as two nodes have it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a surprise fails the test that met it")]

mod support;

use std::sync::Arc;

use doorward_cockroach::CockroachStore;
use doorward_domain::audit::Deed;
use doorward_domain::port::{
    Archive, DeleteUserError, Epoch, EpochRegistry, InsertUserError, NewSession, Opened, SessionRepository,
    UpdateUserError, UserFilter, UserRepository,
};
use doorward_domain::token::{EndReason, Rotation};
use doorward_domain::user::{Role, User};
use doorward_testkit::postgres::Isolation;
use doorward_testkit::sample;
use tokio::sync::Barrier;

use support::Database;

const ROUNDS: u32 = 20;

async fn two_nodes() -> Option<(Database, [CockroachStore; 2])> {
    let database = Database::fresh(Isolation::Serializable).await?;
    let stores = [database.store().await, database.store().await];
    Some((database, stores))
}

/// Lets each node take as many steps as it is given, all at once; a step is told its node and a number that no other
/// has. Answers in the order of the numbers.
async fn at_once<F, T>(
    stores: &[CockroachStore; 2],
    each: u32,
    step: impl Fn(CockroachStore, usize, u32) -> F,
) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let start = Arc::new(Barrier::new(2 * each as usize));
    let running: Vec<_> = (0..2 * each)
        .map(|number| {
            let node = number as usize % 2;
            let (start, step) = (start.clone(), step(stores[node].clone(), node, number));
            tokio::spawn(async move {
                start.wait().await;
                step.await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for step in running {
        answers.push(step.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_writes_the_other_reads() {
    let Some((_database, [one, other])) = two_nodes().await else { return };
    let user = sample::user(1);
    assert_eq!(other.find(user.id).await.unwrap(), None);
    one.insert(&user, &[]).await.unwrap();
    assert_eq!(other.find(user.id).await.unwrap(), Some(user.clone()));
    let email = sample::email("new@example.com");
    let changed = User { version: 2, email, ..user.clone() };
    other.update(&changed, &Deed::default()).await.unwrap();
    assert_eq!(one.find_by_address(&changed.email).await.unwrap(), Some(changed.clone()));
    other.delete_with_sessions(user.id, &Deed::default()).await.unwrap();
    assert_eq!(one.find(user.id).await.unwrap(), None);
    assert_eq!(one.find_by_address(&changed.email).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_both_want_goes_to_one() {
    let Some((_database, stores)) = two_nodes().await else { return };
    for round in 0..ROUNDS {
        let answers = at_once(&stores, 1, |store, _, number| async move {
            let address = sample::email(&format!("wanted{round}@example.com"));
            let user = User { username: address.clone(), email: address, ..sample::user(2 * round + number) };
            store.insert(&user, &[]).await
        })
        .await;
        assert!(
            matches!(
                answers[..],
                [Ok(()), Err(InsertUserError::AddressTaken)] | [Err(InsertUserError::AddressTaken), Ok(())]
            ),
            "{answers:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_both_spend_rotates_once() {
    let Some((_database, stores)) = two_nodes().await else { return };
    for round in 0..ROUNDS {
        let user = sample::user(round);
        let new = sample::login(&user, round, sample::NOW);
        stores[0].insert(&user, &[]).await.unwrap();
        stores[0].open(&new).await.unwrap();
        let session = &new.session;
        let answers = at_once(&stores, 1, |store, _, number| {
            let (id, presented) = (session.id, session.refresh_id);
            let successor = sample::successor(2 * round + number);
            async move {
                store
                    .rotate(id, presented, successor, sample::NOW, sample::LIMITS, &sample::reuse())
                    .await
                    .unwrap()
                    .unwrap()
            }
        })
        .await;
        let rotations = [answers[0].rotation, answers[1].rotation];
        assert!(
            matches!(
                rotations,
                [Rotation::Rotated, Rotation::Replayed] | [Rotation::Replayed, Rotation::Rotated]
            ),
            "{answers:?}"
        );
        assert_eq!(answers[0].session, answers[1].session, "both go on with the same pair");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_many_show_to_both_has_one_successor_that_goes_on() {
    let Some((_database, stores)) = two_nodes().await else { return };
    for round in 0..ROUNDS {
        let user = sample::user(round);
        let new = sample::login(&user, round, sample::NOW);
        stores[0].insert(&user, &[]).await.unwrap();
        stores[1].open(&new).await.unwrap();
        let session = &new.session;
        let answers = at_once(&stores, 16, |store, _, number| {
            let (id, presented) = (session.id, session.refresh_id);
            let successor = sample::successor(100 * round + number);
            async move {
                store
                    .rotate(id, presented, successor, sample::NOW, sample::LIMITS, &sample::reuse())
                    .await
                    .unwrap()
                    .unwrap()
            }
        })
        .await;
        let how_many = |wanted: Rotation| answers.iter().filter(|answer| answer.rotation == wanted).count();
        assert_eq!(
            (how_many(Rotation::Rotated), how_many(Rotation::Replayed)),
            (1, 31),
            "round {round}: {answers:?}"
        );
        let next = &answers[0].session;
        assert_eq!(next.generation, 1);
        assert!(answers.iter().all(|answer| answer.session == *next), "round {round}: {answers:?}");
        for (generation, store) in (2..).zip(&stores) {
            let live = store.find_live(next.id, sample::NOW).await.unwrap().unwrap().session;
            let successor = sample::successor(100 * round + 50 + u32::try_from(generation).unwrap());
            let later = sample::seconds_later(60 * generation);
            let rotated = store
                .rotate(next.id, live.refresh_id, successor, later, sample::LIMITS, &sample::reuse())
                .await
                .unwrap()
                .unwrap();
            assert_eq!((rotated.rotation, rotated.session.generation), (Rotation::Rotated, generation));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_admins_one_stays_when_each_demotes_or_removes_the_other() {
    let Some((_database, stores)) = two_nodes().await else { return };
    for round in 0..ROUNDS {
        let admins = [sample::admin(2 * round), sample::admin(2 * round + 1)];
        for admin in &admins {
            stores[0].insert(admin, &[]).await.unwrap();
        }
        let ids = [admins[0].id, admins[1].id];
        let refused = at_once(&stores, 1, |store, node, _| {
            let admin = admins[node].clone();
            let removes = (round as usize + node).is_multiple_of(3);
            async move {
                if removes {
                    match store.delete_with_sessions(admin.id, &Deed::default()).await {
                        Err(DeleteUserError::LastAdmin) => true,
                        answer => answer.map(|()| false).unwrap(),
                    }
                } else {
                    match store.update(&User { version: 2, active: false, ..admin }, &Deed::default()).await {
                        Err(UpdateUserError::LastAdmin) => true,
                        answer => answer.map(|()| false).unwrap(),
                    }
                }
            }
        })
        .await;
        assert!(matches!(refused[..], [true, false] | [false, true]), "round {round}: {refused:?}");
        let admins = UserFilter { role: Some(Role::Admin), active: Some(true), ..UserFilter::default() };
        assert_eq!(stores[1].count(&admins).await.unwrap(), 1);
        // The next two must not find one who remains.
        stores[1].begin_transfer("somewhere").await.unwrap();
        stores[1].remove_users(&ids).await.unwrap();
        stores[1].finish_transfer().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logins_at_both_do_not_pass_the_limit() {
    let Some((_database, stores)) = two_nodes().await else { return };
    for round in 0..ROUNDS / 4 {
        let user = sample::user(round);
        stores[0].insert(&user, &[]).await.unwrap();
        let logins: Vec<NewSession> = (0..16)
            .map(|number| NewSession {
                max_live: 4,
                ..sample::login(&user, 100 * round + number, sample::seconds_later(number.into()))
            })
            .collect();
        let answers = at_once(&stores, 8, |store, _, number| {
            let new = logins[number as usize].clone();
            async move { store.open(&new).await.unwrap() }
        })
        .await;
        assert!(answers.iter().all(|answer| matches!(answer, Opened::Done(_))), "{answers:?}");
        let noted = stores[1].find(user.id).await.unwrap().unwrap();
        assert_eq!(noted.version, user.version + 16, "round {round}: each login was noted");
        let mut live = [0; 2];
        for (node, store) in stores.iter().enumerate() {
            for new in &logins {
                let found = store.find_live(new.session.id, sample::seconds_later(16)).await.unwrap();
                live[node] += usize::from(found.is_some());
            }
        }
        assert_eq!(live, [4, 4], "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_at_one_is_not_live_at_the_other() {
    let Some((_database, [one, other])) = two_nodes().await else { return };
    let user = sample::user(1);
    one.insert(&user, &[]).await.unwrap();
    for number in 0..ROUNDS {
        let new = sample::login(&user, number, sample::NOW);
        one.open(&new).await.unwrap();
        let (id, presented) = (new.session.id, new.session.refresh_id);
        assert!(other.find_live(id, sample::NOW).await.unwrap().is_some());
        one.end(&sample::ending(&new.session, EndReason::Logout, sample::NOW)).await.unwrap();
        assert_eq!(other.find_live(id, sample::NOW).await.unwrap(), None);
        let spent = sample::successor(number);
        let refused = other
            .rotate(id, presented, spent, sample::NOW, sample::LIMITS, &sample::reuse())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(refused.rotation, Rotation::Ended);
    }
    let new = sample::login(&user, ROUNDS, sample::NOW);
    one.open(&new).await.unwrap();
    let stored = one.find(user.id).await.unwrap().unwrap();
    one.update(&User { version: stored.version + 1, active: false, ..stored }, &Deed::default())
        .await
        .unwrap();
    assert_eq!(other.find_live(new.session.id, sample::NOW).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_epochs_that_both_begin_both_are_told_the_same() {
    let Some((database, stores)) = two_nodes().await else { return };
    let client = database.inner().client().await;
    let mut seen = None;
    for round in 0..ROUNDS {
        // Every other time there is none before.
        if round % 2 == 0 {
            client.batch_execute("DELETE FROM revocation_epoch").await.unwrap();
            seen = None;
        }
        let told = at_once(&stores, 4, |store, node, number| {
            let id = sample::user_id(100 * round + number).uuid();
            let next = Epoch { id, witness: Some(format!("as node {node} sees it")) };
            async move { store.begin(seen, &next).await.unwrap() }
        })
        .await;
        let present = stores[1].present().await.unwrap().unwrap();
        assert!(told.iter().all(|epoch| *epoch == present), "round {round}: {present:?}, {told:?}");
        assert_ne!(Some(present.id), seen, "round {round}: none began");
        seen = Some(present.id);
    }
}
