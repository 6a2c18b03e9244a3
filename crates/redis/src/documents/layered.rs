//! Documents in the process before those in Redis.

use std::sync::Arc;

use async_trait::async_trait;
use doorward_domain::port::{Stamp, UserDocuments};
use doorward_domain::user::{KeptDocument, UserId};

/// Looks near first. A stamp makes both as good as each other.
pub struct LayeredDocuments {
    near: Arc<dyn UserDocuments>,
    far: Arc<dyn UserDocuments>,
}

impl LayeredDocuments {
    /// `near` answers at once, `far` is shared by all nodes.
    pub fn new(near: Arc<dyn UserDocuments>, far: Arc<dyn UserDocuments>) -> Self {
        Self { near, far }
    }
}

#[async_trait]
impl UserDocuments for LayeredDocuments {
    async fn find(&self, id: UserId, stamp: Stamp) -> Option<Arc<KeptDocument>> {
        if let Some(document) = self.near.find(id, stamp).await {
            return Some(document);
        }
        let document = self.far.find(id, stamp).await?;
        self.near.keep(&document, stamp).await;
        Some(document)
    }

    async fn keep(&self, document: &Arc<KeptDocument>, stamp: Stamp) {
        self.near.keep(document, stamp).await;
        self.far.keep(document, stamp).await;
    }

    async fn delete(&self, id: UserId) {
        self.near.delete(id).await;
        self.far.delete(id).await;
    }
}
