//! Two people with full documents, so that a field that gets lost is missed.

use doorward_domain::Timestamp;
use doorward_domain::user::{
    Channel, Favorite, FavoriteList, Favorites, Link, LinkedAccount, LinkedAccounts, PlayedGames, Profile,
    StreamingHistory, User, UserTypeName, UserTypes,
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
