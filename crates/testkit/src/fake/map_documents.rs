//! Copies of documents, in a plain map.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use doorward_domain::port::{Stamp, UserDocuments};
use doorward_domain::user::{KeptDocument, UserId};
use parking_lot::Mutex;

/// Keeps what it is given until it is told to delete it.
#[derive(Default)]
pub struct MapDocuments(Mutex<HashMap<UserId, (Arc<KeptDocument>, Stamp)>>);

#[async_trait]
impl UserDocuments for MapDocuments {
    async fn find(&self, id: UserId, stamp: Stamp) -> Option<Arc<KeptDocument>> {
        let copies = self.0.lock();
        copies.get(&id).filter(|(_, kept)| *kept == stamp).map(|(document, _)| document.clone())
    }

    async fn keep(&self, document: &Arc<KeptDocument>, stamp: Stamp) {
        let mut copies = self.0.lock();
        if copies.get(&document.id).is_none_or(|(kept, _)| kept.version <= document.version) {
            copies.insert(document.id, (document.clone(), stamp));
        }
    }

    async fn delete(&self, id: UserId) {
        self.0.lock().remove(&id);
    }
}
