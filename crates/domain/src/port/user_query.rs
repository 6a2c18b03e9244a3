//! Which page of which accounts is asked for.

use crate::Timestamp;
use crate::user::{Role, UserDocument, UserId, UserTypeName};

/// Which accounts a list has. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct UserFilter {
    /// The full name begins with this, in any letter case of ASCII; wildcards are plain characters.
    pub name_prefix: Option<String>,
    /// With `name_prefix`: an address that begins with it will do as well.
    pub prefix_of_address: bool,
    /// Has this role.
    pub role: Option<Role>,
    /// Is active, or is not.
    pub active: Option<bool>,
    /// Has this user type.
    pub user_type: Option<UserTypeName>,
    /// Opened at this time or later.
    pub created_after: Option<Timestamp>,
    /// Opened before this time.
    pub created_before: Option<Timestamp>,
    /// Logged in lately and has a live session.
    pub logged_in: Option<LoggedInSince>,
}

/// Logged in at `since` or later, and has a session that lives at `now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LoggedInSince {
    /// Earliest last login.
    pub since: Timestamp,
    /// When a session must be live.
    pub now: Timestamp,
}

/// What a list is ordered by; ties are broken by `id`, in the same direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// When the account was opened.
    #[default]
    CreatedAt,
    /// The normal form of the username, by bytes.
    Username,
    /// When somebody last logged in; never is the smallest.
    LastLogin,
}

impl SortKey {
    /// Every key.
    pub const ALL: [Self; 3] = [Self::CreatedAt, Self::Username, Self::LastLogin];

    /// The name of the field.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::Username => "username",
            Self::LastLogin => "last_login",
        }
    }
}

/// Which end a list begins at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

/// A place in an ordered list: just after one account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// The account's value of the sort key.
    pub value: SortValue,
    /// The account.
    pub id: UserId,
}

/// The value of a sort key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SortValue {
    /// Of [`SortKey::CreatedAt`].
    CreatedAt(Timestamp),
    /// Of [`SortKey::Username`], in normal form.
    Username(String),
    /// Of [`SortKey::LastLogin`].
    LastLogin(Option<Timestamp>),
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserQuery {
    /// Which accounts.
    pub filter: UserFilter,
    /// Ordered by.
    pub sort: SortKey,
    /// From which end.
    pub direction: Direction,
    /// Where the page begins; its value is of `sort`.
    pub after: Option<Position>,
    /// Most accounts.
    pub limit: usize,
}

impl Position {
    /// The place just after an account.
    pub fn after(user: &UserDocument, sort: SortKey) -> Self {
        let value = match sort {
            SortKey::CreatedAt => SortValue::CreatedAt(user.created_at),
            SortKey::Username => SortValue::Username(user.username.normal().to_owned()),
            SortKey::LastLogin => SortValue::LastLogin(user.last_login),
        };
        Self { value, id: user.id }
    }
}
