//! The two streams that a person reads.

use std::io::{self, Write};
use std::ops::ControlFlow;

/// Writes to standard output. Whoever reads it may stop reading: `doorward openapi | head` is no failure.
pub(super) fn say(text: &str) -> io::Result<()> {
    say_on(&mut io::stdout().lock(), text).map(|_heard| ())
}

/// Writes to this; breaks when nobody reads it any more, so that nothing more is made for nobody.
pub(super) fn say_on(out: &mut impl Write, text: &str) -> io::Result<ControlFlow<()>> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(error) => Err(error),
    }
}

/// Writes a line to standard error. Where that fails too nobody is left to tell.
pub(super) fn complain(text: &str) {
    let _nobody_left = writeln!(io::stderr(), "{text}");
}
