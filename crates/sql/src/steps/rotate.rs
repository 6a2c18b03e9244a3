//! Spending a refresh token.

use doorward_domain::port::{Rotated, StoreError};
use doorward_domain::token::{Rotation, Session, SessionId};

use super::Transaction;
use crate::error::Abort;

/// Carries the domain's rule out. The end of a reused session is an answer, not an error, and stays.
pub async fn rotate(
    transaction: &mut impl Transaction,
    id: SessionId,
    rule: impl FnOnce(&mut Session) -> Rotation + Send,
) -> Result<Option<Rotated>, Abort<StoreError>> {
    let Some((before, user)) = transaction.session(id).await? else {
        return Ok(None);
    };
    let mut session = before.clone();
    let rotation = rule(&mut session);
    if session != before {
        transaction.keep_session(&session).await?;
    }
    Ok(Some(Rotated { rotation, session, user }))
}
