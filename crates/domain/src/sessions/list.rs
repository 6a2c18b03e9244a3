//! Showing somebody their sessions.

use super::{Caller, Sessions};
use crate::port::StoreError;
use crate::token::Session;

impl Sessions {
    /// The caller's live sessions, the newest first; this one is among them.
    #[tracing::instrument(level = "info", skip_all, name = "sessions.list")]
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Session>, StoreError> {
        self.store.list_live(caller.user.id, self.clock.now()).await
    }
}
