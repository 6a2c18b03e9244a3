//! The two streams that a person reads.

use std::io::{self, Write};

/// Writes to standard output. Whoever reads it may stop reading: `doorward openapi | head` is no failure.
pub(super) fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes a line to standard error. Where that fails too nobody is left to tell.
pub(super) fn complain(text: &str) {
    let _nobody_left = writeln!(io::stderr(), "{text}");
}
