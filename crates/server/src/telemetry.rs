//! Log lines on stderr: one event, one line, whatever a client put into it.

use std::io::{self, Write};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging. Libraries are heard from `warn` on, whatever the level: what they trace may hold secrets.
pub(crate) fn start(format: LogFormat, level: LevelFilter) {
    let ours = Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("doorward", level);
    let layer = match format {
        LogFormat::Text => fmt::layer().with_ansi(false).with_writer(OneLine(io::stderr)).boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(io::stderr).boxed(),
    };
    // A second start, as only a test can make one, keeps the first one's settings.
    let _already_started = registry().with(layer.with_filter(ours)).try_init();
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
