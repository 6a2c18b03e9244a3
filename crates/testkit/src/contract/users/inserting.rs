//! Adding accounts: an address belongs to one of them at most.

use std::sync::Arc;

use doorward_domain::audit::Deed;
use doorward_domain::port::{InsertUserError, UserFilter};
use doorward_domain::user::User;

use crate::contract::store::changed;
use crate::contract::{Store, at_once};
use crate::sample;

/// A person with this username and this email.
fn reached_by(number: u32, username: &str, email: &str) -> User {
    User { username: sample::email(username), email: sample::email(email), ..sample::user(number) }
}

async fn assert_taken(store: &dyn Store, user: &User) {
    let refused = store.insert(user, &[]).await;
    assert!(matches!(refused, Err(InsertUserError::AddressTaken)), "{refused:?}");
    assert_eq!(store.find(user.id).await.unwrap(), None);
}

/// An adapter may try again without knowing whether its first try was written.
pub async fn adding_the_same_account_twice_is_no_error(store: Arc<dyn Store>) {
    let user = sample::kucing_cakep();
    store.add(&user).await;
    store.add(&user).await;
    assert_eq!(store.count(&UserFilter::default()).await.unwrap(), 1);
    assert_eq!(store.stored(user.id).await, user);
}

/// The second try undoes nothing that happened since the first.
pub async fn adding_the_same_account_again_does_not_undo_a_change(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    let changed = changed(&user, |user| user.email = sample::email("new@example.com"));
    store.update(&changed, &Deed::default()).await.unwrap();
    store.add(&user).await;
    assert_eq!(store.stored(user.id).await, changed);
}

/// Whatever the spelling.
pub async fn a_username_is_taken_once(store: Arc<dyn Store>) {
    store.add(&reached_by(1, "ada@bücher.example", "ada@example.com")).await;
    for spelling in ["ada@bücher.example", "ADA@xn--bcher-kva.example"] {
        assert_taken(&*store, &reached_by(2, spelling, "somebody@example.com")).await;
    }
}

/// Whatever the spelling.
pub async fn an_email_is_taken_once(store: Arc<dyn Store>) {
    store.add(&reached_by(1, "ada@example.com", "lovelace@example.com")).await;
    assert_taken(&*store, &reached_by(2, "somebody@example.com", "Lovelace@EXAMPLE.com")).await;
}

/// Both log in, so one person's username must not be another's email.
pub async fn a_username_is_nobody_elses_email(store: Arc<dyn Store>) {
    store.add(&reached_by(1, "ada@example.com", "lovelace@example.com")).await;
    assert_taken(&*store, &reached_by(2, "Lovelace@example.com", "somebody@example.com")).await;
    assert_taken(&*store, &reached_by(3, "somebody@example.com", "Ada@example.com")).await;
}

/// A refused account leaves neither of its addresses behind.
pub async fn a_refused_account_takes_no_address(store: Arc<dyn Store>) {
    store.add(&sample::user(1)).await;
    assert_taken(&*store, &reached_by(2, "free@example.com", "person1@example.com")).await;
    assert_taken(&*store, &reached_by(3, "person1@example.com", "free@example.com")).await;
    store.add(&reached_by(4, "free@example.com", "free@example.com")).await;
}

/// Thirty-two at once: one is added, the others are told, and nothing fails in another way.
pub async fn of_many_accounts_that_want_one_address_at_once_one_gets_it(store: Arc<dyn Store>) {
    let answers = at_once::all(&store, 1..=32, |store, number| async move {
        let user = reached_by(number, "ada@example.com", &format!("ada{number}@example.com"));
        (user.id, store.insert(&user, &[]).await)
    })
    .await;
    let added: Vec<_> = answers.iter().filter(|(_, answer)| answer.is_ok()).collect();
    let taken = |answer: &Result<_, _>| matches!(answer, Err(InsertUserError::AddressTaken));
    assert_eq!(added.len(), 1);
    assert_eq!(answers.iter().filter(|(_, answer)| taken(answer)).count(), 31, "{answers:?}");
    let found = store.find_by_address(&sample::email("ada@example.com")).await.unwrap().unwrap();
    assert_eq!(found.id, added[0].0);
    assert_eq!(store.count(&UserFilter::default()).await.unwrap(), 1);
}

/// The same where one wants it as username and the other as email.
pub async fn username_and_email_that_want_one_address_at_once_do_not_both_get_it(store: Arc<dyn Store>) {
    for round in 0..16 {
        let address = format!("wanted{round}@example.com");
        let one = reached_by(2 * round, &address, &format!("one{round}@example.com"));
        let other = reached_by(2 * round + 1, &format!("other{round}@example.com"), &address);
        let answers =
            at_once::all(&store, [one, other], |store, user| async move { store.insert(&user, &[]).await })
                .await;
        assert!(
            matches!(
                answers[..],
                [Ok(()), Err(InsertUserError::AddressTaken)] | [Err(InsertUserError::AddressTaken), Ok(())]
            ),
            "round {round}: {answers:?}"
        );
    }
}

/// Accounts that want different addresses do not get in each other's way.
pub async fn accounts_with_different_addresses_are_all_added_at_once(store: Arc<dyn Store>) {
    let answers = at_once::all(&store, 1..=32, |store, number| async move {
        store.insert(&sample::user(number), &[]).await
    })
    .await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(store.count(&UserFilter::default()).await.unwrap(), 32);
}
