//! Adding an account.

use doorward_domain::audit::AuditEntry;
use doorward_domain::port::InsertUserError;
use doorward_domain::user::User;

use super::Transaction;
use crate::error::Abort;

/// An account that is there already stays as it is.
pub async fn insert(
    transaction: &mut impl Transaction,
    user: &User,
    entries: &[AuditEntry],
) -> Result<(), Abort<InsertUserError>> {
    if !transaction.add_user(user).await? {
        return Ok(());
    }
    if !transaction.claim_addresses(user).await? {
        return Err(Abort::Refused(InsertUserError::AddressTaken));
    }
    Ok(transaction.record(entries).await?)
}
