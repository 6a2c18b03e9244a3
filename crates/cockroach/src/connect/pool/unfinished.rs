//! Notices a statement whose answer nobody waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent};

/// Counts the statements of one connection that were begun and have not ended.
///
/// A request that is cancelled drops its future in the middle. In a transaction diesel-async notices that. A single
/// statement goes on in the database, though, and whoever gets the connection next would wait for it to end.
#[derive(Clone, Default)]
pub(super) struct Unfinished(Arc<AtomicUsize>);

impl Unfinished {
    pub(super) fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }
}

impl Instrumentation for Unfinished {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.0.fetch_add(1, Ordering::Relaxed),
            InstrumentationEvent::FinishQuery { .. } => self.0.fetch_sub(1, Ordering::Relaxed),
            _ => return,
        };
    }
}
