//! Removing an account.

use tracing::{Instrument as _, info_span};

use super::Accounts;
use crate::audit::{Action, Deed, Denied};
use crate::port::{DeleteUserError, StoreError};
use crate::sessions::Caller;
use crate::user::{Email, Role, User};

/// Why an account was not removed.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// Only admins remove accounts.
    #[error("only admins may do this")]
    Forbidden,
    /// The session ended meanwhile.
    #[error("the session has ended")]
    SessionEnded,
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
    pub async fn delete(&self, caller: &Caller, address: &Email) -> Result<User, DeleteError> {
        async move {
            if caller.user.role != Role::Admin {
                return Err(DeleteError::Forbidden);
            }
            let user = self.store.find_by_address(address).await?.ok_or(DeleteError::NotFound)?;
            let now = self.clock.now();
            let deed = Deed {
                authority: Some(caller.authority(now, true)),
                entries: vec![self.audit.by(caller, now, Action::Delete).about(&user)],
            };
            self.store.delete_with_sessions(user.id, &deed).await?;
            Ok(user)
        }
        .instrument(info_span!("accounts.delete"))
        .await
    }
}

impl From<DeleteUserError> for DeleteError {
    fn from(error: DeleteUserError) -> Self {
        match error {
            DeleteUserError::NotFound => Self::NotFound,
            DeleteUserError::LastAdmin => Self::LastAdmin,
            DeleteUserError::Denied(Denied::SessionEnded) => Self::SessionEnded,
            DeleteUserError::Denied(Denied::NotAdmin) => Self::Forbidden,
            DeleteUserError::Store(error) => Self::Store(error),
        }
    }
}
