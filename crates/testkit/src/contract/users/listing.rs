//! That a list shows what was there when it was asked for, whoever else asks and whatever was listed before.

use std::sync::Arc;

use doorward_domain::audit::Deed;
use doorward_domain::port::{Direction, SortKey, UserFilter, UserQuery};
use doorward_domain::user::{User, UserId};

use super::super::Store;
use super::super::store::changed;
use crate::sample;

/// The first of everybody.
fn everybody(limit: usize) -> UserQuery {
    UserQuery {
        filter: UserFilter::default(),
        sort: SortKey::default(),
        direction: Direction::default(),
        after: None,
        limit,
    }
}

/// A page holds whole documents.
pub async fn a_list_has_full_documents(store: Arc<dyn Store>) {
    let user = sample::kucing_cakep();
    store.add(&user).await;
    assert_eq!(store.list(&everybody(1)).await.unwrap(), [Arc::new(user.into())]);
}

/// However many ask for the same page all the while.
pub async fn a_list_has_every_change_that_was_made_before_it_was_asked_for(store: Arc<dyn Store>) {
    store.add_all([&sample::user(1), &sample::user(2), &sample::user(3)]).await;
    let mut user = sample::user(2);
    for _ in 0..30 {
        user = changed(&user, |user| user.active = !user.active);
        let others: Vec<_> = (0..8)
            .map(|_| {
                let (store, id, wanted) = (store.clone(), user.id, user.version);
                // Until the change is there.
                tokio::spawn(async move {
                    while version(&*store, id).await < wanted {
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        store.update(&user, &Deed::default()).await.unwrap();
        assert_eq!(version(&*store, user.id).await, user.version);
        for other in others {
            other.await.unwrap();
        }
    }
}

/// Of somebody among three, by the list of all.
async fn version(store: &dyn Store, id: UserId) -> i64 {
    let page = store.list(&everybody(50)).await.unwrap();
    assert_eq!(page.len(), 3);
    page.iter().find(|listed| listed.id == id).unwrap().version
}

/// Also where it has the identifier and the version of the one that was listed before.
pub async fn who_comes_back_under_an_identifier_is_listed_as_they_are_now(store: Arc<dyn Store>) {
    let before = sample::user(1);
    store.add_all([&before, &sample::admin(2)]).await;
    assert_eq!(store.list(&everybody(50)).await.unwrap().len(), 2);
    store.delete_with_sessions(before.id, &Deed::default()).await.unwrap();
    assert_eq!(store.list(&everybody(50)).await.unwrap().len(), 1);
    let now =
        User { email: sample::email("other@example.com"), updated_at: sample::seconds_later(9), ..before };
    store.add(&now).await;
    let page = store.list(&everybody(50)).await.unwrap();
    let listed = page.iter().find(|listed| listed.id == now.id).unwrap();
    assert_eq!(listed.email, now.email);
}
