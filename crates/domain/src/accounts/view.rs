//! Looking at one account.

use super::{Accounts, may_have, may_touch};
use crate::port::StoreError;
use crate::user::{Email, User};

/// Why an account is not shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// It is somebody else's, or nobody's: the caller is not told which.
    #[error("only the owner and admins may do this")]
    Forbidden,
    /// There is no such account.
    #[error("no such account")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// The account that `address` names, for its owner or an admin.
    #[tracing::instrument(level = "info", skip_all, name = "accounts.view")]
    pub async fn view(&self, caller: &User, address: &Email) -> Result<User, ViewError> {
        if !may_touch(caller, address) {
            return Err(ViewError::Forbidden);
        }
        let user = self.store.find_by_address(address).await?.ok_or(ViewError::NotFound)?;
        if may_have(caller, &user) { Ok(user) } else { Err(ViewError::Forbidden) }
    }
}
