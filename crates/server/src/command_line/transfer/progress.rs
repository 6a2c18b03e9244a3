//! How far a transfer is.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::command_line::meter::Meter;
use crate::transfer::{Kind, Observer, Pass, Step};

/// Rows between two lines.
const LINES_EVERY: u64 = 10_000;

/// Shows how far it is, on standard error, and hears when to stop.
pub(super) struct Progress {
    stopped: Arc<AtomicBool>,
    shown: RefCell<Option<(Step, Meter)>>,
}

impl Progress {
    /// Stops when `stopped` is true.
    pub(super) fn new(stopped: Arc<AtomicBool>) -> Self {
        Self { stopped, shown: RefCell::new(None) }
    }

    /// The last step is over.
    pub(super) fn finish(&self) {
        if let Some((_, meter)) = self.shown.borrow_mut().take() {
            meter.finish();
        }
    }
}

impl Observer for Progress {
    fn advanced(&self, step: Step, rows: u64, part: f64) {
        if self.shown.borrow().as_ref().is_some_and(|(shown, _)| *shown != step) {
            self.finish();
        }
        let mut slot = self.shown.borrow_mut();
        let (_, meter) = slot.get_or_insert_with(|| (step, Meter::begin(name(step), 0, LINES_EVERY, true)));
        meter.advance(rows, Some(part));
    }

    fn wants_to_stop(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

fn name(Step { pass, kind }: Step) -> String {
    let kind = match kind {
        Kind::Account => "accounts",
        Kind::Session => "sessions",
        Kind::AuditEntry => "audit entries",
    };
    let pass = match pass {
        Pass::Remove => "there already",
        Pass::Add => "taken along",
        Pass::Verify => "compared",
    };
    format!("{kind} {pass}")
}
