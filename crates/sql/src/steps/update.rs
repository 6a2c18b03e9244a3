//! Replacing an account's fields.

use doorward_domain::audit::Deed;
use doorward_domain::port::UpdateUserError;
use doorward_domain::token::EndReason;
use doorward_domain::user::User;

use super::authorize::authorize;
use super::{Transaction, Try, is_recorded};
use crate::error::Abort;

/// Replaces every field but the password and the last login, if nobody was quicker.
pub async fn update(
    transaction: &mut impl Transaction,
    user: &User,
    deed: &Deed,
    tries: Try,
) -> Result<(), Abort<UpdateUserError>> {
    let Some(stored) = transaction.user(user.id).await? else {
        return Err(Abort::Refused(UpdateUserError::NotFound));
    };
    // Somebody else may have changed the account since.
    if tries == Try::PerhapsDoneBefore
        && (is_recorded(transaction, &deed.entries).await? || is_done(user, &stored))
    {
        return Ok(());
    }
    if let Err(denied) = authorize(transaction, deed).await? {
        return Err(Abort::Refused(denied.into()));
    }
    if stored.version.checked_add(1) != Some(user.version) {
        return Err(Abort::Refused(UpdateUserError::Stale));
    }
    if stored.username != user.username || stored.email != user.email {
        transaction.release_addresses(user.id).await?;
        if !transaction.claim_addresses(user).await? {
            return Err(Abort::Refused(UpdateUserError::AddressTaken));
        }
    }
    if stored.is_active_admin() && !user.is_active_admin() && !transaction.has_other_admin(user.id).await? {
        return Err(Abort::Refused(UpdateUserError::LastAdmin));
    }
    transaction.keep_fields(user).await?;
    transaction.record(&deed.entries).await?;
    if !user.active {
        transaction.end_all(user.id, None, user.updated_at, EndReason::Disabled).await?;
    }
    Ok(())
}

/// Whether the update has been made: the account is just what it would make of it.
fn is_done(user: &User, stored: &User) -> bool {
    let User { password, last_login, .. } = stored.clone();
    *stored == User { password, last_login, ..user.clone() }
}
