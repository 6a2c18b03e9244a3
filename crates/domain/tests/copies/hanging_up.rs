//! Whoever asked for a change may be gone before it is made; it is told all the same.

use std::sync::Arc;

use async_trait::async_trait;
use doorward_domain::Copies;
use doorward_domain::port::{Tasks, Work};
use tokio::sync::Notify;

use crate::Node;

/// Begins its work when it is let, and says when it is done.
#[derive(Default)]
struct Held {
    let_go: Arc<Notify>,
    done: Arc<Notify>,
}

#[async_trait]
impl Tasks for Held {
    async fn see_through(&self, work: Work) {
        let (let_go, done) = (self.let_go.clone(), self.done.clone());
        let seen_through = tokio::spawn(async move {
            let_go.notified().await;
            work.await;
            done.notify_one();
        });
        seen_through.await.unwrap();
    }
}

#[tokio::test]
async fn ses_16_a_logout_that_nobody_waits_for_is_made_and_told() {
    let (node, login, _) = Node::with_ada_known().await;
    let caller = node.service.caller(&login).await;
    let held = Arc::new(Held::default());
    let (revocations, documents) = (node.revocations.clone(), node.documents.clone());
    let service = node.service.with_copies(Copies { revocations, documents, tasks: held.clone() });
    tokio::select! {
        biased;
        answered = service.sessions.logout(&caller) => unreachable!("nothing was done yet: {answered:?}"),
        () = tokio::task::yield_now() => {}
    }
    assert!(node.knows(&login).await);
    held.let_go.notify_one();
    held.done.notified().await;
    assert!(!node.knows(&login).await);
    assert!(service.sessions.identify(&login.tokens.access).await.is_err());
}
