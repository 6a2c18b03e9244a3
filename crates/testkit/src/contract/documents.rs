//! Copies of accounts' documents.

#![expect(missing_docs, reason = "the name of a promise says it")]

use std::sync::Arc;

pub use doorward_domain::port::UserDocuments;
use doorward_domain::user::{KeptDocument, Profile, User};

use super::at_once;
use crate::sample::{self, stamp};

/// The document of `user`, kept under the stamp of this number.
async fn keep(port: &Arc<dyn UserDocuments>, user: &User, number: u32) {
    port.keep(&Arc::new(user.clone().into()), stamp(number)).await;
}

/// What is found of `user` under the stamp of this number.
async fn found(port: &Arc<dyn UserDocuments>, user: &User, number: u32) -> Option<Arc<KeptDocument>> {
    port.find(user.id, stamp(number)).await
}

/// The copy is the account as it is, in the spelling of its addresses too, which equality does not see.
async fn assert_found(port: &Arc<dyn UserDocuments>, user: &User, number: u32) {
    let found = found(port, user, number).await.unwrap();
    assert!(*found == user.clone().into(), "the document was changed on its way");
    assert_eq!(found.username.as_str(), user.username.as_str());
    assert_eq!(found.email.as_str(), user.email.as_str());
}

/// The account, changed so that it has this version.
fn of_version(version: i64, user: &User) -> User {
    let profile =
        Profile { fullname: Some(sample::text(&format!("Version {version}"))), ..Profile::default() };
    User { version, profile: Some(profile), ..user.clone() }
}

/// The account, one version later, reached at this address.
fn moved_to(address: &str, user: &User) -> User {
    User { email: sample::email(address), version: user.version + 1, ..user.clone() }
}

pub async fn nothing_is_found_where_nothing_was_kept(port: Arc<dyn UserDocuments>) {
    assert_eq!(found(&port, &sample::user(1), 1).await, None);
    keep(&port, &sample::user(1), 1).await;
    assert_eq!(found(&port, &sample::user(2), 1).await, None);
}

pub async fn a_full_copy_is_read_back_as_it_was_written(port: Arc<dyn UserDocuments>) {
    for user in [sample::kucing_cakep(), sample::budi_penjual()] {
        keep(&port, &user, 1).await;
        assert_found(&port, &user, 1).await;
    }
}

pub async fn an_empty_copy_is_read_back_empty(port: Arc<dyn UserDocuments>) {
    let empty_profile = User { profile: Some(Profile::default()), ..sample::user(2) };
    for user in [sample::user(1), empty_profile] {
        keep(&port, &user, 1).await;
        assert_found(&port, &user, 1).await;
    }
}

pub async fn a_copy_of_the_greatest_size_is_read_back(port: Arc<dyn UserDocuments>) {
    let user = sample::sari_lengkap();
    keep(&port, &user, 1).await;
    assert_found(&port, &user, 1).await;
}

pub async fn a_copy_is_found_under_its_own_stamp_only(port: Arc<dyn UserDocuments>) {
    let user = sample::user(1);
    keep(&port, &user, 1).await;
    for _ in 0..2 {
        assert_eq!(found(&port, &user, 2).await, None);
        assert_found(&port, &user, 1).await;
    }
}

pub async fn accounts_do_not_find_each_others_copies(port: Arc<dyn UserDocuments>) {
    let (one, other) = (sample::user(1), sample::user(2));
    keep(&port, &one, 1).await;
    keep(&port, &other, 2).await;
    assert_eq!(found(&port, &one, 2).await, None);
    assert_eq!(found(&port, &other, 1).await, None);
    assert_found(&port, &one, 1).await;
    assert_found(&port, &other, 2).await;
}

pub async fn a_newer_copy_replaces_the_older_one(port: Arc<dyn UserDocuments>) {
    let (older, newer) = (sample::user(1), of_version(2, &sample::user(1)));
    keep(&port, &older, 1).await;
    keep(&port, &newer, 2).await;
    assert_eq!(found(&port, &older, 1).await, None);
    assert_found(&port, &newer, 2).await;
}

/// Neither under its own stamp nor under another: whoever has the lower version read it before the last change.
pub async fn a_copy_of_a_higher_version_is_not_replaced(port: Arc<dyn UserDocuments>) {
    let (older, newer) = (of_version(9, &sample::user(1)), of_version(10, &sample::user(1)));
    keep(&port, &newer, 1).await;
    for number in [1, 2] {
        keep(&port, &older, number).await;
        assert_found(&port, &newer, 1).await;
        assert_eq!(found(&port, &newer, 2).await, None);
    }
}

/// An end of a session changes the stamp and leaves the document as it is.
pub async fn the_same_version_is_found_under_the_stamp_it_was_kept_with_last(port: Arc<dyn UserDocuments>) {
    let user = sample::user(1);
    for number in 1..4 {
        keep(&port, &user, number).await;
        assert_found(&port, &user, number).await;
        assert_eq!(found(&port, &user, number - 1).await, None);
    }
}

pub async fn keeping_a_copy_twice_is_keeping_it(port: Arc<dyn UserDocuments>) {
    let user = sample::kucing_cakep();
    for _ in 0..2 {
        keep(&port, &user, 1).await;
        assert_found(&port, &user, 1).await;
    }
}

pub async fn of_many_copies_at_once_the_newest_stays(port: Arc<dyn UserDocuments>) {
    at_once::all(&port, 1..17, |port, version| async move {
        keep(&port, &of_version(version.into(), &sample::user(1)), version).await;
    })
    .await;
    assert_found(&port, &of_version(16, &sample::user(1)), 16).await;
    for version in 1..16 {
        assert_eq!(found(&port, &sample::user(1), version).await, None);
    }
}

pub async fn an_account_whose_address_changed_is_found(port: Arc<dyn UserDocuments>) {
    let before = sample::user(1);
    let after = moved_to("new@example.com", &before);
    keep(&port, &before, 1).await;
    keep(&port, &after, 2).await;
    assert_found(&port, &after, 2).await;
    assert_eq!(found(&port, &after, 1).await, None);
}

/// Also when somebody who was slow still has the first account as it was.
pub async fn an_address_that_went_to_somebody_else_is_theirs(port: Arc<dyn UserDocuments>) {
    let before = sample::user(1);
    let after = moved_to("new@example.com", &before);
    let heir = User { email: before.email.clone(), ..sample::user(2) };
    keep(&port, &before, 1).await;
    keep(&port, &after, 2).await;
    keep(&port, &heir, 3).await;
    keep(&port, &before, 1).await;
    assert_found(&port, &after, 2).await;
    assert_found(&port, &heir, 3).await;
}

pub async fn accounts_that_swap_their_addresses_are_both_found(port: Arc<dyn UserDocuments>) {
    let (one, other) = (sample::user(1), sample::user(2));
    keep(&port, &one, 1).await;
    keep(&port, &other, 2).await;
    let (one_after, other_after) =
        (moved_to(other.email.as_str(), &one), moved_to(one.email.as_str(), &other));
    keep(&port, &one_after, 3).await;
    keep(&port, &other_after, 4).await;
    assert_found(&port, &one_after, 3).await;
    assert_found(&port, &other_after, 4).await;
}

pub async fn a_deleted_copy_is_gone(port: Arc<dyn UserDocuments>) {
    let user = sample::user(1);
    keep(&port, &user, 1).await;
    keep(&port, &sample::user(2), 2).await;
    port.delete(user.id).await;
    assert_eq!(found(&port, &user, 1).await, None);
    assert_found(&port, &sample::user(2), 2).await;
}

pub async fn deleting_what_is_not_there_is_no_error(port: Arc<dyn UserDocuments>) {
    keep(&port, &sample::user(2), 2).await;
    for _ in 0..2 {
        port.delete(sample::user_id(1)).await;
    }
    assert_found(&port, &sample::user(2), 2).await;
}

/// Whoever has the address now keeps their copy when the first account goes.
pub async fn a_deleted_account_leaves_its_address_to_others(port: Arc<dyn UserDocuments>) {
    let gone = sample::user(1);
    let heir = User { email: gone.email.clone(), ..sample::user(2) };
    keep(&port, &gone, 1).await;
    keep(&port, &heir, 2).await;
    port.delete(gone.id).await;
    assert_eq!(found(&port, &gone, 1).await, None);
    assert_found(&port, &heir, 2).await;
}
