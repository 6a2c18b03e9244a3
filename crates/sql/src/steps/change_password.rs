//! Changing a password.

use doorward_domain::port::{PasswordChange, PasswordChanged, StoreError};
use doorward_domain::token::EndReason;

use super::Transaction;
use crate::error::Abort;

/// Replaces the password, renews the session that asked and ends every other one.
pub async fn change_password(
    transaction: &mut impl Transaction,
    change: &PasswordChange,
) -> Result<PasswordChanged, Abort<StoreError>> {
    let PasswordChange { user_id, seen, new, session_id, successor, at, entries } = change;
    let found = transaction.session(*session_id).await?;
    let asking = found.filter(|(session, _)| session.user_id == *user_id && session.is_live(*at));
    let Some((mut session, mut user)) = asking else {
        return Ok(PasswordChanged::SessionEnded);
    };
    // The second time round there is nothing left to do.
    if session.refresh_id != successor.refresh_id {
        if user.password != *seen {
            return Ok(PasswordChanged::Stale);
        }
        user.password = new.clone();
        user.version = user.version.saturating_add(1);
        session.renew(*successor, *at);
        transaction.keep_credentials(&user).await?;
        transaction.keep_session(&session).await?;
        transaction.end_all(*user_id, Some(*session_id), *at, EndReason::PasswordChange).await?;
        transaction.record(entries).await?;
    }
    Ok(PasswordChanged::Done { user: Box::new(user), session: Box::new(session) })
}
