//! Logging out.

use super::{Caller, Sessions};
use crate::port::StoreError;
use crate::token::EndReason;

impl Sessions {
    /// Ends the caller's session: its access and refresh tokens stop working at once.
    pub async fn logout(&self, caller: &Caller) -> Result<(), StoreError> {
        let now = self.clock.now();
        // No access token of the session lives longer than one that is made now.
        let until = now.plus(self.rules.access_lifetime).min(caller.session.expires_at);
        self.store.end(&caller.claims, EndReason::Logout, now, until).await
    }
}
