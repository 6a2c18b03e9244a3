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

    async fn amend(&self, these: &[KeyFingerprint], gone: &[String]) -> Result<(), StoreError> {
        let keys = &mut self.0.lock().keys;
        keys.retain(|key| !gone.contains(&key.name) && these.iter().all(|new| new.name != key.name));
        keys.extend(these.iter().cloned());
        Ok(())
    }
}
