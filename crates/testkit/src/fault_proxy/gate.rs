//! A closed gate on the way of a statement, for tests in which something has to happen while the statement waits.

use std::sync::Arc;

use tokio::sync::watch;

/// Holds whatever comes to it until it is opened; from then on it stays open.
#[derive(Debug, Clone)]
pub struct Gate {
    waiting: Arc<watch::Sender<usize>>,
    open: Arc<watch::Sender<bool>>,
}

impl Gate {
    /// A closed gate.
    #[expect(
        clippy::new_without_default,
        reason = "that a gate begins closed is said by its documentation, not by a default"
    )]
    pub fn new() -> Self {
        Self { waiting: Arc::new(watch::Sender::new(0)), open: Arc::new(watch::Sender::new(false)) }
    }

    /// Waits until so many have come to the gate.
    pub async fn until_reached_by(&self, count: usize) {
        let mut waiting = self.waiting.subscribe();
        waiting.wait_for(|waiting| *waiting >= count).await.unwrap();
    }

    /// Waits until somebody has come to the gate.
    pub async fn until_reached(&self) {
        self.until_reached_by(1).await;
    }

    /// Lets everybody through, those too who come later.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    pub(super) async fn pass(&self) {
        self.waiting.send_modify(|waiting| *waiting += 1);
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
    }
}
