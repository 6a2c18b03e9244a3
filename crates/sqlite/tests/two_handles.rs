//! Two stores on one file, as two processes have it: the service, and an operator's command line.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a surprise fails the test that met it")]

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::{Connection, SimpleConnection};
use diesel::sqlite::SqliteConnection;
use doorward_domain::audit::Deed;
use doorward_domain::port::{
    Epoch, EpochRegistry, InsertUserError, Probe, SessionRepository, StoreError, UpdateUserError, UserFilter,
    UserRepository,
};
use doorward_domain::token::Rotation;
use doorward_domain::user::User;
use doorward_sqlite::{SqliteSettings, SqliteStore};
use doorward_testkit::sample;
use tempfile::TempDir;
use tokio::sync::Barrier;

const ROUNDS: u32 = 32;

fn two_handles() -> (TempDir, [SqliteStore; 2]) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    let open = || SqliteStore::open(&path, SqliteSettings::default()).unwrap();
    let stores = [open(), open()];
    (directory, stores)
}

/// Lets both stores do something at once, and answers in their order.
async fn at_once<F, T>(stores: &[SqliteStore; 2], step: impl Fn(SqliteStore, u32) -> F) -> [T; 2]
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let start = Arc::new(Barrier::new(2));
    let [one, other] = [0, 1].map(|which| {
        let (start, step) = (start.clone(), step(stores[which as usize].clone(), which));
        tokio::spawn(async move {
            start.wait().await;
            step.await
        })
    });
    [one.await.unwrap(), other.await.unwrap()]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_writes_the_other_reads() {
    let (_directory, [one, other]) = two_handles();
    let user = sample::user(1);
    assert_eq!(other.find(user.id).await.unwrap(), None);
    one.insert(&user, &[]).await.unwrap();
    assert_eq!(other.find(user.id).await.unwrap(), Some(user.clone()));
    other.delete_with_sessions(user.id, &Deed::default()).await.unwrap();
    assert_eq!(one.find(user.id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_both_want_goes_to_one() {
    let (_directory, stores) = two_handles();
    for round in 0..ROUNDS {
        let answers = at_once(&stores, |store, which| async move {
            let address = sample::email(&format!("wanted{round}@example.com"));
            let user = User { username: address.clone(), email: address, ..sample::user(2 * round + which) };
            store.insert(&user, &[]).await
        })
        .await;
        let taken = answers.iter().filter(|answer| matches!(answer, Err(InsertUserError::AddressTaken)));
        assert_eq!(
            (taken.count(), answers.iter().filter(|answer| answer.is_ok()).count()),
            (1, 1),
            "{answers:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_both_spend_rotates_once() {
    let (_directory, stores) = two_handles();
    for round in 0..ROUNDS {
        let user = sample::user(round);
        let new = sample::login(&user, round, sample::NOW);
        stores[0].insert(&user, &[]).await.unwrap();
        stores[0].open(&new).await.unwrap();
        let session = &new.session;
        let answers = at_once(&stores, |store, which| {
            let (id, presented) = (session.id, session.refresh_id);
            let successor = sample::successor(2 * round + which);
            async move {
                store
                    .rotate(id, presented, successor, sample::NOW, sample::LIMITS, &sample::reuse())
                    .await
                    .unwrap()
                    .unwrap()
            }
        })
        .await;
        let rotated = answers.iter().filter(|answer| answer.rotation == Rotation::Rotated).count();
        let replayed = answers.iter().filter(|answer| answer.rotation == Rotation::Replayed).count();
        assert_eq!((rotated, replayed), (1, 1), "{answers:?}");
        assert_eq!(answers[0].session, answers[1].session, "both go on with the same pair");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_admins_one_stays_when_each_demotes_the_other() {
    let (_directory, stores) = two_handles();
    let admins = [sample::admin(1), sample::admin(2)];
    for admin in &admins {
        stores[0].insert(admin, &[]).await.unwrap();
    }
    let answers = at_once(&stores, |store, which| {
        let admin = &admins[which as usize];
        let demoted = User { version: 2, active: false, ..admin.clone() };
        async move { store.update(&demoted, &Deed::default()).await }
    })
    .await;
    let refused = answers.iter().filter(|answer| matches!(answer, Err(UpdateUserError::LastAdmin))).count();
    assert_eq!((refused, answers.iter().filter(|answer| answer.is_ok()).count()), (1, 1), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_epochs_that_both_begin_both_are_told_the_same() {
    let (_directory, stores) = two_handles();
    let mut seen = None;
    for round in 0..ROUNDS {
        let told = at_once(&stores, |store, which| {
            let next = Epoch { id: sample::user_id(2 * round + which).uuid(), witness: None };
            async move { store.begin(seen, &next).await.unwrap() }
        })
        .await;
        let present = stores[1].present().await.unwrap().unwrap();
        assert!(told.iter().all(|epoch| *epoch == present), "round {round}: {present:?}, {told:?}");
        assert_ne!(Some(present.id), seen, "round {round}: none began");
        seen = Some(present.id);
    }
}

#[tokio::test]
async fn while_somebody_else_writes_a_write_is_unavailable_and_a_read_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    let settings = SqliteSettings { busy_timeout: Duration::ZERO, ..SqliteSettings::default() };
    let store = SqliteStore::open(&path, settings).unwrap();
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let refused = store.insert(&sample::user(1), &[]).await;
    assert!(matches!(refused, Err(InsertUserError::Store(StoreError::Unavailable(_)))), "{refused:?}");
    assert_eq!(store.find(sample::user_id(1)).await.unwrap(), None);
    other.batch_execute("COMMIT").unwrap();
    store.insert(&sample::user(1), &[]).await.unwrap();
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_loses_nothing_it_took() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    let settings = SqliteSettings {
        queue: 1,
        busy_timeout: Duration::from_secs(600),
        queue_timeout: Duration::MAX,
        ..SqliteSettings::default()
    };
    let store = SqliteStore::open(&path, settings).unwrap();
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();

    // More than one batch and the queue behind it can hold; nothing gets past the other's lock.
    let mut inserts: Vec<_> = (0..200)
        .map(|number| {
            let store = store.clone();
            Box::pin(async move { store.insert(&sample::user(number), &[]).await })
        })
        .collect();
    let mut waiting = Vec::new();
    for (number, insert) in inserts.iter_mut().enumerate() {
        match futures_poll(insert).await {
            None => waiting.push(number),
            Some(answer) => {
                assert!(
                    matches!(answer, Err(InsertUserError::Store(StoreError::Unavailable(_)))),
                    "{answer:?}"
                );
            }
        }
    }
    assert!(!waiting.is_empty() && waiting.len() < 200);

    other.batch_execute("COMMIT").unwrap();
    for number in waiting {
        inserts[number].as_mut().await.unwrap();
        assert!(store.find(sample::user_id(number.try_into().unwrap())).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn what_waited_too_long_is_unavailable_and_never_carried_out() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    // Without any patience whatever had to wait has waited too long.
    let settings = SqliteSettings { queue_timeout: Duration::ZERO, ..SqliteSettings::default() };
    let store = SqliteStore::open(&path, settings).unwrap();
    let inserted = store.insert(&sample::user(1), &[]).await;
    assert!(matches!(inserted, Err(InsertUserError::Store(StoreError::Unavailable(_)))), "{inserted:?}");
    let found = store.find(sample::user_id(1)).await;
    assert!(matches!(found, Err(StoreError::Unavailable(_))), "{found:?}");
    let counted = store.count(&UserFilter::default()).await;
    assert!(matches!(counted, Err(StoreError::Unavailable(_))), "{counted:?}");
    let probed = store.probe().await;
    assert!(matches!(probed, Err(StoreError::Unavailable(_))), "{probed:?}");
    store.close();

    let store = SqliteStore::open(&path, SqliteSettings::default()).unwrap();
    assert_eq!(store.find(sample::user_id(1)).await.unwrap(), None);
}

/// Polls once.
async fn futures_poll<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    tokio::select! {
        biased;
        output = future => Some(output),
        () = std::future::ready(()) => None,
    }
}

#[tokio::test]
async fn it_is_noticed_that_others_wrote_and_not_that_oneself_did() {
    let (_directory, [one, other]) = two_handles();
    assert!(one.others_wrote().await.unwrap(), "nobody knows what was before");
    assert!(!one.others_wrote().await.unwrap());
    one.insert(&sample::user(1), &[]).await.unwrap();
    assert!(!one.others_wrote().await.unwrap());
    other.find(sample::user_id(1)).await.unwrap();
    assert!(!one.others_wrote().await.unwrap());
    for number in 2..5 {
        other.insert(&sample::user(number), &[]).await.unwrap();
        assert!(one.others_wrote().await.unwrap());
        assert!(!one.others_wrote().await.unwrap());
    }
    other.close();
    one.insert(&sample::user(9), &[]).await.unwrap();
    // Whether bringing the log home counts or not, it does not count twice.
    one.others_wrote().await.unwrap();
    assert!(!one.others_wrote().await.unwrap());
    one.close();
    assert!(matches!(one.others_wrote().await, Err(StoreError::Unavailable(_))));
}
