//! Which connections are open, and what a test wants of all of them.

use std::sync::Arc;

use super::Fault;
use super::effect::Ending;
use super::shared::Shared;

/// A connection's place among those that are open, until this is dropped.
pub(super) struct Open {
    pub(super) shared: Arc<Shared>,
    pub(super) number: u64,
}

impl Open {
    pub(super) fn register(shared: Arc<Shared>, number: u64) -> Self {
        shared.open.send_modify(|open| _ = open.insert(number));
        Self { shared, number }
    }

    /// Waits until the connection is to be cut, whatever it is doing.
    pub(super) async fn until_cut(&self) -> Ending {
        let mut cut = self.shared.cut.subscribe();
        cut.wait_for(|up_to| *up_to >= self.number).await.unwrap();
        Ending::Reset
    }

    /// Waits until the connection is to be ended where that hurts least.
    pub(super) async fn until_drained(&self) -> Fault {
        let mut drained = self.shared.drained.subscribe();
        let drained = drained.wait_for(|(up_to, _)| *up_to >= self.number).await.unwrap();
        drained.1.clone().unwrap()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.open.send_modify(|open| _ = open.remove(&self.number));
    }
}
