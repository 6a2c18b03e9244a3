//! Whether somebody still has the right that they had when they were looked up.

use doorward_domain::audit::{Deed, Denied};

use super::Transaction;
use crate::error::Failure;

/// Looks in the same transaction as what is about to be done.
pub(super) async fn authorize(
    transaction: &mut impl Transaction,
    deed: &Deed,
) -> Result<Result<(), Denied>, Failure> {
    let Some(authority) = &deed.authority else { return Ok(Ok(())) };
    let found = transaction.session(authority.session).await?;
    Ok(authority.check(found.as_ref()))
}
