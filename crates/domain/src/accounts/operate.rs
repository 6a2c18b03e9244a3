//! What an operator does at the command line, who has the database: nobody's right is asked for, and nothing else is
//! different.

use super::update::Actor;
use super::{Accounts, UpdateError};
use crate::user::{Email, User, UserChanges};

impl Accounts {
    /// Changes the account that `address` names; `None` where it is like that already, so that nothing is written down.
    pub async fn update_as_operator(
        &self,
        address: &Email,
        changes: UserChanges,
    ) -> Result<Option<User>, UpdateError> {
        let user = self.store.find_by_address(address).await?.ok_or(UpdateError::NotFound)?;
        let mut after = user.clone();
        changes.clone().apply(&mut after);
        if after == user {
            return Ok(None);
        }
        Ok(Some(self.write(Actor::Operator, user, changes, None).await?))
    }
}
