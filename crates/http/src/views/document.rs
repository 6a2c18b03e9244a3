//! The seed's document of a user.

use doorward_domain::Timestamp;
use doorward_domain::user::{
    Channel, Favorite, FavoriteList, Favorites, LinkedAccount, Profile, Text, User, UserDocument, UserTypes,
};
use paperclip::actix::Apiv2Schema;
use serde::Serialize;

use super::View;
use crate::read::written_time;

/// A user, as the user and admins see it.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "User")]
pub(crate) struct UserView {
    /// Never changes.
    id: String,
    /// The address given at registration; never changes.
    username: String,
    /// The current address.
    email: String,
    /// streamer or seller: which user type is shown first.
    default_user_type: Option<String>,
    /// user or admin.
    role: String,
    /// False for an account that cannot log in.
    active: bool,
    /// RFC 3339, UTC, milliseconds.
    last_login: Option<String>,
    /// RFC 3339, UTC, milliseconds.
    created_at: String,
    /// RFC 3339, UTC, milliseconds.
    updated_at: String,
    profile: Option<ProfileView>,
    accounts: AccountsView,
    user_type: UserTypesView,
    /// Titles, upper-case, once each.
    played_games: Vec<String>,
    favorites: FavoritesView,
}

#[derive(Serialize, Apiv2Schema)]
struct ProfileView {
    fullname: Option<String>,
    gender: Option<String>,
    city: Option<String>,
}

#[derive(Serialize, Apiv2Schema)]
struct AccountsView {
    gmail: Option<LinkedAccountView>,
    youtube: Option<LinkedAccountView>,
    facebook: Option<LinkedAccountView>,
}

#[derive(Serialize, Apiv2Schema)]
struct LinkedAccountView {
    /// Whether the client is logged in there.
    is_login: bool,
}

#[derive(Serialize, Apiv2Schema)]
pub(super) struct UserTypesView {
    pub(super) streamer: Option<ChannelView>,
    pub(super) seller: Option<ChannelView>,
}

#[derive(Serialize, Apiv2Schema)]
pub(super) struct ChannelView {
    streamer_id: String,
    /// Stream identifiers.
    streaming_history: Vec<String>,
}

#[derive(Serialize, Apiv2Schema)]
pub(crate) struct FavoritesView {
    pub(crate) facebook: Vec<FavoriteView>,
    pub(crate) youtube: Vec<FavoriteView>,
}

#[derive(Serialize, Apiv2Schema)]
pub(crate) struct FavoriteView {
    id: String,
    name: String,
    url: String,
    /// RFC 3339, UTC, milliseconds.
    favorited_at: String,
}

/// An account and its document have the same fields, but for what is secret.
macro_rules! shown {
    ($($account:ty),+) => {
        $(
            impl From<&$account> for UserView {
                fn from(user: &$account) -> Self {
                    Self {
                        id: user.id.to_string(),
                        username: user.username.as_str().to_owned(),
                        email: user.email.as_str().to_owned(),
                        default_user_type: user.default_user_type.map(|name| name.to_string()),
                        role: user.role.to_string(),
                        active: user.active,
                        last_login: user.last_login.map(written_time),
                        created_at: written_time(user.created_at),
                        updated_at: written_time(user.updated_at),
                        profile: user.profile.as_ref().map(ProfileView::from),
                        accounts: AccountsView {
                            gmail: user.accounts.gmail.map(LinkedAccountView::from),
                            youtube: user.accounts.youtube.map(LinkedAccountView::from),
                            facebook: user.accounts.facebook.map(LinkedAccountView::from),
                        },
                        user_type: UserTypesView::from(&user.user_types),
                        played_games: texts(user.played_games.titles()),
                        favorites: FavoritesView::from(&user.favorites),
                    }
                }
            }
        )+
    };
}

shown!(User, UserDocument);

impl From<&Profile> for ProfileView {
    fn from(profile: &Profile) -> Self {
        Self {
            fullname: written(profile.fullname.as_ref()),
            gender: written(profile.gender.as_ref()),
            city: written(profile.city.as_ref()),
        }
    }
}

impl From<LinkedAccount> for LinkedAccountView {
    fn from(account: LinkedAccount) -> Self {
        Self { is_login: account.is_login }
    }
}

impl From<&UserTypes> for UserTypesView {
    fn from(user_types: &UserTypes) -> Self {
        Self {
            streamer: user_types.streamer.as_ref().map(ChannelView::from),
            seller: user_types.seller.as_ref().map(ChannelView::from),
        }
    }
}

impl From<&Channel> for ChannelView {
    fn from(channel: &Channel) -> Self {
        Self {
            streamer_id: channel.streamer_id.as_str().to_owned(),
            streaming_history: texts(channel.history.streams()),
        }
    }
}

impl From<&Favorites> for FavoritesView {
    fn from(lists: &Favorites) -> Self {
        Self { facebook: favorites(&lists.facebook), youtube: favorites(&lists.youtube) }
    }
}

impl From<&Favorite> for FavoriteView {
    fn from(favorite: &Favorite) -> Self {
        Self {
            id: favorite.id.as_str().to_owned(),
            name: favorite.name.as_str().to_owned(),
            url: favorite.url.as_str().to_owned(),
            favorited_at: written_time(favorite.favorited_at),
        }
    }
}

fn favorites(list: &FavoriteList) -> Vec<FavoriteView> {
    list.entries().iter().map(FavoriteView::from).collect()
}

pub(super) fn texts<const MAX: usize>(texts: &[Text<MAX>]) -> Vec<String> {
    texts.iter().map(|text| text.as_str().to_owned()).collect()
}

pub(super) fn written<const MAX: usize>(text: Option<&Text<MAX>>) -> Option<String> {
    text.map(|text| text.as_str().to_owned())
}

pub(super) const EXAMPLE_ID: &str = "0b9f6f5e-5f0c-4a53-9d8e-3f1d2f4c7a10";

pub(super) fn example_channel() -> ChannelView {
    ChannelView {
        streamer_id: "UC-kucing".into(),
        streaming_history: vec!["stream-1".into(), "stream-2".into()],
    }
}

impl View for UserView {
    fn example() -> Self {
        let time = written_time(Timestamp::from_seconds(1_767_268_800));
        Self {
            id: EXAMPLE_ID.into(),
            username: "ada@example.com".into(),
            email: "ada@example.com".into(),
            default_user_type: Some("streamer".into()),
            role: "user".into(),
            active: true,
            last_login: Some(time.clone()),
            created_at: time.clone(),
            updated_at: time.clone(),
            profile: Some(ProfileView {
                fullname: Some("Kucing Cakep".into()),
                gender: Some("Male".into()),
                city: Some("Sidoarjo".into()),
            }),
            accounts: AccountsView {
                gmail: Some(LinkedAccountView { is_login: true }),
                youtube: None,
                facebook: None,
            },
            user_type: UserTypesView { streamer: Some(example_channel()), seller: None },
            played_games: vec!["MOBILE LEGENDS".into()],
            favorites: FavoritesView {
                facebook: Vec::new(),
                youtube: vec![FavoriteView {
                    id: "yt-1".into(),
                    name: "Streamer One".into(),
                    url: "https://video.example/one".into(),
                    favorited_at: time,
                }],
            },
        }
    }
}
