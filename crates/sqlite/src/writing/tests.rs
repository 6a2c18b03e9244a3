//! Steps that may have been carried out before, unheard.

use std::path::Path;

use doorward_domain::audit::{Authority, Deed};
use doorward_domain::port::{
    AuditLog as _, AuditQuery, EndSessionsError, Ending, SessionRepository as _, UpdateUserError,
    UserRepository as _, Which,
};
use doorward_domain::token::{EndReason, SessionId};
use doorward_domain::user::User;
use doorward_sql::steps::{self, Try};
use doorward_testkit::sample;
use tempfile::TempDir;

use crate::{SqliteSettings, SqliteStore};

fn opened() -> (TempDir, SqliteStore) {
    let directory = tempfile::tempdir().unwrap();
    let path: &Path = directory.path();
    let store = SqliteStore::open(&path.join("doorward.db"), SqliteSettings::default()).unwrap();
    (directory, store)
}

async fn end_again(store: &SqliteStore, ending: &Ending) -> Result<Vec<SessionId>, EndSessionsError> {
    let ending = ending.clone();
    store
        .step(async move |mut transaction| {
            steps::end(&mut transaction, &ending, Try::PerhapsDoneBefore).await
        })
        .await
}

async fn update_again(store: &SqliteStore, user: &User, deed: &Deed) -> Result<(), UpdateUserError> {
    let (user, deed) = (user.clone(), deed.clone());
    store
        .step(async move |mut transaction| {
            steps::update(&mut transaction, &user, &deed, Try::PerhapsDoneBefore).await
        })
        .await
}

async fn entries(store: &SqliteStore) -> usize {
    store.list_entries(&AuditQuery { limit: 100, ..AuditQuery::default() }).await.unwrap().len()
}

/// The session that asked is over by then: it was among them.
#[tokio::test]
async fn an_end_that_was_written_down_is_answered_again_and_is_not_made_again() {
    let (_directory, store) = opened();
    let user = sample::user(1);
    store.insert(&user, &[]).await.unwrap();
    for number in 1..=3 {
        store.open(&sample::login(&user, number, sample::NOW)).await.unwrap();
    }
    let asking = sample::session(&user, 1, sample::NOW);
    let ending = Ending {
        which: Which::All,
        deed: sample::deed_of(&asking, false, 1),
        ..sample::ending(&asking, EndReason::Logout, sample::NOW)
    };
    let ended = store.end(&ending).await.unwrap();
    assert_eq!(ended, [1, 2, 3].map(sample::session_id));
    store.open(&sample::login(&user, 4, sample::NOW)).await.unwrap();
    assert_eq!(end_again(&store, &ending).await.unwrap(), ended);
    assert_eq!(store.list_live(user.id, sample::NOW).await.unwrap().len(), 1, "who came since stays");
    assert_eq!(entries(&store).await, 1);
    store.close();
}

#[tokio::test]
async fn an_end_that_was_not_written_down_needs_its_right() {
    let (_directory, store) = opened();
    let user = sample::user(1);
    store.insert(&user, &[]).await.unwrap();
    store.open(&sample::login(&user, 1, sample::NOW)).await.unwrap();
    let asking = sample::session(&user, 1, sample::NOW);
    store.end(&sample::ending(&asking, EndReason::Logout, sample::NOW)).await.unwrap();
    let authority = Some(Authority { session: asking.id, as_admin: false, at: sample::NOW });
    let ending = Ending {
        which: Which::All,
        deed: Deed { authority, ..sample::deed(1) },
        ..sample::ending(&asking, EndReason::Logout, sample::NOW)
    };
    // It ended in the same millisecond, and by somebody else.
    let refused = end_again(&store, &ending).await;
    assert!(matches!(refused, Err(EndSessionsError::Denied(_))), "{refused:?}");
    assert_eq!(entries(&store).await, 0);
    store.close();
}

#[tokio::test]
async fn an_update_that_was_written_down_is_made_though_somebody_changed_the_account_since() {
    let (_directory, store) = opened();
    let user = sample::user(1);
    store.insert(&user, &[]).await.unwrap();
    let changed = User { version: user.version + 1, email: sample::email("new@example.com"), ..user.clone() };
    store.update(&changed, &sample::deed(1)).await.unwrap();
    let since = User { version: changed.version + 1, email: user.email.clone(), ..changed.clone() };
    store.update(&since, &sample::deed(2)).await.unwrap();
    update_again(&store, &changed, &sample::deed(1)).await.unwrap();
    assert_eq!(store.find(user.id).await.unwrap().unwrap(), since);
    let other = update_again(&store, &changed, &sample::deed(3)).await;
    assert!(matches!(other, Err(UpdateUserError::Stale)), "{other:?}");
    assert_eq!(entries(&store).await, 2);
    store.close();
}
