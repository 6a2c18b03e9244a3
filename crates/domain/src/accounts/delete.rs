//! Removing an account.

use super::Accounts;
use crate::port::{DeleteUserError, StoreError};
use crate::user::{Email, Role, User};

/// Why an account was not removed.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// Only admins remove accounts.
    #[error("only admins may do this")]
    Forbidden,
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

impl Accounts {
    /// Removes the account that `address` names and ends its sessions; answers what it was.
    pub async fn delete(&self, caller: &User, address: &Email) -> Result<User, DeleteError> {
        if caller.role != Role::Admin {
            return Err(DeleteError::Forbidden);
        }
        let user = self.store.find_by_address(address).await?.ok_or(DeleteError::NotFound)?;
        self.store.delete_with_sessions(user.id).await?;
        Ok(user)
    }
}

impl From<DeleteUserError> for DeleteError {
    fn from(error: DeleteUserError) -> Self {
        match error {
            DeleteUserError::NotFound => Self::NotFound,
            DeleteUserError::LastAdmin => Self::LastAdmin,
            DeleteUserError::Store(error) => Self::Store(error),
        }
    }
}
