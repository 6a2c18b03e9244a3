//! `KeyRegistry` in memory.

use async_trait::async_trait;
use doorward_domain::port::{KeyFingerprint, KeyRegistry, StoreError};

use super::MemoryStore;

#[async_trait]
impl KeyRegistry for MemoryStore {
    async fn registered(&self) -> Result<Vec<KeyFingerprint>, StoreError> {
        Ok(self.0.lock().keys.iter().cloned().collect())
    }

    async fn register_first(&self, own: &[KeyFingerprint]) -> Result<Vec<KeyFingerprint>, StoreError> {
        let mut tables = self.0.lock();
        if tables.keys.is_empty() {
            tables.keys.extend(own.iter().cloned());
        }
        Ok(tables.keys.iter().cloned().collect())
    }

    async fn register(&self, own: &[KeyFingerprint]) -> Result<(), StoreError> {
        self.0.lock().keys = own.iter().cloned().collect();
        Ok(())
    }
}
