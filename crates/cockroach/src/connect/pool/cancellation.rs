//! Asking the database to stop what it does for nobody.

use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_postgres::{CancelToken, NoTls};

use crate::connect::tls;
use crate::connect::url::Encryption;

/// Nobody waits for it, but it must not pile up either.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is needed to ask.
pub(super) struct Cancellation {
    pub(super) token: CancelToken,
    pub(super) encryption: Encryption,
}

impl Cancellation {
    /// Asks once. Where that fails the database ends the statement by its own limits.
    pub(super) async fn ask(self) {
        let Self { token, encryption } = self;
        let asking = async {
            match spawn_blocking(move || tls::connector(&encryption)).await {
                Ok(Ok(Some(tls))) => token.cancel_query(tls).await.is_ok(),
                Ok(Ok(None)) => token.cancel_query(NoTls).await.is_ok(),
                _ => false,
            }
        };
        if !timeout(PATIENCE, asking).await.unwrap_or_default() {
            tracing::debug!("the database was not asked to stop a statement");
        }
    }
}
