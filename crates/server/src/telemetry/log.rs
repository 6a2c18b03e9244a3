//! Log lines on stderr: one event, one line, whatever a client put into it; and nobody waits until they are read.

use std::io::{self, BufWriter, Stderr, Write};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use std::{panic, thread};

use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{FilterExt as _, Targets, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, fmt};

/// Lines that wait until somebody reads them, some 1 MB; what finds no room is lost and counted.
const WAITING_LINES: usize = 4_096;

/// How long the end waits for the last lines to be read.
const LAST_LINES: Duration = Duration::from_secs(2);

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What writes the lines, and what watches over it. Libraries are heard from `warn` on, whatever the level: what they
/// trace may hold secrets. Spans are for traces alone.
pub(super) fn lines<S>(format: LogFormat, level: LevelFilter) -> (impl Layer<S> + use<S>, Log)
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let lost = Arc::new(Lost::default());
    let (lines, worker) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(WAITING_LINES)
        .thread_name("log")
        .finish(Output { stderr: BufWriter::new(io::stderr()), lost: Arc::clone(&lost) });
    lost.counter.get_or_init(|| lines.error_counter());
    // The HTTP dispatcher calls every broken request of a client an error: anybody could fill the log with those.
    let ours = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("actix_http", LevelFilter::OFF)
        .with_target("doorward", level);
    let layer = match format {
        LogFormat::Text => fmt::layer().with_ansi(false).with_writer(OneLine(lines)).boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(lines).boxed(),
    };
    // The hint has nobody ask whether a line of a lower level is wanted, which the layers cannot answer.
    let events = filter_fn(|metadata: &Metadata<'_>| metadata.is_event()).with_max_level_hint(level);
    let events = ours.and(events);
    (layer.with_filter(events), Log { worker: Mutex::new(Some(worker)), lost })
}

/// By itself a panic is written to stderr by the thread that panics.
pub(super) fn tell_panics() {
    panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a thread panicked")));
}

/// Logging as long as it lives; the lines that still wait when it is dropped are written then.
pub(crate) struct Log {
    worker: Mutex<Option<WorkerGuard>>,
    lost: Arc<Lost>,
}

impl Log {
    /// Counts what is lost of it.
    pub(crate) fn lost_lines(&self) -> LostLines {
        LostLines(Arc::clone(&self.lost))
    }

    /// Writes what waits, as far as it is read within [`LAST_LINES`]. Nothing is logged afterwards.
    pub(crate) fn finish(&self) {
        let Some(worker) = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        self.lost.tell();
        let (sender, finished) = mpsc::channel();
        // Not on this thread: where the lines are stuck the library complains on stdout, which may be stuck too.
        let flushing = thread::Builder::new().spawn(move || {
            drop(worker);
            sender.send(())
        });
        if flushing.is_ok() {
            // Whoever does not read by now is not waited for any longer.
            finished.recv_timeout(LAST_LINES).ok();
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Counts lines that nobody read in time.
#[derive(Clone)]
pub(crate) struct LostLines(Arc<Lost>);

impl LostLines {
    /// How many they are since the start.
    pub(crate) fn count(&self) -> usize {
        self.0.counter.get().map_or(0, ErrorCounter::dropped_lines)
    }
}

/// Lines that found no room.
#[derive(Default)]
struct Lost {
    counter: OnceLock<ErrorCounter>,
    told: Mutex<usize>,
}

impl Lost {
    /// Logs how many they are, if they have become more.
    fn tell(&self) {
        let lines = self.counter.get().map_or(0, ErrorCounter::dropped_lines);
        let before = std::mem::replace(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner), lines);
        if lines > before {
            tracing::warn!(lines, "log lines were lost since the start: nobody read them in time");
        }
    }
}

/// The end of the queue, on a thread of its own. What waits together is written together.
struct Output {
    stderr: BufWriter<Stderr>,
    lost: Arc<Lost>,
}

impl Write for Output {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.stderr.write(line)
    }

    /// Called when everything that waited is written: now there is room to tell what was lost.
    fn flush(&mut self) -> io::Result<()> {
        self.lost.tell();
        self.stderr.flush()
    }
}

/// Escapes control characters within an event, line breaks above all (CWE-117). JSON does so by itself.
struct OneLine<W>(W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for OneLine<W> {
    type Writer = OneLine<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        OneLine(self.0.make_writer())
    }
}

impl<W: Write> Write for OneLine<W> {
    /// The formatter hands over one whole event at a time.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let mut line = String::with_capacity(event.len());
        for letter in text.strip_suffix('\n').unwrap_or(&text).chars() {
            if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') {
                line.extend(letter.escape_default());
            } else {
                line.push(letter);
            }
        }
        line.push('\n');
        self.0.write_all(line.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_a_client_put_into_it() {
        let mut out = OneLine(Vec::new());
        out.write_all("INFO agent=a\r\nERROR forged\u{2028}\u{1b}[31m é\n".as_bytes()).unwrap();
        assert_eq!(
            String::from_utf8(out.0).unwrap(),
            "INFO agent=a\\r\\nERROR forged\\u{2028}\\u{1b}[31m é\n"
        );
    }
}
