//! A user's account and the values it is made of.

mod accounts;
mod changes;
mod document;
mod email;
mod favorites;
mod games;
mod id;
mod kept_document;
mod password;
mod profile;
mod role;
mod text;
mod user_type;
mod weight;

pub use accounts::{LinkedAccount, LinkedAccounts};
pub use changes::{
    Change, ChannelChange, FavoritesChange, LinkedAccountsChange, ProfileChange, UserChanges, UserTypesChange,
};
pub use document::UserDocument;
pub use email::{Email, EmailError};
pub use favorites::{Favorite, FavoriteList, FavoriteListError, Favorites, Link, LinkError};
pub use games::{PlayedGames, PlayedGamesError};
pub use id::UserId;
pub use kept_document::KeptDocument;
pub use password::{
    HashScheme, Password, PasswordError, PasswordHash, PasswordRules, PasswordWeakness, adorned,
};
pub use profile::Profile;
pub use role::{Role, UnknownRole};
pub use text::{Text, TextError};
pub use user_type::{Channel, StreamingHistory, TooLong, UnknownUserType, UserTypeName, UserTypes};

use crate::Timestamp;

/// One account.
///
/// `username` is the address somebody registered with and never changes; `email` is where they are reached now.
/// Both log in, and an address belongs to one account only, whichever of the two it is there.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Chosen when the account is opened, never reused.
    pub id: UserId,
    /// The address given at registration; never changes.
    pub username: Email,
    /// The current address.
    pub email: Email,
    /// What proves the password.
    pub password: PasswordHash,
    /// What the account may do.
    pub role: Role,
    /// False for an account that an admin has closed: it cannot log in.
    pub active: bool,
    /// Which of its user types a client shows first.
    pub default_user_type: Option<UserTypeName>,
    /// Who the person is, as far as they say.
    pub profile: Option<Profile>,
    /// Accounts elsewhere.
    pub accounts: LinkedAccounts,
    /// What the person does here.
    pub user_types: UserTypes,
    /// Titles, upper-case, once each.
    pub played_games: PlayedGames,
    /// Streamers the person follows.
    pub favorites: Favorites,
    /// Counts the changes; an update names the version it has seen.
    pub version: i64,
    /// When somebody last logged in to it.
    pub last_login: Option<Timestamp>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When its fields were last changed.
    pub updated_at: Timestamp,
}

impl User {
    /// A new, active member with nothing but an address and a password.
    pub fn open(id: UserId, address: Email, password: PasswordHash, now: Timestamp) -> Self {
        Self {
            id,
            username: address.clone(),
            email: address,
            password,
            role: Role::User,
            active: true,
            default_user_type: None,
            profile: None,
            accounts: LinkedAccounts::default(),
            user_types: UserTypes::default(),
            played_games: PlayedGames::default(),
            favorites: Favorites::default(),
            version: 1,
            last_login: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether the account counts towards "at least one admin must remain".
    pub fn is_active_admin(&self) -> bool {
        self.active && self.role == Role::Admin
    }

    /// Whether `address` names this account.
    pub fn answers_to(&self, address: &Email) -> bool {
        self.username == *address || self.email == *address
    }
}
