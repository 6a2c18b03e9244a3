//! Work whose outcome is waited for, and which goes on when nobody waits any more.

use std::sync::{Arc, Mutex, PoisonError};

use crate::port::{StoreError, Tasks};

/// Does it to its end, whoever hangs up meanwhile.
pub(crate) async fn seen_through<T: Send + 'static>(
    tasks: &dyn Tasks,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, StoreError> {
    let outcome = Arc::new(Mutex::new(None));
    let told = outcome.clone();
    let work = Box::pin(async move {
        let done = work.await;
        *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
    });
    tasks.see_through(work).await;
    let done = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
    done.ok_or_else(|| StoreError::Broken("it was not seen through".into()))
}
