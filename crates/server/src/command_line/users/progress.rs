//! How far an import is, and the first rows that were refused.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use doorward_http::FieldFault;

use crate::command_line::meter::Meter;
use crate::intake::Follower;

/// Rows between two lines.
const LINES_EVERY: u64 = 100_000;

/// So many refused rows are told one by one; the file of results has all of them.
const MOST_REFUSED: usize = 10;

/// Shows how far it is, on standard error.
pub(super) struct Progress {
    meter: RefCell<Meter>,
    position: Arc<AtomicU64>,
    length: Option<u64>,
    refused: RefCell<usize>,
}

impl Progress {
    /// `before` rows were done in earlier runs; `position` of `length` bytes are read.
    pub(super) fn begin(before: u64, position: Arc<AtomicU64>, length: Option<u64>) -> Self {
        let meter = Meter::begin("accounts".to_owned(), before, LINES_EVERY, length.is_some());
        Self { meter: RefCell::new(meter), position, length, refused: RefCell::new(0) }
    }

    pub(super) fn finish(self) {
        self.meter.into_inner().finish();
    }

    #[expect(clippy::cast_precision_loss, reason = "a part is read by people")]
    fn part(&self) -> Option<f64> {
        let length = self.length.filter(|length| *length > 0)?;
        Some((self.position.load(Ordering::Relaxed) as f64 / length as f64).min(1.0))
    }
}

impl Follower for Progress {
    fn advanced(&self, rows: u64) {
        self.meter.borrow_mut().advance(rows, self.part());
    }

    fn refused(&self, line: u64, faults: &[FieldFault]) {
        let mut refused = self.refused.borrow_mut();
        *refused += 1;
        if *refused <= MOST_REFUSED {
            let told: Vec<String> =
                faults.iter().map(|fault| format!("{} {}", fault.field, fault.message)).collect();
            self.meter.borrow().say(&format!("line {line}: {}", told.join("; ").trim_start()));
        } else if *refused == MOST_REFUSED + 1 {
            self.meter.borrow().say("More rows are refused; --results FILE tells all of them.");
        }
    }
}
