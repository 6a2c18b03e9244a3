//! What a record looks like, and that nothing is lost on its way.

use doorward_domain::Timestamp;
use doorward_domain::user::{
    Channel, Email, Favorite, FavoriteList, Favorites, Link, LinkedAccount, LinkedAccounts, PlayedGames,
    Profile, Role, StreamingHistory, Text, User, UserTypeName, UserTypes,
};
use doorward_testkit::sample::{self, stamp, varied};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn written(document: &UserDocument) -> String {
    Record::write(document, stamp(7)).unwrap()
}

fn read(text: &str) -> Option<UserDocument> {
    Record::read(text.as_bytes(), stamp(7))
}

/// The record of somebody, in which this is replaced by that.
fn with(this: &str, that: &str) -> String {
    let text = written(&sample::kucing_cakep().into());
    assert_eq!(text.matches(this).count(), 1, "{this}");
    text.replace(this, that)
}

#[test]
fn f35_a_record_is_the_seeds_document_with_what_tells_whether_it_is_current() {
    insta::assert_snapshot!(written(&sample::kucing_cakep().into()));
}

#[test]
fn f35_an_empty_record_has_every_name_too() {
    insta::assert_snapshot!(written(&sample::user(1).into()));
}

#[test]
fn a_record_has_no_secret_in_it() {
    for user in [sample::kucing_cakep(), sample::sari_lengkap(), sample::user(1)] {
        let secret = user.password.reveal().to_owned();
        let text = written(&user.into());
        assert!(!text.contains(&secret) && !text.contains("password"), "{text}");
    }
}

/// The scripts look at the beginning of a record to tell whose it is and of which version.
#[test]
fn a_record_begins_as_the_scripts_expect() {
    let user = User { version: 41, ..sample::user(1) };
    let beginning = format!(
        r#"{{"v":1,"version":41,"stamp":"{}","id":"{}","username":"#,
        stamp(7).uuid(),
        sample::user_id(1)
    );
    assert!(written(&user.into()).starts_with(&beginning));
}

#[test]
fn a_record_of_another_stamp_or_another_form_is_nothing() {
    let text = written(&sample::user(1).into());
    assert!(read(&text).is_some());
    assert_eq!(Record::read(text.as_bytes(), stamp(8)), None);
    for form in [r#"{"v":0,"#, r#"{"v":2,"#, r#"{"v":"1","#, r#"{"v":null,"#, "{"] {
        assert_eq!(read(&text.replace(r#"{"v":1,"#, form)), None, "{form}");
    }
}

#[test]
fn what_stands_there_and_is_no_record_is_nothing() {
    let text = written(&sample::user(1).into());
    for other in ["", "true", "[]", "{}", "null", "\u{0}", &text[1..], &text[..text.len() - 1]] {
        assert_eq!(read(other), None, "{other}");
    }
    assert_eq!(Record::read(b"\xff\xfe", stamp(7)), None);
}

/// Whoever can write to Redis does not get past what the service accepts from others.
#[test]
fn what_could_not_have_been_written_is_not_read() {
    let long = format!(r#""city":"{}""#, "x".repeat(1_000));
    for (this, that) in [
        (r#""role":"user""#, r#""role":"root""#),
        (r#""active":true"#, r#""active":1"#),
        (r#""default_user_type":"streamer""#, r#""default_user_type":"king""#),
        (r#""username":"kucing.cakep@example.com""#, r#""username":"nobody""#),
        (r#""email":"Kucing.Cakep+streams@example.com""#, r#""email":"""#),
        (r#""city":"Sidoarjo""#, &long),
        (r#""city":"Sidoarjo""#, r#""city":"a\u0000b""#),
        (r#""updated_at":"2025-12-31T23:59:59.999Z""#, r#""updated_at":"yesterday""#),
        (r#""updated_at":"2025-12-31T23:59:59.999Z""#, r#""updated_at":"0000-01-01T00:00:00+00:01""#),
        (r#""updated_at":"2025-12-31T23:59:59.999Z""#, r#""updated_at":"9999-12-31T23:59:60Z""#),
        (r#""version":41"#, r#""version":"41""#),
        (r#""version":41"#, r#""version":99999999999999999999"#),
    ] {
        assert_eq!(read(&with(this, that)), None, "{that}");
    }
}

/// A later version of the service may write more.
#[test]
fn names_that_nobody_knows_are_passed_over() {
    let text = with(r#","active":true"#, r#","mood":"fine","active":true"#);
    assert_eq!(read(&text), Some(sample::kucing_cakep().into()));
}

#[test]
fn whoever_a_list_knows_is_read_back() {
    for number in 0..60 {
        let document = varied::somebody(number).into();
        assert_eq!(read(&written(&document)), Some(document));
    }
}

#[test]
fn a_lifetime_is_an_hour_more_or_less() {
    let lifetimes: Vec<_> = [0, u128::MAX, 0x80 << 120]
        .into_iter()
        .map(|random| lifetime(Stamp::new(Uuid::from_u128(random))))
        .collect();
    assert_eq!(lifetimes, [3_240, 3_960, 3_601]);
}

proptest! {
    #[test]
    fn every_document_is_read_back_as_it_was_written(document in document()) {
        let back = read(&written(&document));
        let spelling = |document: &UserDocument| [&document.username, &document.email].map(|email| email.as_str().to_owned());
        prop_assert_eq!(back.as_ref().map(spelling), Some(spelling(&document)));
        prop_assert_eq!(back, Some(document));
    }

    #[test]
    fn whatever_stands_there_is_no_reason_to_panic(bytes in any::<Vec<u8>>()) {
        prop_assert_eq!(Record::read(&bytes, stamp(7)), None);
    }
}

fn document() -> impl Strategy<Value = UserDocument> {
    let whose = (any::<u128>(), email(), email(), any::<bool>(), any::<bool>(), 0..i64::MAX);
    let own = (
        option(Just(UserTypeName::Seller)),
        option(profile()),
        accounts(),
        option(channel()),
        option(channel()),
    );
    let lists = (games(), favorites(), favorites());
    let times = (option(time()), time(), time());
    (whose, own, lists, times).prop_map(|(whose, own, lists, times)| {
        let (id, username, email, is_admin, active, version) = whose;
        let (default_user_type, profile, accounts, streamer, seller) = own;
        let (played_games, facebook, youtube) = lists;
        let (last_login, created_at, updated_at) = times;
        UserDocument {
            id: UserId::new(Uuid::from_u128(id)),
            username,
            email,
            role: if is_admin { Role::Admin } else { Role::User },
            active,
            default_user_type,
            profile,
            accounts,
            user_types: UserTypes { streamer, seller },
            played_games,
            favorites: Favorites { facebook, youtube },
            version,
            last_login,
            created_at,
            updated_at,
        }
    })
}

fn option<T: Clone + std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(of)
}

fn list<T: std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    proptest::collection::vec(of, 0..5)
}

fn email() -> impl Strategy<Value = Email> {
    "[A-Za-z0-9+._-]{1,20}@[A-Za-z0-9]{1,20}\\.[A-Za-z]{2,10}"
        .prop_filter_map("no address", |text| Email::parse(&text).ok())
}

/// Any character that may be there, in JSON or not.
fn text<const MAX: usize>() -> impl Strategy<Value = Text<MAX>> {
    "\\PC{1,20}".prop_filter_map("no text", |text| Text::parse(&text).ok())
}

/// From 1970 to 9999.
fn time() -> impl Strategy<Value = Timestamp> {
    (0..253_402_300_800_000_i64).prop_map(Timestamp::from_millis)
}

fn profile() -> impl Strategy<Value = Profile> {
    (option(text()), option(text()), option(text())).prop_map(|(fullname, gender, city)| Profile {
        fullname,
        gender,
        city,
    })
}

fn accounts() -> impl Strategy<Value = LinkedAccounts> {
    let account = || option(any::<bool>().prop_map(|is_login| LinkedAccount { is_login }));
    (account(), account(), account()).prop_map(|(gmail, youtube, facebook)| LinkedAccounts {
        gmail,
        youtube,
        facebook,
    })
}

fn channel() -> impl Strategy<Value = Channel> {
    (text(), list(text())).prop_map(|(streamer_id, streams)| Channel {
        streamer_id,
        history: StreamingHistory::new(streams).unwrap(),
    })
}

fn games() -> impl Strategy<Value = PlayedGames> {
    list("\\PC{1,20}")
        .prop_filter_map("no games", |titles| PlayedGames::parse(titles.iter().map(String::as_str)).ok())
}

fn favorites() -> impl Strategy<Value = FavoriteList> {
    let link = "https://[a-z]{1,10}\\.example/[a-z0-9?&=%20]{0,20}"
        .prop_filter_map("no link", |link| Link::parse(&link).ok());
    let favorite = (text(), text(), link, time()).prop_map(|(id, name, url, favorited_at)| Favorite {
        id,
        name,
        url,
        favorited_at,
    });
    list(favorite).prop_filter_map("one twice", |favorites| FavoriteList::new(favorites).ok())
}
