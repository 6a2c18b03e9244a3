//! The epoch that this node believes in at the moment, and the end of one.

use std::sync::Arc;
use std::time::Instant;

use doorward_domain::port::{Epoch, EpochRegistry, Ids, StoreError};
use parking_lot::{Mutex, RwLock};
use tokio::time::sleep_until;
use uuid::Uuid;

use super::{LAPSE, LEASE};
use crate::connect::Witness;

/// A server that may be believed for a while.
#[derive(Debug)]
pub(crate) struct Lease {
    /// The epoch.
    pub(crate) epoch: Uuid,
    /// The server, in one of its lives.
    pub(crate) witness: Witness,
    until: Instant,
}

impl Lease {
    /// Whether it may still be believed.
    pub(crate) fn holds(&self) -> bool {
        Instant::now() < self.until
    }
}

/// What this node knows about the present epoch.
pub(crate) struct Trust {
    registry: Arc<dyn EpochRegistry>,
    ids: Arc<dyn Ids>,
    lease: RwLock<Option<Arc<Lease>>>,
    /// Since when an epoch in which nobody is believed has been known here.
    nobody: Mutex<Option<(Uuid, Instant)>>,
}

impl Trust {
    pub(crate) fn new(registry: Arc<dyn EpochRegistry>, ids: Arc<dyn Ids>) -> Self {
        Self { registry, ids, lease: RwLock::new(None), nobody: Mutex::new(None) }
    }

    /// Whom to believe now.
    pub(crate) fn lease(&self) -> Option<Arc<Lease>> {
        self.lease.read().clone().filter(|lease| lease.holds())
    }

    /// What the registry has. A change that was made before this is asked was made before any later epoch began.
    pub(crate) async fn present(&self) -> Result<Option<Epoch>, StoreError> {
        self.registry.present().await
    }

    /// The epoch was the present one at `read`, and this node is connected to its server.
    pub(crate) fn renew(&self, epoch: Uuid, witness: &Witness, read: Instant) {
        let lease = Lease { epoch, witness: witness.clone(), until: read + LEASE };
        *self.lease.write() = Some(Arc::new(lease));
    }

    /// Begins an epoch with this server, or with nobody, if the present one is still the one seen.
    pub(crate) async fn begin(
        &self,
        seen: Option<Uuid>,
        witness: Option<&Witness>,
    ) -> Result<Epoch, StoreError> {
        let next = Epoch { id: self.ids.token().uuid(), witness: witness.map(ToString::to_string) };
        self.registry.begin(seen, &next).await
    }

    /// Ends an epoch. Afterwards no node believes its server.
    pub(crate) async fn end(&self, epoch: Uuid) -> Result<(), StoreError> {
        self.doubt(epoch);
        let present = self.begin(Some(epoch), None).await?;
        if present.witness.is_none() {
            self.wait_out(present.id).await;
        }
        // Where somebody is believed already, that began after the end of this one had been waited out.
        Ok(())
    }

    /// Ends the epoch that is present, whichever it is; answers whether a server was believed in it.
    pub(crate) async fn end_present(&self) -> Result<bool, StoreError> {
        match self.present().await? {
            None => Ok(false),
            Some(Epoch { id, witness: None }) => {
                self.wait_out(id).await;
                Ok(false)
            }
            Some(Epoch { id, witness: Some(_) }) => {
                self.end(id).await?;
                Ok(true)
            }
        }
    }

    /// Stops believing, here.
    pub(crate) fn doubt(&self, epoch: Uuid) {
        let mut lease = self.lease.write();
        if lease.as_ref().is_some_and(|lease| lease.epoch == epoch) {
            *lease = None;
        }
    }

    /// Waits until no node believes the epoch before this one, in which nobody is believed.
    pub(crate) async fn wait_out(&self, nobody: Uuid) {
        sleep_until(self.over_at(nobody).into()).await;
    }

    /// Whether no node believes the epoch before this one, in which nobody is believed.
    pub(crate) fn is_over(&self, nobody: Uuid) -> bool {
        self.over_at(nobody) <= Instant::now()
    }

    fn over_at(&self, nobody: Uuid) -> Instant {
        let mut known = self.nobody.lock();
        let since = match *known {
            Some((id, since)) if id == nobody => since,
            _ => Instant::now(),
        };
        *known = Some((nobody, since));
        since + LAPSE
    }
}
