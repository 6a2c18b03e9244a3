//! How far something is that takes its time: a bar on a terminal, and lines elsewhere, on standard error.

use std::io::{self, IsTerminal};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use super::terminal;

/// The bar's length, finer than anybody sees.
const LENGTH: f64 = 10_000.0;

/// What does not fit is cut off: a second line would stay behind.
const TEMPLATE: &str = "[{bar:24}] {percent:>3} %  {eta:>4} left  {wide_msg}";

/// Where nobody knows how much there is.
const ENDLESS: &str = "{spinner} {wide_msg}";

/// Counts the rows of one step.
pub(super) struct Meter {
    name: String,
    since: Instant,
    /// Rows of an earlier run, which took none of this one's time.
    before: u64,
    rows: u64,
    lines_every: u64,
    next_line: u64,
    bar: Option<ProgressBar>,
}

impl Meter {
    /// Begins now; where there is no terminal it says something every so many rows.
    pub(super) fn begin(name: String, before: u64, lines_every: u64, has_end: bool) -> Self {
        let bar = io::stderr().is_terminal().then(|| bar(&name, if has_end { TEMPLATE } else { ENDLESS }));
        let next_line = before + lines_every;
        Self { name, since: Instant::now(), before, rows: before, lines_every, next_line, bar }
    }

    /// So many rows are done, those of an earlier run included, and this part of everything.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the part lies between 0 and 1"
    )]
    pub(super) fn advance(&mut self, rows: u64, part: Option<f64>) {
        self.rows = rows;
        let text = self.text();
        if let Some(bar) = &self.bar {
            match part {
                Some(part) => bar.set_position((part * LENGTH) as u64),
                None => bar.tick(),
            }
            bar.set_message(text);
        } else if rows >= self.next_line {
            let part = part.map(|part| format!(", {:.0} %", part * 100.0)).unwrap_or_default();
            terminal::complain(&format!("{text}{part}"));
            self.next_line = rows - rows % self.lines_every + self.lines_every;
        }
    }

    /// It is over.
    pub(super) fn finish(self) {
        let on_terminal = self.bar.is_some();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if self.rows >= self.lines_every || (on_terminal && self.rows > 0) {
            terminal::complain(&format!("{}, done", self.text()));
        }
    }

    /// Says something, without breaking the bar.
    pub(super) fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| terminal::complain(text)),
            None => terminal::complain(text),
        }
    }

    /// `accounts added: 12500 rows, 3200/s`
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rate is read by people"
    )]
    fn text(&self) -> String {
        let done = self.rows.saturating_sub(self.before);
        let rate = done as f64 / self.since.elapsed().as_secs_f64().max(0.001);
        format!("{}: {} rows, {}/s", self.name, self.rows, rate as u64)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a whole number")]
fn bar(name: &str, template: &str) -> ProgressBar {
    let bar = ProgressBar::new(LENGTH as u64);
    // A template that is none is noticed by the test below.
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(name.to_owned());
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_some() {
        assert!([TEMPLATE, ENDLESS].iter().all(|template| ProgressStyle::with_template(template).is_ok()));
    }
}
