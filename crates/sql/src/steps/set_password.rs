//! Setting a password without the one before.

use std::slice;

use doorward_domain::port::{NewPassword, StoreError};
use doorward_domain::token::{EndReason, SessionId};

use super::Transaction;
use crate::error::Abort;

/// Replaces the password and ends every session of the account. Where this was done before, the sessions ended in that
/// very moment and are answered again.
pub async fn set_password(
    transaction: &mut impl Transaction,
    new: &NewPassword,
) -> Result<Option<Vec<SessionId>>, Abort<StoreError>> {
    let NewPassword { user_id, hash, at, entry } = new;
    let Some(mut user) = transaction.user(*user_id).await? else {
        return Ok(None);
    };
    // The second time round there is nothing left to do, whatever has become of the password since.
    if transaction.is_recorded(entry.id).await? {
        return Ok(Some(transaction.sessions_ended_at(*user_id, *at).await?));
    }
    let ended = transaction.live_sessions(*user_id, *at).await?;
    user.password = hash.clone();
    user.version = user.version.saturating_add(1);
    transaction.keep_credentials(&user).await?;
    // Those as well that live by the clock of another node only.
    transaction.end_all(*user_id, None, *at, EndReason::PasswordChange).await?;
    transaction.record(slice::from_ref(&new.entry_with(ended.len()))).await?;
    Ok(Some(ended))
}
