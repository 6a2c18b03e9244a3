//! Removing an account.

use doorward_domain::audit::Deed;
use doorward_domain::port::DeleteUserError;
use doorward_domain::user::UserId;

use super::authorize::authorize;
use super::{Transaction, Try};
use crate::error::Abort;

/// Removes the account, its addresses and its sessions, unless nobody would be left to look after the others.
pub async fn delete(
    transaction: &mut impl Transaction,
    id: UserId,
    deed: &Deed,
    tries: Try,
) -> Result<(), Abort<DeleteUserError>> {
    let Some(user) = transaction.user(id).await? else {
        return match tries {
            Try::First => Err(Abort::Refused(DeleteUserError::NotFound)),
            Try::PerhapsDoneBefore => Ok(()),
        };
    };
    if let Err(denied) = authorize(transaction, deed).await? {
        return Err(Abort::Refused(denied.into()));
    }
    if user.is_active_admin() && !transaction.has_other_admin(id).await? {
        return Err(Abort::Refused(DeleteUserError::LastAdmin));
    }
    transaction.record(&deed.entries).await?;
    Ok(transaction.delete_user(id).await?)
}
