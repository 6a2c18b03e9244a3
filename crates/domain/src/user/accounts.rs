//! Accounts that a person has elsewhere.

/// The seed's `accounts`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkedAccounts {
    /// A Google account.
    pub gmail: Option<LinkedAccount>,
    /// A `YouTube` channel.
    pub youtube: Option<LinkedAccount>,
    /// A Facebook account.
    pub facebook: Option<LinkedAccount>,
}

/// One account elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkedAccount {
    /// Whether the client is logged in there.
    pub is_login: bool,
}
