//! How far a transfer is: a bar on a terminal, and lines elsewhere.

use std::cell::RefCell;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use crate::command_line::terminal;
use crate::transfer::{Kind, Observer, Pass, Step};

/// Rows between two lines.
const LINE_EVERY: u64 = 10_000;

/// The bar's length, finer than anybody sees.
const LENGTH: f64 = 10_000.0;

/// Shows how far it is, on standard error, and hears when to stop.
pub(super) struct Progress {
    stopped: Arc<AtomicBool>,
    on_terminal: bool,
    shown: RefCell<Option<Shown>>,
}

/// One step.
struct Shown {
    step: Step,
    since: Instant,
    rows: u64,
    next_line: u64,
    bar: ProgressBar,
}

impl Progress {
    /// Stops when `stopped` is true.
    pub(super) fn new(stopped: Arc<AtomicBool>) -> Self {
        Self { stopped, on_terminal: io::stderr().is_terminal(), shown: RefCell::new(None) }
    }

    /// The last step is over.
    pub(super) fn finish(&self) {
        if let Some(shown) = self.shown.borrow_mut().take() {
            shown.finish(self.on_terminal);
        }
    }

    fn begin(&self, step: Step) -> Shown {
        let bar = if self.on_terminal { bar(step) } else { ProgressBar::hidden() };
        Shown { step, since: Instant::now(), rows: 0, next_line: LINE_EVERY, bar }
    }
}

impl Observer for Progress {
    fn advanced(&self, step: Step, rows: u64, part: f64) {
        let mut slot = self.shown.borrow_mut();
        let shown = match slot.take() {
            Some(shown) if shown.step == step => shown,
            before => {
                if let Some(before) = before {
                    before.finish(self.on_terminal);
                }
                self.begin(step)
            }
        };
        let shown = slot.insert(shown);
        shown.rows = rows;
        if self.on_terminal {
            shown.draw(part);
        } else if rows >= shown.next_line {
            terminal::complain(&format!("{}, {:.0} %", shown.text(), part * 100.0));
            shown.next_line = rows - rows % LINE_EVERY + LINE_EVERY;
        }
    }

    fn wants_to_stop(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

impl Shown {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the part lies between 0 and 1"
    )]
    fn draw(&self, part: f64) {
        self.bar.set_position((part * LENGTH) as u64);
        self.bar.set_message(self.text());
    }

    fn finish(self, on_terminal: bool) {
        self.bar.finish_and_clear();
        if self.rows >= LINE_EVERY || (on_terminal && self.rows > 0) {
            terminal::complain(&format!("{}, done", self.text()));
        }
    }

    /// `accounts added: 12500, 3200/s`
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rate is read by people"
    )]
    fn text(&self) -> String {
        let rate = self.rows as f64 / self.since.elapsed().as_secs_f64().max(0.001);
        format!("{}: {} rows, {}/s", name(self.step), self.rows, rate as u64)
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

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a whole number")]
fn bar(step: Step) -> ProgressBar {
    let bar = ProgressBar::new(LENGTH as u64);
    // A template that is none is noticed by the test below.
    let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style);
    bar.set_message(name(step));
    bar
}

/// What does not fit is cut off: a second line would stay behind.
const TEMPLATE: &str = "[{bar:24}] {percent:>3} %  {eta:>4} left  {wide_msg}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_one() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
