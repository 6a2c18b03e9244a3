//! Where many accounts are added at once.

use async_trait::async_trait;

use super::StoreError;
use crate::audit::AuditEntry;
use crate::user::{User, UserId};

/// Takes in accounts by the thousand, beside whoever uses the store meanwhile.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserIntake: Send + Sync {
    /// Adds all accounts that may be added, in one step, and answers of each what became of it, in their order. Of two
    /// that want the same address or identifier the earlier one gets it. One that is refused keeps none of the others
    /// from being added.
    ///
    /// The entries MUST be in the audit log exactly when an account is added, with how many were. An account that is there
    /// already is not touched; an adapter that tries again by itself MUST answer [`Inserted::Added`] for what its own
    /// earlier try has added.
    async fn insert_many(&self, new: NewUsers) -> Result<Vec<Inserted>, StoreError>;
}

/// Accounts to add.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewUsers {
    /// The accounts.
    pub users: Vec<User>,
    /// What is written down if any is added.
    pub entries: Vec<AuditEntry>,
    /// Nothing is added and nothing written down; the answer is what would have become of each.
    pub is_rehearsal: bool,
}

impl NewUsers {
    /// What is written down, once it is known how many were added.
    pub fn entries_with(entries: &[AuditEntry], added: usize) -> Vec<AuditEntry> {
        entries.iter().map(|entry| entry.clone().noting("count", added.to_string())).collect()
    }
}

/// What became of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It was added.
    Added,
    /// There is an account of this username: this one, which was not changed.
    Exists(UserId),
    /// One of its addresses belongs to somebody else.
    AddressTaken,
    /// Its identifier belongs to somebody else.
    IdTaken,
}
