//! Showing somebody their sessions.

use tracing::{Instrument as _, info_span};

use super::{Caller, Sessions};
use crate::port::StoreError;
use crate::token::Session;

impl Sessions {
    /// The caller's live sessions, the newest first; this one is among them.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Session>, StoreError> {
        async move { self.store.list_live(caller.user.id, self.clock.now()).await }
            .instrument(info_span!("sessions.list"))
            .await
    }
}
