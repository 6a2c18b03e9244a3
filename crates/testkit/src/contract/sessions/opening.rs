//! Opening sessions: for a password proved a moment ago, and never more of them than may be.

use std::sync::Arc;

use doorward_domain::audit::Deed;
use doorward_domain::port::{NewSession, Opened};
use doorward_domain::token::{Device, End, EndReason};
use doorward_domain::user::User;

use crate::contract::store::changed;
use crate::contract::{Store, at_once};
use crate::fake::PlainPasswords;
use crate::sample;

/// Every field of the session and of what logged in.
pub async fn a_session_is_read_back_as_it_was_opened(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    let devices = [
        Device::default(),
        Device { user_agent: Some("Mozilla/5.0 (🦀; ß)".to_owned()), address: None },
        Device { user_agent: Some("a".repeat(256)), address: Some("2001:db8::1".parse().unwrap()) },
    ];
    for (number, device) in (1..).zip(devices) {
        let mut new = sample::login(&user, number, sample::seconds_later(number.into()));
        new.session.device = device;
        let after = store.log_in(&new).await;
        let live = store.find_live(new.session.id, new.session.created_at).await.unwrap().unwrap();
        assert_eq!((live.session, live.user), (new.session, after));
    }
}

/// The time, and a version that says so to whoever keeps a copy; nothing else changes.
pub async fn a_login_is_noted_on_the_account(store: Arc<dyn Store>) {
    let user = sample::kucing_cakep();
    store.add(&user).await;
    let new = sample::login(&user, 1, sample::seconds_later(5));
    let after = store.log_in(&new).await;
    let expected =
        User { last_login: Some(sample::seconds_later(5)), version: user.version + 1, ..user.clone() };
    assert_eq!(after, expected);
    assert_eq!(store.stored(user.id).await, expected);
}

/// In place of the one the password was checked against.
pub async fn a_new_hash_is_stored_with_the_login(store: Arc<dyn Store>) {
    let user = User { password: PlainPasswords::imported(sample::PASSWORD), ..sample::user(1) };
    store.add(&user).await;
    let rehashed = PlainPasswords::hash_of(sample::PASSWORD);
    let new = NewSession { rehashed: Some(rehashed.clone()), ..sample::login(&user, 1, sample::NOW) };
    assert_eq!(store.log_in(&new).await.password, rehashed);
    assert_eq!(store.stored(user.id).await.password, rehashed);
}

/// Another text, or another scheme of the same text: nothing is written.
pub async fn a_hash_that_changed_meanwhile_opens_nothing(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    for seen in [PlainPasswords::hash_of("another"), PlainPasswords::imported(sample::PASSWORD)] {
        let rehashed = Some(PlainPasswords::hash_of("yet another"));
        let new = NewSession { seen, rehashed, ..sample::login(&user, 1, sample::NOW) };
        assert_refused(&*store, &new, &user).await;
    }
}

/// Closed between the check of the password and this step: nothing is written.
pub async fn a_closed_account_opens_nothing(store: Arc<dyn Store>) {
    let user = User { active: false, ..sample::user(1) };
    store.add(&user).await;
    assert_refused(&*store, &sample::login(&user, 1, sample::NOW), &user).await;
}

async fn assert_refused(store: &dyn Store, new: &NewSession, unchanged: &User) {
    assert_eq!(store.open(new).await.unwrap(), Opened::CredentialChanged);
    assert_eq!(&store.stored(unchanged.id).await, unchanged);
    assert!(!store.is_live(&new.session).await);
}

/// Removed between the check of the password and this step: nothing is written.
pub async fn a_removed_account_opens_nothing(store: Arc<dyn Store>) {
    let new = sample::login(&sample::user(1), 1, sample::NOW);
    assert_eq!(store.open(&new).await.unwrap(), Opened::CredentialChanged);
    assert!(!store.is_live(&new.session).await);
    assert_eq!(store.find(sample::user_id(1)).await.unwrap(), None);
}

/// A refused login does not cost the account its oldest session.
pub async fn a_refused_login_ends_no_session(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    let seen = PlainPasswords::hash_of("another");
    let new = NewSession { seen, max_live: 1, ..sample::login(&user, 2, sample::seconds_later(1)) };
    assert_eq!(store.open(&new).await.unwrap(), Opened::CredentialChanged);
    assert!(store.is_live(&session).await);
}

/// An adapter may try again without knowing whether its first try was written.
pub async fn a_login_carried_out_twice_is_one_login(store: Arc<dyn Store>) {
    let user = User { password: PlainPasswords::imported(sample::PASSWORD), ..sample::user(1) };
    let other_session = store.add_and_log_in(&user, 1).await;
    let new = NewSession {
        rehashed: Some(PlainPasswords::hash_of(sample::PASSWORD)),
        max_live: 2,
        ..sample::login(&user, 2, sample::seconds_later(1))
    };
    let first = store.log_in(&new).await;
    assert_eq!(store.log_in(&new).await, first);
    assert_eq!(store.stored(user.id).await, first);
    assert!(store.is_live(&new.session).await && store.is_live(&other_session).await);
}

/// The one that began first, whatever was refreshed since, and with its reason.
pub async fn beyond_the_limit_the_oldest_session_ends(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    // Opened in an order that is not the order of their identifiers.
    let logins = [(3, 0), (1, 1), (2, 2), (4, 3)]
        .map(|(number, second)| sample::login(&user, number, sample::seconds_later(second)))
        .map(|new| NewSession { max_live: 3, ..new });
    let [oldest, second, third, newest] = &logins;
    for new in [oldest, second, third] {
        store.log_in(new).await;
    }
    store.refresh(&oldest.session, 1, 2).await;
    assert!(store.is_live(&oldest.session).await);
    store.log_in(newest).await;
    let end = End { at: newest.session.created_at, reason: EndReason::TooMany };
    assert_eq!(store.end_of(&oldest.session).await, Some(end));
    for new in [second, third, newest] {
        assert!(store.is_live(&new.session).await);
    }
}

/// As many as it takes.
pub async fn a_lowered_limit_ends_several_sessions(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    let logins: Vec<NewSession> =
        (1..=6).map(|number| sample::login(&user, number, sample::seconds_later(number.into()))).collect();
    for new in &logins[..5] {
        store.log_in(new).await;
    }
    store.log_in(&NewSession { max_live: 2, ..logins[5].clone() }).await;
    for (number, new) in (1..).zip(&logins) {
        assert_eq!(store.is_live(&new.session).await, number > 4, "session {number}");
    }
}

/// Only what lives and is the account's own takes up room.
pub async fn ended_and_expired_sessions_and_those_of_others_do_not_count(store: Arc<dyn Store>) {
    let (user, other) = (sample::user(1), sample::user(2));
    let others = store.add_and_log_in(&other, 1).await;
    store.add(&user).await;
    let long_ago = sample::login(&user, 2, sample::NOW.minus(sample::LIFETIME));
    let [oldest, ended, newest] = [(3, 0), (4, 1), (5, 2)].map(|(number, second)| NewSession {
        max_live: 2,
        ..sample::login(&user, number, sample::seconds_later(second))
    });
    for new in [&long_ago, &oldest, &ended] {
        store.log_in(new).await;
    }
    store.end(&sample::ending(&ended.session, EndReason::Logout, sample::seconds_later(1))).await.unwrap();
    store.log_in(&newest).await;
    assert!(store.is_live(&oldest.session).await && store.is_live(&newest.session).await);
    assert!(store.is_live(&others).await);
}

/// Two logins in one millisecond, or a clock that went back: whoever has just logged in is logged in.
pub async fn the_session_just_opened_is_not_the_one_that_ends(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    for (number, second) in [(2, 0), (1, 0), (3, 0), (4, -60)] {
        let now = sample::seconds_later(second);
        let new = NewSession { max_live: 1, ..sample::login(&user, number, now) };
        store.log_in(&new).await;
        assert!(store.is_live(&new.session).await, "session {number}");
    }
}

/// Sixteen logins at once: the limit holds, and each was really opened.
pub async fn logins_at_once_do_not_pass_the_limit(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    let logins: Vec<NewSession> = (1..=16)
        .map(|number| NewSession {
            max_live: 4,
            ..sample::login(&user, number, sample::seconds_later(number.into()))
        })
        .collect();
    let answers =
        at_once::all(&store, logins.clone(), |store, new| async move { store.open(&new).await.unwrap() })
            .await;
    assert!(answers.iter().all(|answer| matches!(answer, Opened::Done(_))), "{answers:?}");
    assert_eq!(store.stored(user.id).await.version, user.version + 16);
    let mut live = 0;
    for new in &logins {
        let last = sample::seconds_later(16);
        live += usize::from(store.find_live(new.session.id, last).await.unwrap().is_some());
    }
    assert_eq!(live, 4);
}

/// A login notes itself on whatever the account is by then.
pub async fn a_login_keeps_a_change_made_meanwhile(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    let change = changed(&user, |user| user.profile = sample::kucing_cakep().profile);
    store.update(&change, &Deed::default()).await.unwrap();
    let after = store.log_in(&sample::login(&user, 1, sample::NOW)).await;
    assert_eq!(after, User { last_login: Some(sample::NOW), version: change.version + 1, ..change });
}
