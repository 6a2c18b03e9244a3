//! What is written is read back, and found by whoever asks for it.

use std::sync::Arc;

use doorward_domain::user::{Profile, User};

use crate::contract::Store;
use crate::contract::store::spelled;
use crate::sample;

/// Every field, every spelling and every order is kept.
pub async fn a_full_document_is_read_back_as_it_was_written(store: Arc<dyn Store>) {
    for user in [sample::kucing_cakep(), sample::budi_penjual()] {
        store.add(&user).await;
        assert_eq!(spelled(&store.stored(user.id).await), spelled(&user));
        let by_address = store.find_by_address(&user.email).await.unwrap().unwrap();
        assert_eq!(spelled(&by_address), spelled(&user));
    }
}

/// What was never set is absent, not empty text.
pub async fn an_empty_document_is_read_back_empty(store: Arc<dyn Store>) {
    let nothing_set = sample::user(1);
    let empty_profile = User { profile: Some(Profile::default()), ..sample::user(2) };
    for user in [nothing_set, empty_profile] {
        store.add(&user).await;
        assert_eq!(store.stored(user.id).await, user);
    }
}

/// No column is shorter than the domain allows, in characters of four bytes too.
pub async fn a_document_of_the_greatest_size_is_read_back(store: Arc<dyn Store>) {
    let user = sample::sari_lengkap();
    store.add(&user).await;
    assert!(store.stored(user.id).await == user, "the document was changed on its way");
}

/// Letter case and the form of the domain make no difference.
pub async fn an_account_is_found_by_any_spelling_of_its_username(store: Arc<dyn Store>) {
    let mut user = sample::user(1);
    user.username = sample::email("Ada.Lovelace@Bücher.example");
    store.add(&user).await;
    for spelling in [
        "Ada.Lovelace@Bücher.example",
        "ada.lovelace@bücher.example",
        "ADA.LOVELACE@XN--BCHER-KVA.EXAMPLE",
        "ada.Lovelace@xn--bcher-kva.example",
    ] {
        let found = store.find_by_address(&sample::email(spelling)).await.unwrap();
        assert_eq!(found.map(|user| user.id), Some(user.id), "{spelling}");
    }
}

/// Letter case and the form of the domain make no difference.
pub async fn an_account_is_found_by_any_spelling_of_its_email(store: Arc<dyn Store>) {
    let mut user = sample::user(1);
    user.email = sample::email("Ada.Lovelace@Bücher.example");
    store.add(&user).await;
    for spelling in ["ada.lovelace@BÜCHER.example", "ADA.LOVELACE@xn--bcher-kva.example"] {
        let found = store.find_by_address(&sample::email(spelling)).await.unwrap();
        assert_eq!(found.map(|user| user.id), Some(user.id), "{spelling}");
    }
}

/// Absence is an answer, and an address is more than its beginning or its end.
pub async fn nobody_is_found_where_nobody_is(store: Arc<dyn Store>) {
    assert_eq!(store.find(sample::user_id(1)).await.unwrap(), None);
    store.add(&sample::user(1)).await;
    assert_eq!(store.find(sample::user_id(2)).await.unwrap(), None);
    for other in ["person@example.com", "person11@example.com", "person1@example.co", "person_@example.com"] {
        assert_eq!(store.find_by_address(&sample::email(other)).await.unwrap(), None, "{other}");
    }
}
