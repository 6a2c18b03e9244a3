//! Showing somebody their own account.

use std::sync::Arc;

use tracing::{Instrument as _, info_span};

use super::{AuthenticateError, Sessions};
use crate::user::KeptDocument;

impl Sessions {
    /// The document of whoever shows this access token. A copy may answer, where it is certain that nothing has
    /// changed since; so this is for showing the document, and [`authenticate`](Self::authenticate) for granting
    /// rights.
    pub async fn identify(&self, token: &str) -> Result<Arc<KeptDocument>, AuthenticateError> {
        async move {
            let now = self.clock.now();
            let claims = self.access_claims(token, now)?;
            self.store.document(&claims, now).await?.ok_or(AuthenticateError::Revoked)
        }
        .instrument(info_span!("sessions.identify"))
        .await
    }
}
