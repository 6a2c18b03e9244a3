//! Work whose outcome is waited for, and which goes on when nobody waits any more.

use std::sync::{Arc, Mutex, PoisonError};

use tracing::Instrument as _;

use crate::port::{StoreError, Tasks};

/// Does it to its end, whoever hangs up meanwhile.
pub(crate) async fn seen_through<T: Send + 'static>(
    tasks: &dyn Tasks,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, StoreError> {
    let outcome = Arc::new(Mutex::new(None));
    let told = outcome.clone();
    let work = async move {
        let done = work.await;
        *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
    };
    // On whichever task it goes on, it is a part of the same trace.
    tasks.see_through(Box::pin(work.in_current_span())).await;
    let done = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
    done.ok_or_else(|| StoreError::Broken("it was not seen through".into()))
}
