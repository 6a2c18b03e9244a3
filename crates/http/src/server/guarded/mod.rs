//! A connection with deadlines.
//!
//! actix-http limits the time of a connection's first head only. A client may drip the second one for ever, or never
//! read its answer (measured; CWE-400). The guard stands around the socket and ends both. It also ends connections that
//! are not used, since actix-http would make a timer for that after each answer, and take it away before the next
//! request; or gives them back, to whoever can keep them for less.

mod watch;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_http::KeepAlive;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use crate::HttpSettings;

use watch::Awaited;
pub(super) use watch::LINGER;
pub(crate) use watch::Watch;

/// What actix-http is told: that a connection lasts for as long as it is there. The guard ends it.
pub(crate) const KEPT_ALIVE: KeepAlive = KeepAlive::Os;

/// Most bytes that are taken from a client after the answer that ends its connection.
const LINGER_BYTES: usize = 256 * 1024;

/// What a head ends with (RFC 9112 §2.1).
const HEAD_END: &[u8; 4] = b"\r\n\r\n";

/// A connection does not wake more often than that to look what is due. One that was not used for so long is given back.
const TICK: Duration = Duration::from_secs(1);

/// A connection that nobody has used for a while.
pub(super) struct Unused<S> {
    pub(super) stream: S,
    /// When it ends, if there is no other request.
    pub(super) until: Instant,
}

/// Where a guard leaves a connection that is not used, instead of ending it.
pub(super) type Returned<S> = Rc<Cell<Option<Unused<S>>>>;

/// What it is time for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overdue {
    /// The rest of a head has not come in time.
    Head,
    /// No other request has come: the connection ends as if the client had ended it.
    Request,
    /// No other request has come yet, and the connection may be given back.
    Return,
}

/// A stream that fails with [`io::ErrorKind::TimedOut`] when its client is too slow.
pub(crate) struct Guarded<S> {
    /// There until it is given back, after which nobody asks for it.
    stream: Option<S>,
    /// Where it is given back to.
    returned: Option<Returned<S>>,
    /// Whether it is to be given back when its dispatcher ends.
    returns: bool,
    /// What was read already of what comes next.
    first: Option<u8>,
    /// The last bytes that were read.
    tail: [u8; HEAD_END.len()],
    watch: Rc<Watch>,
    read_timer: Pin<Box<Sleep>>,
    /// Made by the first wait: most connections never have one.
    write_timer: Option<Pin<Box<Sleep>>>,
    /// Whether something written has not left yet.
    writing: bool,
    /// Bytes taken and thrown away since the last answer.
    discarded: usize,
    write_time: Duration,
}

impl<S> Guarded<S> {
    /// One that is ended when nobody uses it.
    pub(crate) fn new(stream: S, settings: &HttpSettings) -> Self {
        Self {
            stream: Some(stream),
            returned: None,
            returns: false,
            first: None,
            tail: [0; HEAD_END.len()],
            watch: Rc::new(Watch::new(settings)),
            read_timer: Box::pin(sleep(settings.head_timeout.min(TICK))),
            write_timer: None,
            writing: false,
            discarded: 0,
            write_time: settings.write_timeout,
        }
    }

    /// One that is given back when nobody uses it; `first` is what was read of it since it was given back before.
    pub(super) fn lent(stream: S, first: Option<u8>, returned: Returned<S>, settings: &HttpSettings) -> Self {
        Self { first, returned: Some(returned), ..Self::new(stream, settings) }
    }

    pub(crate) fn watch(&self) -> Rc<Watch> {
        self.watch.clone()
    }

    /// What it is time for. It is asked for as long as nothing comes.
    ///
    /// Deadlines come and go with every request, and a timer is dear to set: it goes off every so often and looks what
    /// is due then.
    fn poll_overdue(&mut self, context: &mut Context<'_>) -> Option<Overdue> {
        // An answer that is still on its way has a deadline of its own.
        let due = self.watch.due().filter(|_| !self.writing)?;
        if self.read_timer.deadline() > due.at {
            self.read_timer.as_mut().reset(due.at);
        }
        while self.read_timer.as_mut().poll(context).is_ready() {
            let now = Instant::now();
            let next = match due.what {
                Awaited::Head if now >= due.at => return Some(Overdue::Head),
                Awaited::Request if now >= due.at => return Some(Overdue::Request),
                Awaited::Request if self.may_be_returned() => {
                    let returns_at = self.watch.unused_since(due) + TICK;
                    if now >= returns_at {
                        return Some(Overdue::Return);
                    }
                    returns_at
                }
                Awaited::Head | Awaited::Request => now + TICK,
            };
            self.read_timer.as_mut().reset(due.at.min(next));
        }
        None
    }

    /// Whether whoever reads here has used up all that they read: the last request ended with its head, and so did what
    /// was read. They would take with them what they have of a later one, and what is left of a body would be taken for a
    /// request (CWE-444).
    fn may_be_returned(&self) -> bool {
        self.returned.is_some() && self.watch.had_no_body() && self.tail == *HEAD_END
    }

    /// Notes how far writing has come; the deadline counts from the first wait until everything has left.
    fn poll_write_deadline<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            return written;
        }
        let due = Instant::now() + self.write_time;
        let timer = self.write_timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if !self.writing {
            self.writing = true;
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let overdue = this.poll_overdue(context);
        if overdue == Some(Overdue::Head) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let Some(stream) = &mut this.stream else { return Poll::Ready(Err(gone())) };
        let begin = buffer.filled().len();
        if !this.watch.is_over() {
            if this.watch.is_far_ahead(context) {
                return Poll::Pending;
            }
            if buffer.remaining() > 0
                && let Some(first) = this.first.take()
            {
                buffer.put_slice(&[first]);
            }
            match Pin::new(stream).poll_read(context, buffer) {
                Poll::Pending if buffer.filled().len() > begin => {}
                // A request that has come meanwhile is heard. Otherwise it is as if the client had come to its end.
                Poll::Pending if matches!(overdue, Some(Overdue::Request | Overdue::Return)) => {
                    this.returns = overdue == Some(Overdue::Return);
                    return Poll::Ready(Ok(()));
                }
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => {
                    this.watch.connection_broke();
                    return Poll::Ready(Err(error));
                }
                Poll::Ready(Ok(())) => {}
            }
            let read = buffer.filled().get(begin..).unwrap_or_default();
            this.tail = tail_of(this.tail, read);
            this.watch.taken(read.len());
            if buffer.filled().len() == begin && buffer.remaining() > 0 {
                this.watch.client_ended();
            }
            return Poll::Ready(Ok(()));
        }
        // A client that still sends gets time to read its answer, but nothing it sends is looked at.
        while this.discarded < LINGER_BYTES {
            ready!(Pin::new(&mut *stream).poll_read(context, buffer))?;
            let taken = buffer.filled().len() - begin;
            if taken == 0 {
                break;
            }
            this.discarded += taken;
            buffer.set_filled(begin);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(Err(gone())) };
        let written = Pin::new(stream).poll_write(context, bytes);
        self.poll_write_deadline(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(Err(gone())) };
        let flushed = Pin::new(stream).poll_flush(context);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            if std::mem::take(&mut self.writing)
                && let Some(what) = self.watch.awaits()
            {
                self.watch.await_more(what);
            }
            // A dispatcher that waits for the rest of a body does not read while its queue is full: whoever
            // flushes is woken by the deadline as well.
            return match self.poll_overdue(context) {
                Some(Overdue::Head) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                Some(Overdue::Request | Overdue::Return) | None => Poll::Ready(Ok(())),
            };
        }
        self.poll_write_deadline(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.returns
            && let (Some(returned), Some(due)) = (&this.returned, this.watch.due())
        {
            if let Some(stream) = this.stream.take() {
                returned.set(Some(Unused { stream, until: due.at }));
            }
            return Poll::Ready(Ok(()));
        }
        let Some(stream) = &mut this.stream else { return Poll::Ready(Err(gone())) };
        let ended = Pin::new(stream).poll_shutdown(context);
        self.poll_write_deadline(context, ended)
    }
}

/// The last bytes, when `read` comes behind those that were the last before.
fn tail_of<const COUNT: usize>(before: [u8; COUNT], read: &[u8]) -> [u8; COUNT] {
    read.last_chunk().copied().unwrap_or_else(|| {
        let mut tail = before;
        tail.rotate_left(read.len());
        for (place, byte) in tail.iter_mut().rev().zip(read.iter().rev()) {
            *place = *byte;
        }
        tail
    })
}

/// Nobody asks for what they gave back.
fn gone() -> io::Error {
    io::ErrorKind::NotConnected.into()
}
