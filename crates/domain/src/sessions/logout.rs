//! Logging out.

use super::{Caller, Sessions};
use crate::port::StoreError;
use crate::token::EndReason;

impl Sessions {
    /// Ends the caller's session: its access and refresh tokens stop working at once.
    pub async fn logout(&self, caller: &Caller) -> Result<(), StoreError> {
        self.sessions.end(caller.session.id, EndReason::Logout, self.clock.now()).await
    }
}
