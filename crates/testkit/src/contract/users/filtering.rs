//! Which accounts a list has, and that counting says the same.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::audit::Deed;
use doorward_domain::port::{Direction, LoggedInSince, SortKey, UserFilter, UserQuery};
use doorward_domain::token::EndReason;
use doorward_domain::user::{KeptDocument, Profile, Role, User, UserTypeName, UserTypes};

use crate::contract::Store;
use crate::contract::store::changed;
use crate::sample;

/// The numbers of the sample people that pass, smallest first; counting them must come to the same.
async fn passing(store: &dyn Store, filter: UserFilter) -> Vec<u32> {
    let query = UserQuery {
        filter: filter.clone(),
        sort: SortKey::default(),
        direction: Direction::default(),
        after: None,
        limit: 1_000,
    };
    let listed = store.list(&query).await.unwrap();
    assert_eq!(store.count(&filter).await.unwrap(), u64::try_from(listed.len()).unwrap(), "{filter:?}");
    let number =
        |user: &Arc<KeptDocument>| (1..100).find(|number| sample::user_id(*number) == user.id).unwrap();
    let mut numbers: Vec<u32> = listed.iter().map(number).collect();
    numbers.sort_unstable();
    numbers
}

fn named(number: u32, fullname: &str) -> User {
    let profile = Profile { fullname: Some(sample::text(fullname)), ..Profile::default() };
    User { profile: Some(profile), ..sample::user(number) }
}

fn by_name(prefix: &str) -> UserFilter {
    UserFilter { name_prefix: Some(prefix.to_owned()), ..UserFilter::default() }
}

fn by_name_or_address(prefix: &str) -> UserFilter {
    UserFilter { prefix_of_address: true, ..by_name(prefix) }
}

/// Everybody, members and admins, open and closed; nobody of an empty store.
pub async fn no_filter_lists_everybody(store: Arc<dyn Store>) {
    assert!(passing(&*store, UserFilter::default()).await.is_empty());
    let closed = User { active: false, ..sample::user(3) };
    store.add_all([&sample::user(1), &sample::admin(2), &closed]).await;
    assert_eq!(passing(&*store, UserFilter::default()).await, [1, 2, 3]);
}

/// In any letter case of ASCII, from the first character on.
pub async fn a_full_name_is_found_by_its_beginning(store: Arc<dyn Store>) {
    store.add_all([&named(1, "Kucing Cakep"), &named(2, "kucing lain"), &named(3, "Ada Kucing")]).await;
    store.add(&sample::user(4)).await;
    assert_eq!(passing(&*store, by_name("KUCING")).await, [1, 2]);
    assert_eq!(passing(&*store, by_name("kucing c")).await, [1]);
    assert_eq!(passing(&*store, by_name("Kucing Cakep")).await, [1]);
    assert!(passing(&*store, by_name("Kucing Cakep!")).await.is_empty());
}

/// Letters outside ASCII are compared as they are.
pub async fn letter_case_is_folded_in_ascii_only(store: Arc<dyn Store>) {
    store.add_all([&named(1, "Élodie"), &named(2, "élodie"), &named(3, "🦀 Ferris")]).await;
    assert_eq!(passing(&*store, by_name("ÉLO")).await, [1]);
    assert_eq!(passing(&*store, by_name("élo")).await, [2]);
    assert_eq!(passing(&*store, by_name("🦀 FERRIS")).await, [3]);
}

/// `%`, `_`, `\` and the like stand for themselves, in names and addresses.
pub async fn wildcards_in_a_prefix_are_plain_characters(store: Arc<dyn Store>) {
    for (number, name) in
        (1..).zip(["100% real", "100 real", "a_b", "axb", "c\\d", "c\\%d", "e*f", "e?f", "[g]"])
    {
        store.add(&named(number, name)).await;
    }
    for (prefix, expected) in [
        ("100%", vec![1]),
        ("%", vec![]),
        ("_", vec![]),
        ("a_", vec![3]),
        ("c\\", vec![5, 6]),
        ("c\\%", vec![6]),
        ("\\", vec![]),
        ("*", vec![]),
        ("e*", vec![7]),
        ("?", vec![]),
        ("e?", vec![8]),
        ("[g", vec![9]),
        ("[a-z]", vec![]),
        ("'", vec![]),
    ] {
        assert_eq!(passing(&*store, by_name(prefix)).await, expected, "{prefix}");
    }
    assert!(passing(&*store, by_name_or_address("person_")).await.is_empty());
    assert!(passing(&*store, by_name_or_address("%person")).await.is_empty());
}

/// Username or email, in any letter case; a member's search must not try addresses.
pub async fn an_address_is_searched_only_when_that_is_asked(store: Arc<dyn Store>) {
    let by_email = User { email: sample::email("Kucing@example.com"), ..sample::user(1) };
    let by_username = User { username: sample::email("KUCING.two@example.com"), ..sample::user(2) };
    store.add_all([&by_email, &by_username, &named(3, "Kucing"), &sample::user(4)]).await;
    assert_eq!(passing(&*store, by_name("kucing")).await, [3]);
    assert_eq!(passing(&*store, by_name_or_address("kuCing")).await, [1, 2, 3]);
    assert_eq!(passing(&*store, by_name_or_address("kucing@EXAMPLE")).await, [1]);
    assert_eq!(passing(&*store, by_name_or_address("person1@")).await, [1]);
    let addresses_alone = UserFilter { prefix_of_address: true, ..UserFilter::default() };
    assert_eq!(passing(&*store, addresses_alone).await, [1, 2, 3, 4]);
}

/// One role or the other.
pub async fn accounts_are_filtered_by_role(store: Arc<dyn Store>) {
    store.add_all([&sample::user(1), &sample::admin(2), &sample::user(3)]).await;
    let by = |role| UserFilter { role: Some(role), ..UserFilter::default() };
    assert_eq!(passing(&*store, by(Role::User)).await, [1, 3]);
    assert_eq!(passing(&*store, by(Role::Admin)).await, [2]);
}

/// Open or closed.
pub async fn accounts_are_filtered_by_state(store: Arc<dyn Store>) {
    store.add_all([&sample::user(1), &User { active: false, ..sample::user(2) }]).await;
    let by = |active| UserFilter { active: Some(active), ..UserFilter::default() };
    assert_eq!(passing(&*store, by(true)).await, [1]);
    assert_eq!(passing(&*store, by(false)).await, [2]);
}

/// What somebody is, not what is shown first; also after it changed.
pub async fn accounts_are_filtered_by_user_type(store: Arc<dyn Store>) {
    let types = sample::kucing_cakep().user_types;
    let mut streamer = sample::user(1);
    streamer.user_types.streamer = types.streamer.clone();
    let mut seller = sample::user(2);
    seller.user_types.seller = types.seller.clone();
    seller.default_user_type = Some(UserTypeName::Streamer);
    let both = User { user_types: types, ..sample::user(3) };
    store.add_all([&streamer, &seller, &both, &sample::user(4)]).await;
    let by = |name| UserFilter { user_type: Some(name), ..UserFilter::default() };
    assert_eq!(passing(&*store, by(UserTypeName::Streamer)).await, [1, 3]);
    assert_eq!(passing(&*store, by(UserTypeName::Seller)).await, [2, 3]);
    store.update(&changed(&both, |user| user.user_types.streamer = None), &Deed::default()).await.unwrap();
    assert_eq!(passing(&*store, by(UserTypeName::Streamer)).await, [1]);
}

/// From the first time on, up to but without the second.
pub async fn accounts_are_filtered_by_when_they_were_opened(store: Arc<dyn Store>) {
    for number in 1..=4 {
        let created_at = sample::seconds_later(number.into());
        store.add(&User { created_at, ..sample::user(number) }).await;
    }
    let [second, fourth] = [2, 4].map(sample::seconds_later);
    let between =
        |created_after, created_before| UserFilter { created_after, created_before, ..UserFilter::default() };
    assert_eq!(passing(&*store, between(Some(second), None)).await, [2, 3, 4]);
    assert_eq!(passing(&*store, between(None, Some(fourth))).await, [1, 2, 3]);
    assert_eq!(passing(&*store, between(Some(second), Some(fourth))).await, [2, 3]);
    let a_moment_later = second.plus(Duration::from_millis(1));
    assert_eq!(passing(&*store, between(Some(a_moment_later), None)).await, [3, 4]);
    assert!(passing(&*store, between(Some(second), Some(second))).await.is_empty());
}

/// A recent login alone is not enough, nor is a session alone; both limits are exact.
pub async fn who_is_logged_in_has_a_recent_login_and_a_live_session(store: Arc<dyn Store>) {
    let early = sample::seconds_later(-60);
    let [lately, before, ended, never] = [1, 2, 3, 4].map(sample::user);
    let without_session = User { last_login: Some(sample::NOW), ..sample::user(5) };
    store.add_all([&lately, &before, &ended, &never, &without_session]).await;
    store.log_in(&sample::login(&lately, 1, sample::NOW)).await;
    store.log_in(&sample::login(&before, 2, early)).await;
    let over = sample::login(&ended, 3, sample::NOW);
    store.log_in(&over).await;
    store.end(&sample::ending(&over.session, EndReason::Logout, sample::NOW)).await.unwrap();
    let by =
        |since, now| UserFilter { logged_in: Some(LoggedInSince { since, now }), ..UserFilter::default() };
    assert_eq!(passing(&*store, by(early, sample::NOW)).await, [1, 2]);
    assert_eq!(passing(&*store, by(sample::NOW, sample::NOW)).await, [1]);
    let a_moment_later = sample::NOW.plus(Duration::from_millis(1));
    assert!(passing(&*store, by(a_moment_later, sample::NOW)).await.is_empty());
    let first_expiry = sample::session(&before, 2, early).expires_at;
    let a_moment_before = first_expiry.minus(Duration::from_millis(1));
    assert_eq!(passing(&*store, by(early, a_moment_before)).await, [1, 2]);
    assert_eq!(passing(&*store, by(early, first_expiry)).await, [1]);
}

/// Several sessions are one person.
pub async fn somebody_with_many_sessions_is_listed_once(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    for number in 1..=3 {
        store.log_in(&sample::login(&user, number, sample::NOW)).await;
    }
    let logged_in = Some(LoggedInSince { since: sample::NOW, now: sample::NOW });
    assert_eq!(passing(&*store, UserFilter { logged_in, ..UserFilter::default() }).await, [1]);
}

/// Each filter narrows what the others leave.
pub async fn everything_given_must_hold(store: Arc<dyn Store>) {
    let types = sample::kucing_cakep().user_types;
    let wanted = User { user_types: types, role: Role::Admin, ..named(1, "Kucing Cakep") };
    let another_role = User { role: Role::User, ..renamed(&wanted, 2) };
    let closed = User { active: false, ..renamed(&wanted, 3) };
    let untyped = User { user_types: UserTypes::default(), ..renamed(&wanted, 4) };
    let nameless = User { profile: None, ..renamed(&wanted, 5) };
    let older = User { created_at: sample::seconds_later(-1), ..renamed(&wanted, 6) };
    let logged_out = renamed(&wanted, 7);
    let people = [&wanted, &another_role, &closed, &untyped, &nameless, &older, &logged_out];
    store.add_all(people).await;
    for number in [1, 2, 4, 5, 6] {
        store.log_in(&sample::login(&store.stored(sample::user_id(number)).await, number, sample::NOW)).await;
    }
    let filter = UserFilter {
        name_prefix: Some("kucing".to_owned()),
        prefix_of_address: true,
        role: Some(Role::Admin),
        active: Some(true),
        user_type: Some(UserTypeName::Seller),
        created_after: Some(sample::NOW),
        created_before: Some(sample::seconds_later(1)),
        logged_in: Some(LoggedInSince { since: sample::NOW, now: sample::NOW }),
    };
    assert_eq!(passing(&*store, filter).await, [1]);
}

fn renamed(user: &User, number: u32) -> User {
    let User { id, username, email, .. } = sample::user(number);
    User { id, username, email, ..user.clone() }
}
