//! The present epoch in memory.

use async_trait::async_trait;
use doorward_domain::port::{Epoch, EpochRegistry, StoreError};
use uuid::Uuid;

use super::MemoryStore;

#[async_trait]
impl EpochRegistry for MemoryStore {
    async fn present(&self) -> Result<Option<Epoch>, StoreError> {
        Ok(self.0.lock().epoch.clone())
    }

    async fn begin(&self, seen: Option<Uuid>, next: &Epoch) -> Result<Epoch, StoreError> {
        let present = &mut self.0.lock().epoch;
        if present.as_ref().is_none_or(|epoch| Some(epoch.id) == seen) {
            *present = Some(next.clone());
        }
        Ok(present.clone().unwrap())
    }
}
