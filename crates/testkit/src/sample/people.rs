//! People with full documents, so that a field that gets lost, or cut, is missed.

use doorward_domain::Timestamp;
use doorward_domain::user::{
    Channel, Favorite, FavoriteList, Favorites, Link, LinkedAccount, LinkedAccounts, PlayedGames, Profile,
    StreamingHistory, Text, User, UserTypeName, UserTypes,
};

use super::{NOW, PASSWORD, email, seconds_later, text, user_id};
use crate::fake::PlainPasswords;

/// The seed's example, a streamer with a history: every field that can be set is.
pub fn kucing_cakep() -> User {
    User {
        email: email("Kucing.Cakep+streams@example.com"),
        default_user_type: Some(UserTypeName::Streamer),
        profile: Some(Profile {
            fullname: Some(text("Kucing Cakep")),
            gender: Some(text("Male")),
            city: Some(text("Sidoarjo")),
        }),
        accounts: LinkedAccounts {
            gmail: Some(LinkedAccount { is_login: true }),
            youtube: Some(LinkedAccount { is_login: false }),
            facebook: Some(LinkedAccount { is_login: true }),
        },
        user_types: UserTypes {
            streamer: Some(channel("kucing-live", &["stream-3", "stream-1", "stream-2"])),
            seller: Some(channel("kucing-shop", &[])),
        },
        played_games: PlayedGames::parse(["MOBILE LEGENDS", "CHESS", "PUBG: ÖST"]).unwrap(),
        favorites: Favorites {
            facebook: followed(&["Jess No Limit", "Ärmel"]),
            youtube: followed(&["Windah", "100% \"Real\" _Live_ \\o/", "🦀"]),
        },
        last_login: Some(seconds_later(-3_600)),
        updated_at: NOW.minus(std::time::Duration::from_millis(1)),
        created_at: Timestamp::from_millis(1_577_836_799_999),
        version: 41,
        ..opened(9_001, "kucing.cakep@example.com")
    }
}

/// A seller from Malang, closed by an admin, with one half of everything: each `None` beside a `Some`.
pub fn budi_penjual() -> User {
    User {
        active: false,
        profile: Some(Profile { fullname: None, gender: None, city: Some(text("Malang")) }),
        accounts: LinkedAccounts { youtube: Some(LinkedAccount { is_login: true }), ..Default::default() },
        user_types: UserTypes { streamer: None, seller: Some(channel("budi", &["sale-1"])) },
        favorites: Favorites { facebook: followed(&["Jess No Limit"]), ..Default::default() },
        ..opened(9_002, "Budi@Toko.EXAMPLE.com")
    }
}

/// Sari has as much of everything as the domain allows, in characters of four bytes where there may be such.
pub fn sari_lengkap() -> User {
    let channel = Channel {
        streamer_id: longest(0),
        history: StreamingHistory::new(all_of(StreamingHistory::MAX)).unwrap(),
    };
    let favorites = FavoriteList::new((0..FavoriteList::MAX).map(longest_favorite).collect()).unwrap();
    let games: Vec<Text<100>> = all_of(PlayedGames::MAX);
    User {
        email: email(&format!("{}@{}.{}.com", "l".repeat(64), "d".repeat(63), "e".repeat(63))),
        profile: Some(Profile {
            fullname: Some(longest(0)),
            gender: Some(longest(0)),
            city: Some(longest(0)),
        }),
        user_types: UserTypes { streamer: Some(channel.clone()), seller: Some(channel) },
        played_games: PlayedGames::parse(games.iter().map(Text::as_str)).unwrap(),
        favorites: Favorites { facebook: favorites.clone(), youtube: favorites },
        ..opened(9_003, "sari.lengkap@example.com")
    }
}

/// The longest text there may be that begins with this number.
fn longest<const MAX: usize>(number: usize) -> Text<MAX> {
    let number = number.to_string();
    text(&format!("{number}{}", "🦀".repeat(MAX - number.len())))
}

fn all_of<const MAX: usize>(count: usize) -> Vec<Text<MAX>> {
    (0..count).map(longest).collect()
}

fn longest_favorite(number: usize) -> Favorite {
    Favorite {
        id: longest(number),
        name: longest(number),
        url: Link::parse(&format!("https://video.example/{}", "a".repeat(2_026))).unwrap(),
        favorited_at: NOW,
    }
}

fn opened(number: u32, address: &str) -> User {
    User::open(user_id(number), email(address), PlainPasswords::hash_of(PASSWORD), NOW)
}

fn channel(streamer_id: &str, streams: &[&str]) -> Channel {
    let history = StreamingHistory::new(streams.iter().map(|stream| text(stream)).collect()).unwrap();
    Channel { streamer_id: text(streamer_id), history }
}

fn followed(names: &[&str]) -> FavoriteList {
    let favorite = |(number, name): (i64, &&str)| Favorite {
        id: text(&format!("streamer-{number}")),
        name: text(name),
        url: Link::parse(&format!("https://video.example/watch?by={number}&lang=id#now")).unwrap(),
        favorited_at: Timestamp::from_millis(1_700_000_000_123 + number),
    };
    FavoriteList::new((0..).zip(names).map(favorite).collect()).unwrap()
}
