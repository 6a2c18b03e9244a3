//! Users: whole, and as other members see them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::words::words;

words! {
    /// What somebody may do.
    Role {
        /// See and change themselves.
        User = "user",
        /// See and change everybody.
        Admin = "admin",
    }
}

words! {
    /// What somebody is on the platform.
    UserTypeName {
        /// Streams.
        Streamer = "streamer",
        /// Sells.
        Seller = "seller",
    }
}

/// A user, as the user and admins see it. Times are RFC 3339 in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Never changes.
    pub id: Uuid,
    /// The address given at registration; never changes.
    pub username: String,
    /// The current address.
    pub email: String,
    /// Which user type is shown first.
    pub default_user_type: Option<UserTypeName>,
    /// What they may do.
    pub role: Role,
    /// False for an account that cannot log in.
    pub active: bool,
    /// When they logged in last.
    pub last_login: Option<String>,
    /// When the account was opened.
    pub created_at: String,
    /// When it was changed last.
    pub updated_at: String,
    /// Who they are.
    pub profile: Option<Profile>,
    /// Accounts on other platforms.
    pub accounts: LinkedAccounts,
    /// What they are on the platform.
    pub user_type: UserTypes,
    /// Titles, upper-case, once each.
    pub played_games: Vec<String>,
    /// Whom they like to watch.
    pub favorites: Favorites,
}

/// Who somebody is, in their own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Profile {
    pub fullname: Option<String>,
    pub gender: Option<String>,
    pub city: Option<String>,
}

/// Accounts on other platforms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct LinkedAccounts {
    pub gmail: Option<LinkedAccount>,
    pub youtube: Option<LinkedAccount>,
    pub facebook: Option<LinkedAccount>,
}

/// An account on another platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedAccount {
    /// Whether the person is logged in there.
    pub is_login: bool,
}

/// What somebody is on the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct UserTypes {
    pub streamer: Option<Channel>,
    pub seller: Option<Channel>,
}

/// Where somebody streams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// The channel's identifier.
    pub streamer_id: String,
    /// Identifiers of streams.
    pub streaming_history: Vec<String>,
}

/// Whom somebody likes to watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Favorites {
    pub facebook: Vec<Favorite>,
    pub youtube: Vec<Favorite>,
}

/// A favourite, as it is kept and as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Favorite {
    /// The platform's identifier; once in a list.
    pub id: String,
    /// The name to show.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Since when, as RFC 3339.
    pub favorited_at: String,
}

/// A user, as other members see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicUser {
    /// Never changes.
    pub id: Uuid,
    /// Which user type is shown first.
    pub default_user_type: Option<UserTypeName>,
    /// Who they are.
    pub profile: Option<PublicProfile>,
    /// What they are on the platform.
    pub user_type: UserTypes,
    /// Titles, upper-case, once each.
    pub played_games: Vec<String>,
}

/// The part of a profile that everybody sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct PublicProfile {
    pub fullname: Option<String>,
}

/// A user in a list: whole for an admin, the public part for a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum UserEntry {
    /// As an admin sees it.
    Whole(Box<User>),
    /// As a member sees it.
    Public(PublicUser),
}

impl UserEntry {
    /// Whose entry it is.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Whole(user) => user.id,
            Self::Public(user) => user.id,
        }
    }

    /// The whole user, where the caller may see that.
    pub fn whole(&self) -> Option<&User> {
        match self {
            Self::Whole(user) => Some(user),
            Self::Public(_) => None,
        }
    }
}
