//! Adding the session of a login.

use doorward_domain::port::{NewSession, Opened, StoreError};
use doorward_domain::token::EndReason;

use super::{Account, Transaction};
use crate::error::Abort;

/// Adds the session, notes the login on the account and ends the oldest sessions beyond the most that may live.
pub async fn open(transaction: &mut impl Transaction, new: &NewSession) -> Result<Opened, Abort<StoreError>> {
    let NewSession { session, seen, rehashed, max_live, .. } = new;
    let now = session.created_at;
    let found = transaction.account(session.user_id, session.id, now).await?;
    let Some(Account { mut user, has_session, live }) = found else {
        return Ok(Opened::CredentialChanged);
    };
    // The second time round there is nothing left to do.
    if has_session {
        return Ok(Opened::Done(Box::new(user)));
    }
    if !user.active || user.password != *seen {
        return Ok(Opened::CredentialChanged);
    }
    if let Some(rehashed) = rehashed {
        user.password = rehashed.clone();
    }
    user.last_login = Some(now);
    user.version = user.version.saturating_add(1);
    transaction.keep_credentials(&user).await?;
    // The new one itself never ends.
    let surplus = live.len().saturating_add(1).saturating_sub((*max_live).max(1));
    let (oldest, _) = live.split_at(surplus.min(live.len()));
    if !oldest.is_empty() {
        transaction.end_sessions(oldest, now, EndReason::TooMany).await?;
    }
    transaction.add_session(session).await?;
    transaction.record(&new.entries_with(oldest)).await?;
    Ok(Opened::Done(Box::new(user)))
}
