//! Ending sessions of one account.

use doorward_domain::port::{EndSessionsError, Ending, Which};
use doorward_domain::token::SessionId;

use super::authorize::authorize;
use super::{Transaction, Try, is_recorded};
use crate::error::{Abort, Failure};

/// Ends those that live. Where this was done before, unheard, they ended in that very moment and are answered again.
pub async fn end(
    transaction: &mut impl Transaction,
    ending: &Ending,
    tries: Try,
) -> Result<Vec<SessionId>, Abort<EndSessionsError>> {
    let Ending { user, which, reason, at, deed } = ending;
    if tries == Try::PerhapsDoneBefore && is_recorded(transaction, &deed.entries).await? {
        let mut ids = transaction.sessions_ended_at(*user, *at).await?;
        ids.retain(|id| which.includes(*id));
        return Ok(ids);
    }
    if let Err(denied) = authorize(transaction, deed).await? {
        return Err(Abort::Refused(denied.into()));
    }
    let ids = live(transaction, ending).await?;
    if !ids.is_empty() {
        transaction.end_sessions(&ids, *at, *reason).await?;
        transaction.record(&ending.entries_with(ids.len())).await?;
    }
    Ok(ids)
}

async fn live(transaction: &mut impl Transaction, ending: &Ending) -> Result<Vec<SessionId>, Failure> {
    let Ending { user, which, at, .. } = ending;
    if let Which::One(id) = which {
        let found = transaction.session(*id).await?;
        let is_meant = found.is_some_and(|(session, _)| session.user_id == *user && session.is_live(*at));
        return Ok(if is_meant { vec![*id] } else { Vec::new() });
    }
    let mut ids = transaction.live_sessions(*user, *at).await?;
    ids.retain(|id| which.includes(*id));
    Ok(ids)
}
