//! Adding an account.

use doorward_domain::port::InsertUserError;
use doorward_domain::user::User;

use super::Transaction;
use crate::error::Abort;

/// An account that is there already stays as it is.
pub async fn insert(transaction: &mut impl Transaction, user: &User) -> Result<(), Abort<InsertUserError>> {
    if !transaction.add_user(user).await? || transaction.claim_addresses(user).await? {
        return Ok(());
    }
    Err(Abort::Refused(InsertUserError::AddressTaken))
}
