//! SIGHUP: a service that was told to read its files again never ends because of it.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

/// Requests to read again what may have changed.
pub(crate) struct Hangups(Signal);

/// Somebody tells that there is nothing to read again, until this is dropped.
pub(crate) struct Unneeded(JoinHandle<()>);

impl Hangups {
    /// From now on SIGHUP ends the process no more. It must be called within the runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self(signal(SignalKind::hangup())?))
    }

    /// Waits for the next one; one that came before is not lost.
    pub(crate) async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            // The runtime is ending.
            std::future::pending::<()>().await;
        }
    }

    /// For a service without a certificate: it tells whoever asks that nothing is read again.
    pub(crate) fn answer(mut self) -> Unneeded {
        Unneeded(tokio::spawn(async move {
            loop {
                self.next().await;
                tracing::info!("there is nothing to read again on SIGHUP; settings are read at a start");
            }
        }))
    }
}

impl Drop for Unneeded {
    fn drop(&mut self) {
        self.0.abort();
    }
}
