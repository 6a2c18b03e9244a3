//! Ending sessions of one account.

use doorward_domain::port::{EndSessionsError, Ending};
use doorward_domain::token::SessionId;

use super::Transaction;
use super::authorize::authorize;
use crate::error::Abort;

/// Ends those that live. Where this was done before, unheard, they ended in this very moment and are answered again.
pub async fn end(
    transaction: &mut impl Transaction,
    ending: &Ending,
) -> Result<Vec<SessionId>, Abort<EndSessionsError>> {
    let Ending { user, which, reason, at, deed } = ending;
    if let Err(denied) = authorize(transaction, deed).await? {
        return Err(Abort::Refused(denied.into()));
    }
    let mut ids = transaction.live_sessions(*user, *at).await?;
    ids.retain(|id| which.includes(*id));
    if !ids.is_empty() {
        transaction.end_sessions(&ids, *at, *reason).await?;
        transaction.record(&deed.entries).await?;
    }
    Ok(ids)
}
