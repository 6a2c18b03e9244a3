//! When the copies are told of a change: after the store, before the caller, and also where nobody knows what the
//! store has done.

use std::sync::Arc;

use doorward_domain::Copies;
use doorward_domain::port::{MockRevocations, MockUserDocuments, MockUserRepository};
use doorward_domain::user::{User, UserDocument};
use doorward_testkit::fake::SpawnedTasks;
use doorward_testkit::sample;

use crate::out_of_reach;
use crate::scene::{Answers, Change, DELETED, EVERY, KEPT, READ, STORE, TOLD, WELL, make, on};

#[tokio::test]
async fn the_copies_are_told_after_the_store_and_before_the_caller() {
    for change in EVERY {
        let (events, outcome) = make(change, WELL).await;
        outcome.unwrap();
        let expected: &[_] = match change {
            Change::Login | Change::Update | Change::Password => &[STORE, TOLD, READ, KEPT],
            Change::Reuse | Change::Logout | Change::End | Change::EndOf | Change::SetPassword => {
                &[STORE, TOLD]
            }
            Change::Removal => &[STORE, TOLD, DELETED],
        };
        assert_eq!(events, expected, "{change:?}");
    }
}

#[tokio::test]
async fn the_copies_are_told_also_where_nobody_knows_what_the_store_has_done() {
    for change in EVERY {
        let (events, outcome) = make(change, Answers { store: || Err(out_of_reach()), ..WELL }).await;
        assert!(outcome.is_err(), "{change:?}");
        assert_eq!(events[..2], [STORE, TOLD], "{change:?}");
    }
}

#[tokio::test]
async fn ses_16_what_cannot_be_told_is_an_error_although_the_store_has_done_it() {
    for change in EVERY {
        let (events, outcome) = make(change, Answers { copies: || Err(out_of_reach()), ..WELL }).await;
        assert!(outcome.is_err(), "{change:?}");
        assert_eq!(events, [STORE, TOLD], "{change:?}");
    }
}

#[tokio::test]
async fn where_neither_the_store_nor_the_copies_answer_it_is_an_error() {
    let answers = Answers { store: || Err(out_of_reach()), copies: || Err(out_of_reach()) };
    for change in EVERY {
        let (events, outcome) = make(change, answers).await;
        assert!(outcome.is_err(), "{change:?}");
        assert_eq!(events, [STORE, TOLD], "{change:?}");
    }
}

#[tokio::test]
async fn where_the_copies_have_no_stamp_nothing_is_read_again_or_kept() {
    for change in [Change::Login, Change::Update, Change::Password] {
        let (events, outcome) = make(change, Answers { copies: || Ok(None), ..WELL }).await;
        outcome.unwrap();
        assert_eq!(events, [STORE, TOLD], "{change:?}");
    }
}

/// Somebody else may have changed it meanwhile: what the store has after the copies were told is what counts.
#[tokio::test]
async fn the_copy_that_is_kept_is_what_the_store_has_afterwards() {
    let latest = User { version: 9, ..sample::user(1) };
    let expected = UserDocument::from(latest.clone());
    let mut users = MockUserRepository::new();
    users.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
    users.expect_update().times(1).returning(|_, _| Ok(()));
    users.expect_find().times(1).return_once(|_| Ok(Some(latest)));
    let (mut revocations, mut documents) = (MockRevocations::new(), MockUserDocuments::new());
    revocations.expect_changed().times(1).returning(|_, _| Ok(Some(sample::stamp(1))));
    documents
        .expect_keep()
        .withf(move |document, stamp| ***document == expected && *stamp == sample::stamp(1))
        .times(1)
        .return_const(());
    let copies = Copies {
        revocations: Arc::new(revocations),
        documents: Arc::new(documents),
        tasks: Arc::new(SpawnedTasks),
    };
    on(Change::Update, Arc::new(users), Arc::default(), copies).await.unwrap();
}

#[tokio::test]
async fn a_copy_that_cannot_be_read_is_not_kept_and_the_change_stands() {
    for read in [|| Ok(None), || Err(out_of_reach())] {
        let mut users = MockUserRepository::new();
        users.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
        users.expect_update().times(1).returning(|_, _| Ok(()));
        users.expect_find().times(1).returning(move |_| read());
        let mut revocations = MockRevocations::new();
        revocations.expect_changed().times(1).returning(|_, _| Ok(Some(sample::stamp(1))));
        let documents = Arc::new(MockUserDocuments::new());
        let copies = Copies { revocations: Arc::new(revocations), documents, tasks: Arc::new(SpawnedTasks) };
        on(Change::Update, Arc::new(users), Arc::default(), copies).await.unwrap();
    }
}
