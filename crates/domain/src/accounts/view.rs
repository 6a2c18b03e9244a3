//! Looking at one account.

use tracing::{Instrument as _, info_span};

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
    pub async fn view(&self, caller: &User, address: &Email) -> Result<User, ViewError> {
        async move {
            if !may_touch(caller, address) {
                return Err(ViewError::Forbidden);
            }
            let user = self.store.find_by_address(address).await?.ok_or(ViewError::NotFound)?;
            if may_have(caller, &user) { Ok(user) } else { Err(ViewError::Forbidden) }
        }
        .instrument(info_span!("accounts.view"))
        .await
    }
}
