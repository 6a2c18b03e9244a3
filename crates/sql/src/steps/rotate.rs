//! Spending a refresh token.

use std::slice;

use doorward_domain::Timestamp;
use doorward_domain::audit::AuditEntry;
use doorward_domain::port::{Rotated, StoreError};
use doorward_domain::token::{End, EndReason, Rotation, Session, SessionId};

use super::{Transaction, Try};
use crate::error::Abort;

/// Carries the domain's rule out. The end of a reused session is an answer, not an error, and stays.
pub async fn rotate(
    transaction: &mut impl Transaction,
    id: SessionId,
    now: Timestamp,
    tries: Try,
    reuse: &AuditEntry,
    rule: impl FnOnce(&mut Session) -> Rotation + Send,
) -> Result<Option<Rotated>, Abort<StoreError>> {
    let Some((before, user)) = transaction.session(id).await? else {
        return Ok(None);
    };
    let mut session = before.clone();
    let rotation = match rule(&mut session) {
        // It was this very step that ended the session, unheard: that a token was used again is still to be told.
        Rotation::Ended if tries == Try::PerhapsDoneBefore && before.ended == Some(reused_at(now)) => {
            Rotation::Reused
        }
        rotation => rotation,
    };
    if session != before {
        transaction.keep_session(&session).await?;
        if rotation == Rotation::Reused {
            let entry = reuse.clone().about(&user).in_session(id);
            transaction.record(slice::from_ref(&entry)).await?;
        }
    }
    Ok(Some(Rotated { rotation, session, user }))
}

fn reused_at(at: Timestamp) -> End {
    End { at, reason: EndReason::Reuse }
}
