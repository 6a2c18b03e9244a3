//! Waiting for what comes about by itself, and for no longer than anything may take.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

/// Far more than anything here takes, also when every core is busy with tests.
const PATIENCE: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(10);

/// Somebody looks again and again, but not for ever.
pub(crate) struct Patience {
    what: String,
    began: Instant,
}

impl Patience {
    /// Until this is so.
    pub(crate) fn until(what: &str) -> Self {
        Self { what: what.to_owned(), began: Instant::now() }
    }

    /// Before looking again.
    pub(crate) async fn pause(&self) {
        assert!(self.began.elapsed() < PATIENCE, "waited in vain until {}", self.what);
        sleep(PAUSE).await;
    }
}

/// Looks again and again until it is so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let patience = Patience::until(what);
    while !is_so().await {
        patience.pause().await;
    }
}

/// What comes of it. Nobody waits for ever.
pub(crate) async fn in_time<T>(step: impl Future<Output = T>) -> T {
    timeout(PATIENCE, step).await.expect("there is an answer some time")
}
