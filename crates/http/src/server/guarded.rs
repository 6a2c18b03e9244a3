//! A connection with deadlines.
//!
//! actix-http limits the time of a connection's first head only. A client may drip the second one for ever, or never
//! read its answer (measured; CWE-400). The guard stands around the socket and ends both. It also ends connections that
//! are not used, since actix-http would make a timer for that after each answer, and take it away before the next
//! request.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use actix_http::KeepAlive;
use metrics::{Gauge, gauge};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use crate::HttpSettings;

/// How long a client that still sends has to read the answer that ends its connection.
pub(super) const LINGER: Duration = Duration::from_secs(2);

/// What actix-http is told: that a connection lasts for as long as it is there. The guard ends it.
pub(crate) const KEPT_ALIVE: KeepAlive = KeepAlive::Os;

/// Most bytes that are taken from a client after the answer that ends its connection.
const LINGER_BYTES: usize = 256 * 1024;

/// A connection does not wake more often than that to look what is due.
const TICK: Duration = Duration::from_secs(1);

/// How long an answer is worked on for a client that sends no more. Most such clients are gone, which nothing tells from
/// those who have shut down one direction and still read (RFC 9293 §3.6): these get what is ready by then, which is every
/// answer but those that wait for a password in a flood or for a store that does not answer.
const PARTING: Duration = Duration::from_secs(2);

/// Most bytes of later requests that are taken while an answer is worked on. actix-http holds twice as many, and asks
/// for more without a pause where more would come.
const AHEAD: usize = 64 * 1024;

/// What the guard and the application tell each other about one connection.
pub(crate) struct Watch {
    /// What the client is to send, and until when; `None` while a request is being answered.
    due: Cell<Option<Due>>,
    keep_alive: Duration,
    head_time: Duration,
    /// Whether the answer that ends the connection has been given.
    is_over: Cell<bool>,
    /// Whether the client has ended its direction of the connection.
    is_half: Cell<bool>,
    /// Whether the connection is broken: nobody reads any more.
    is_broken: Cell<bool>,
    half: Notify,
    /// What was taken of later requests while an answer is worked on.
    ahead: Cell<Option<usize>>,
    /// Who waits for the answer before they read on.
    reader: Cell<Option<Waker>>,
}

#[derive(Clone, Copy)]
struct Due {
    what: Awaited,
    at: Instant,
}

/// What a client is to send in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    /// Another request, if it has one, or the rest of one whose beginning came along with the one before: otherwise the
    /// connection ends as if the client had ended it.
    Request,
    /// The rest of a head that has begun.
    Head,
}

impl Watch {
    fn new(settings: &HttpSettings) -> Self {
        let HttpSettings { keep_alive, head_timeout, .. } = *settings;
        // The first head has its time from actix-http, which answers when it is over.
        let due = Due { what: Awaited::Head, at: Instant::now() + keep_alive + head_timeout };
        Self {
            due: Cell::new(Some(due)),
            keep_alive,
            head_time: head_timeout,
            is_over: Cell::new(false),
            is_half: Cell::new(false),
            is_broken: Cell::new(false),
            half: Notify::new(),
            ahead: Cell::new(None),
            reader: Cell::new(None),
        }
    }

    /// A whole head has arrived: from here on the body's own deadline counts. `false` when the connection has had
    /// its last answer.
    pub(crate) fn request_began(&self) -> bool {
        self.due.set(None);
        !self.is_over.get()
    }

    /// The whole request is here: whatever comes now belongs to later ones.
    pub(crate) fn request_received(&self) {
        self.ahead.set(Some(0));
    }

    /// The answer is ready: the next request is due, or the end of a connection that is not to have another.
    pub(crate) fn request_ended(&self, is_last: bool) {
        let has_begun = self.ahead.take().is_some_and(|taken| taken > 0);
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        if is_last {
            self.is_over.set(true);
        }
        self.await_more(if has_begun { Awaited::Head } else { Awaited::Request });
    }

    /// Waits until the client is taken for gone.
    pub(crate) async fn client_gone(&self) {
        while !self.is_half.get() {
            self.half.notified().await;
        }
        let parting = sleep(PARTING);
        tokio::pin!(parting);
        while !self.is_broken.get() {
            tokio::select! {
                () = &mut parting => return,
                () = self.half.notified() => {}
            }
        }
    }

    /// Whether enough has been taken of later requests; then whoever reads is woken by the answer.
    fn is_far_ahead(&self, context: &Context<'_>) -> bool {
        let is_far = self.ahead.get().is_some_and(|taken| taken >= AHEAD);
        if is_far {
            self.reader.set(Some(context.waker().clone()));
        }
        is_far
    }

    fn taken(&self, bytes: usize) {
        self.ahead.set(self.ahead.get().map(|taken| taken + bytes));
        if bytes > 0 && self.awaits() == Some(Awaited::Request) {
            self.await_more(Awaited::Head);
        }
    }

    fn client_ended(&self) {
        self.is_half.set(true);
        self.half.notify_one();
    }

    fn connection_broke(&self) {
        self.is_broken.set(true);
        self.client_ended();
    }

    fn awaits(&self) -> Option<Awaited> {
        self.due.get().map(|due| due.what)
    }

    fn await_more(&self, what: Awaited) {
        let (what, time) = match what {
            _ if self.is_over.get() => (Awaited::Head, LINGER),
            Awaited::Request => (what, self.keep_alive),
            Awaited::Head => (what, self.head_time),
        };
        self.due.set(Some(Due { what, at: Instant::now() + time }));
    }
}

/// A stream that fails with [`io::ErrorKind::TimedOut`] when its client is too slow.
pub(crate) struct Guarded<S> {
    stream: S,
    watch: Rc<Watch>,
    read_timer: Pin<Box<Sleep>>,
    /// Made by the first wait: most connections never have one.
    write_timer: Option<Pin<Box<Sleep>>>,
    /// Whether something written has not left yet.
    writing: bool,
    /// Bytes taken and thrown away since the last answer.
    discarded: usize,
    write_time: Duration,
    _counted: Option<Counted>,
}

/// One of the open connections, as long as it lives.
struct Counted(Gauge);

impl Counted {
    fn new() -> Self {
        let open = gauge!("doorward_http_connections");
        open.increment(1.0);
        Self(open)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

impl<S> Guarded<S> {
    /// A connection that requests come in by.
    pub(crate) fn new(stream: S, settings: &HttpSettings) -> Self {
        Self { _counted: Some(Counted::new()), ..Self::uncounted(stream, settings) }
    }

    /// One that is not among those of the API.
    pub(crate) fn uncounted(stream: S, settings: &HttpSettings) -> Self {
        Self {
            stream,
            watch: Rc::new(Watch::new(settings)),
            read_timer: Box::pin(sleep(settings.head_timeout)),
            write_timer: None,
            writing: false,
            discarded: 0,
            write_time: settings.write_timeout,
            _counted: None,
        }
    }

    pub(crate) fn watch(&self) -> Rc<Watch> {
        self.watch.clone()
    }

    /// What has not come in time. It is asked for as long as nothing comes.
    ///
    /// Deadlines come and go with every request, and a timer is dear to set: it goes off every so often and looks what
    /// is due then. Within the time of a head, so that it need not be set when one begins.
    fn poll_overdue(&mut self, context: &mut Context<'_>) -> Option<Awaited> {
        // An answer that is still on its way has a deadline of its own.
        let due = self.watch.due.get().filter(|_| !self.writing)?;
        if self.read_timer.deadline() > due.at {
            self.read_timer.as_mut().reset(due.at);
        }
        while self.read_timer.as_mut().poll(context).is_ready() {
            let now = Instant::now();
            if now >= due.at {
                return Some(due.what);
            }
            self.read_timer.as_mut().reset(due.at.min(now + self.watch.head_time.max(TICK)));
        }
        None
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
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let overdue = self.poll_overdue(context);
        if overdue == Some(Awaited::Head) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let begin = buffer.filled().len();
        if !self.watch.is_over.get() {
            if self.watch.is_far_ahead(context) {
                return Poll::Pending;
            }
            match Pin::new(&mut self.stream).poll_read(context, buffer) {
                // A request that has come meanwhile is heard. Otherwise it is as if the client had come to its end.
                Poll::Pending if overdue == Some(Awaited::Request) => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => {
                    self.watch.connection_broke();
                    return Poll::Ready(Err(error));
                }
                Poll::Ready(Ok(())) => {}
            }
            self.watch.taken(buffer.filled().len() - begin);
            if buffer.filled().len() == begin && buffer.remaining() > 0 {
                self.watch.client_ended();
            }
            return Poll::Ready(Ok(()));
        }
        // A client that still sends gets time to read its answer, but nothing it sends is looked at.
        while self.discarded < LINGER_BYTES {
            ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
            let taken = buffer.filled().len() - begin;
            if taken == 0 {
                break;
            }
            self.discarded += taken;
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
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.poll_write_deadline(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            if std::mem::take(&mut self.writing)
                && let Some(what) = self.watch.awaits()
            {
                self.watch.await_more(what);
            }
            // A dispatcher that waits for the rest of a body does not read while its queue is full: whoever
            // flushes is woken by the deadline as well.
            return match self.poll_overdue(context) {
                Some(Awaited::Head) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                Some(Awaited::Request) | None => Poll::Ready(Ok(())),
            };
        }
        self.poll_write_deadline(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = Pin::new(&mut self.stream).poll_shutdown(context);
        self.poll_write_deadline(context, ended)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// A connection that takes nothing: not even that it is at an end.
    struct Full;

    impl AsyncWrite for Full {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Pending
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    #[tokio::test(start_paused = true)]
    async fn dos_03_an_end_that_does_not_leave_ends_the_connection() {
        let mut server = Guarded::new(Full, &HttpSettings::default());
        let begun = Instant::now();
        assert_eq!(server.shutdown().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(about(HttpSettings::default().write_timeout).contains(&begun.elapsed()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_comes_at_the_last_moment_is_heard() {
        let (mut client, server) = tokio::io::duplex(64);
        let mut server = guarded(server);
        assert!(server.watch().request_began());
        server.watch().request_ended(false);
        tokio::time::advance(HttpSettings::default().keep_alive * 2).await;
        client.write_u8(b'G').await.unwrap();
        assert_eq!(server.read_u8().await.unwrap(), b'G');
    }

    /// A connection that was reset.
    struct Broken;

    impl AsyncRead for Broken {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
        }
    }

    fn guarded(stream: tokio::io::DuplexStream) -> Guarded<tokio::io::DuplexStream> {
        Guarded::new(stream, &HttpSettings::default())
    }

    #[tokio::test(start_paused = true)]
    async fn dos_03_a_head_that_does_not_come_ends_the_connection() {
        let (_client, server) = tokio::io::duplex(64);
        let mut server = guarded(server);
        let error = server.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn dos_03_a_dripped_second_head_ends_the_connection() {
        let (mut client, server) = tokio::io::duplex(64);
        let mut server = guarded(server);
        assert!(server.watch().request_began());
        server.watch().request_ended(false);
        let drip = tokio::spawn(async move {
            while client.write_u8(b'x').await.is_ok() {
                tokio::time::advance(Duration::from_millis(500)).await;
            }
        });
        let mut received = 0;
        let error = loop {
            match server.read_u8().await {
                Ok(_) => received += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!((9..=11).contains(&received), "{received}");
        drop(server);
        drip.await.unwrap();
    }

    /// How long nothing comes, and what becomes of it.
    async fn silence(server: &mut Guarded<tokio::io::DuplexStream>) -> (Duration, io::Result<usize>) {
        let begun = Instant::now();
        let read = server.read(&mut [0; 1]).await;
        (begun.elapsed(), read)
    }

    /// Timers of tokio are late by up to a millisecond.
    fn about(time: Duration) -> std::ops::Range<Duration> {
        time..time + Duration::from_millis(2)
    }

    #[tokio::test(start_paused = true)]
    async fn dos_03_each_answer_puts_the_end_of_an_unused_connection_off() {
        let (_client, server) = tokio::io::duplex(64);
        let mut server = guarded(server);
        let HttpSettings { keep_alive, .. } = HttpSettings::default();
        for _ in 0..3 {
            assert!(server.watch().request_began());
            server.watch().request_ended(false);
            let almost = keep_alive.saturating_sub(Duration::from_millis(1));
            assert!(tokio::time::timeout(almost, server.read_u8()).await.is_err(), "not yet");
        }
        assert!(server.watch().request_began());
        server.watch().request_ended(false);
        let (late, end) = silence(&mut server).await;
        assert!(about(keep_alive).contains(&late), "{late:?}");
        assert_eq!(end.unwrap(), 0, "the client has come to its end");
        server.flush().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn dos_03_a_head_that_has_begun_has_its_own_time() {
        let HttpSettings { head_timeout, keep_alive, .. } = HttpSettings::default();
        for wait in [Duration::ZERO, keep_alive / 2, keep_alive.saturating_sub(Duration::from_millis(1))] {
            let (mut client, server) = tokio::io::duplex(64);
            let mut server = guarded(server);
            assert!(server.watch().request_began());
            server.watch().request_ended(false);
            tokio::time::timeout(wait, server.read_u8()).await.unwrap_err();
            client.write_u8(b'G').await.unwrap();
            assert_eq!(server.read_u8().await.unwrap(), b'G');
            let (late, error) = silence(&mut server).await;
            assert!(about(head_timeout).contains(&late), "{late:?}");
            assert_eq!(error.unwrap_err().kind(), io::ErrorKind::TimedOut);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn dos_03_a_head_that_began_before_the_answer_has_its_own_time() {
        let (mut client, server) = tokio::io::duplex(64);
        let mut server = guarded(server);
        assert!(server.watch().request_began());
        server.watch().request_received();
        client.write_u8(b'G').await.unwrap();
        assert_eq!(server.read_u8().await.unwrap(), b'G');
        server.watch().request_ended(false);
        let (late, error) = silence(&mut server).await;
        assert!(about(HttpSettings::default().head_timeout).contains(&late), "{late:?}");
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn dos_03_after_the_last_answer_a_client_has_little_time() {
        let (_client, server) = tokio::io::duplex(64);
        let mut server = guarded(server);
        assert!(tokio::time::timeout(Duration::from_millis(1), server.read_u8()).await.is_err());
        assert!(server.watch().request_began());
        server.watch().request_ended(true);
        let (late, error) = silence(&mut server).await;
        assert!(about(LINGER).contains(&late), "{late:?}");
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_being_answered_has_no_head_deadline() {
        let (mut client, server) = tokio::io::duplex(64);
        let mut server = guarded(server);
        assert!(server.watch().request_began());
        tokio::time::advance(Duration::from_secs(600)).await;
        client.write_u8(b'x').await.unwrap();
        assert_eq!(server.read_u8().await.unwrap(), b'x');
    }

    #[tokio::test(start_paused = true)]
    async fn dos_02_a_client_that_sends_no_more_is_taken_for_gone_after_a_while() {
        let (client, server) = tokio::io::duplex(64);
        let mut server = guarded(server);
        let watch = server.watch();
        assert!(watch.request_began());
        let is_gone = async || tokio::time::timeout(PARTING * 2, watch.client_gone()).await.is_ok();
        assert!(!is_gone().await);
        drop(client);
        assert_eq!(server.read(&mut [0; 64]).await.unwrap(), 0);
        assert!(tokio::time::timeout(PARTING / 2, watch.client_gone()).await.is_err());
        assert!(is_gone().await);
        assert!(is_gone().await, "the next request on the connection is told as well");
    }

    #[tokio::test(start_paused = true)]
    async fn dos_02_a_client_whose_connection_breaks_is_gone_at_once() {
        let mut server = Guarded::new(Broken, &HttpSettings::default());
        let watch = server.watch();
        assert!(watch.request_began());
        assert_eq!(server.read_u8().await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        assert!(tokio::time::timeout(PARTING / 2, watch.client_gone()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn dos_08_little_is_taken_of_later_requests_until_the_answer_is_ready() {
        let (mut client, server) = tokio::io::duplex(4 * AHEAD);
        let mut server = guarded(server);
        let watch = server.watch();
        client.write_all(&vec![b'x'; 3 * AHEAD]).await.unwrap();
        assert!(watch.request_began());
        // The body may be longer.
        server.read_exact(&mut vec![0; 2 * AHEAD]).await.unwrap();
        watch.request_received();
        let mut received = 0;
        let mut rest = [0; 1024];
        while let Ok(read) = tokio::time::timeout(PARTING, server.read(&mut rest)).await {
            received += read.unwrap();
        }
        assert_eq!(received, AHEAD);
        let answer = async {
            tokio::task::yield_now().await;
            watch.request_ended(false);
        };
        // Who waits hears of the answer.
        client.write_u8(b'y').await.unwrap();
        let (read, ()) = tokio::join!(tokio::time::timeout(PARTING, server.read_u8()), answer);
        assert_eq!(read.unwrap().unwrap(), b'y');
    }

    #[tokio::test(start_paused = true)]
    async fn dos_03_an_answer_that_is_not_read_ends_the_connection() {
        let (_client, server) = tokio::io::duplex(8);
        let mut server = guarded(server);
        let error = server.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_last_answer_nothing_is_read_and_little_is_taken() {
        let (mut client, server) = tokio::io::duplex(16 * 1024);
        let mut server = guarded(server);
        assert!(server.watch().request_began());
        server.watch().request_ended(true);
        let flood = tokio::spawn(async move {
            let mut sent = 0;
            while client.write_all(&[b'x'; 8 * 1024]).await.is_ok() {
                sent += 8 * 1024;
            }
            sent
        });
        assert_eq!(server.read(&mut [0; 64]).await.unwrap(), 0);
        assert!(!server.watch().request_began());
        drop(server);
        assert!((LINGER_BYTES..LINGER_BYTES + 64 * 1024).contains(&flood.await.unwrap()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_takes_long_to_leave_is_not_ended_as_a_late_head() {
        let settings = HttpSettings { write_timeout: Duration::from_secs(600), ..HttpSettings::default() };
        let (mut client, server) = tokio::io::duplex(8);
        let mut server = Guarded::new(server, &settings);
        assert!(server.watch().request_began());
        server.watch().request_ended(false);
        let reader = tokio::spawn(async move {
            let mut received = vec![0; 64];
            for byte in &mut received {
                tokio::time::advance(Duration::from_secs(1)).await;
                *byte = client.read_u8().await.unwrap();
            }
            received
        });
        server.write_all(&[7; 64]).await.unwrap();
        server.flush().await.unwrap();
        assert_eq!(reader.await.unwrap(), vec![7; 64]);
    }
}
