//! Everything that is written to the log while a test runs, and everything that errors say.

use std::error::Error;
use std::io::{self, Write};
use std::iter;
use std::sync::Arc;

use parking_lot::Mutex;
use tracing::Level;
use tracing::subscriber::DefaultGuard;

/// What was said on this thread since.
pub(crate) struct Said {
    text: Text,
    _listening: DefaultGuard,
}

#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl Said {
    pub(crate) fn from_now_on() -> Self {
        let text = Text::default();
        let to = text.clone();
        let log = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .with_writer(move || to.clone());
        Self { text, _listening: tracing::subscriber::set_default(log.finish()) }
    }

    /// Adds what an error says, and whatever led to it, in every way in which that may be printed.
    pub(crate) fn add(&self, error: &dyn Error) {
        let chain = iter::successors(Some(error), |&error| error.source());
        for error in chain {
            self.text.0.lock().extend(format!("{error}\n{error:?}\n{error:#?}\n").bytes());
        }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.text.0.lock().clone()).unwrap()
    }
}

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
