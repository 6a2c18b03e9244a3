//! Steps that are really taken at once, by tasks of their own, for the promises that hold then too.

use std::sync::Arc;

use tokio::sync::Barrier;

use super::Store;

/// Takes the same kind of step for every item, and answers in their order.
pub(super) async fn all<P, T, F>(
    port: &Arc<P>,
    items: impl IntoIterator<Item = T>,
    step: impl Fn(Arc<P>, T) -> F,
) -> Vec<F::Output>
where
    P: ?Sized,
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let steps: Vec<F> = items.into_iter().map(|item| step(port.clone(), item)).collect();
    let start = Arc::new(Barrier::new(steps.len()));
    let running: Vec<_> = steps.into_iter().map(|step| tokio::spawn(after(start.clone(), step))).collect();
    let mut answers = Vec::new();
    for step in running {
        answers.push(step.await.unwrap());
    }
    answers
}

/// Takes two steps of different kinds.
pub(super) async fn both<F, G>(
    store: &Arc<dyn Store>,
    one: impl FnOnce(Arc<dyn Store>) -> F,
    other: impl FnOnce(Arc<dyn Store>) -> G,
) -> (F::Output, G::Output)
where
    F: Future<Output: Send + 'static> + Send + 'static,
    G: Future<Output: Send + 'static> + Send + 'static,
{
    let start = Arc::new(Barrier::new(2));
    let one = tokio::spawn(after(start.clone(), one(store.clone())));
    let other = tokio::spawn(after(start, other(store.clone())));
    (one.await.unwrap(), other.await.unwrap())
}

async fn after<F: Future>(start: Arc<Barrier>, step: F) -> F::Output {
    start.wait().await;
    step.await
}
