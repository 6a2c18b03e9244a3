//! Where accounts are kept.

use async_trait::async_trait;

use super::StoreError;
use crate::Timestamp;
use crate::token::{Session, SessionId, Successor};
use crate::user::{Email, PasswordHash, Role, User, UserId, UserTypeName};

/// Keeps accounts. An address belongs to one account at most, whether it is there as `username` or as `email`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// By identifier.
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError>;
    /// By `username` or `email`, whatever the spelling.
    async fn find_by_address(&self, address: &Email) -> Result<Option<User>, StoreError>;
    /// Adds an account. MUST answer [`InsertUserError::AddressTaken`] for a taken address, also when two arrive at
    /// once; adding the very same `id` again is no error.
    async fn insert(&self, user: &User) -> Result<(), InsertUserError>;
    /// Replaces every field but `password` and `last_login` of the account with `user.id`, if its version is the one
    /// just before `user.version`. Where the account becomes inactive, its sessions end in the same step.
    /// MUST keep one active admin, also when two updates arrive at once.
    async fn update(&self, user: &User) -> Result<(), UpdateUserError>;
    /// Replaces the password, renews the session that asked and ends every other one, in one step.
    async fn change_password(&self, change: &PasswordChange) -> Result<PasswordChanged, StoreError>;
    /// Removes the account and its sessions. MUST keep one active admin, also when two deletions arrive at once.
    async fn delete_with_sessions(&self, id: UserId) -> Result<(), DeleteUserError>;
    /// At most `query.limit` accounts that pass the filter and come after the position, in order.
    async fn list(&self, query: &UserQuery) -> Result<Vec<User>, StoreError>;
    /// How many accounts pass the filter.
    async fn count(&self, filter: &UserFilter) -> Result<u64, StoreError>;
}

/// Why an account was not added.
#[derive(Debug, thiserror::Error)]
pub enum InsertUserError {
    /// The address belongs to an account already.
    #[error("the address is taken")]
    AddressTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateUserError {
    /// There is no such account.
    #[error("no such account")]
    NotFound,
    /// Somebody else changed it meanwhile.
    #[error("the account was changed meanwhile")]
    Stale,
    /// The new address belongs to another account.
    #[error("the address is taken")]
    AddressTaken,
    /// No active admin would remain.
    #[error("the last admin must remain")]
    LastAdmin,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account was not removed.
#[derive(Debug, thiserror::Error)]
pub enum DeleteUserError {
    /// There is no such account.
    #[error("no such account")]
    NotFound,
    /// No active admin would remain.
    #[error("the last admin must remain")]
    LastAdmin,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A change of password, asked for by one session.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// Whose password.
    pub user_id: UserId,
    /// The hash that the current password was checked against.
    pub seen: PasswordHash,
    /// The new hash.
    pub new: PasswordHash,
    /// The session that asks; it lives on.
    pub session_id: SessionId,
    /// Its next pair.
    pub successor: Successor,
    /// Now.
    pub at: Timestamp,
}

/// What a change of password led to.
#[derive(Clone, Debug, PartialEq)]
pub enum PasswordChanged {
    /// The password is the new one.
    Done {
        /// The account afterwards.
        user: Box<User>,
        /// The session that asked, afterwards.
        session: Box<Session>,
    },
    /// The hash was no longer the one seen: somebody changed the password meanwhile.
    Stale,
    /// The session that asked has ended, or the account is gone.
    SessionEnded,
}

/// Which accounts a list has. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggedInSince {
    /// Earliest last login.
    pub since: Timestamp,
    /// When a session must be live.
    pub now: Timestamp,
}

/// What a list is ordered by; ties are broken by `id`, in the same direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

/// A place in an ordered list: just after one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The account's value of the sort key.
    pub value: SortValue,
    /// The account.
    pub id: UserId,
}

/// The value of a sort key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortValue {
    /// Of [`SortKey::CreatedAt`].
    CreatedAt(Timestamp),
    /// Of [`SortKey::Username`], in normal form.
    Username(String),
    /// Of [`SortKey::LastLogin`].
    LastLogin(Option<Timestamp>),
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// The place just after `user`.
    pub fn after(user: &User, sort: SortKey) -> Self {
        let value = match sort {
            SortKey::CreatedAt => SortValue::CreatedAt(user.created_at),
            SortKey::Username => SortValue::Username(user.username.normal().to_owned()),
            SortKey::LastLogin => SortValue::LastLogin(user.last_login),
        };
        Self { value, id: user.id }
    }
}
