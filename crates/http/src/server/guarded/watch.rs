//! What the guard of a connection and the application tell each other.

use std::cell::Cell;
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use crate::HttpSettings;

/// How long a client that still sends has to read the answer that ends its connection.
pub(in crate::server) const LINGER: Duration = Duration::from_secs(2);

/// How long an answer is worked on for a client that sends no more. Most such clients are gone, which nothing tells from
/// those who have shut down one direction and still read (RFC 9293 §3.6): these get what is ready by then, which is every
/// answer but those that wait for a password in a flood or for a store that does not answer.
pub(super) const PARTING: Duration = Duration::from_secs(2);

/// Most bytes of later requests that are taken while an answer is worked on. actix-http holds twice as many, and asks
/// for more without a pause where more would come.
pub(super) const AHEAD: usize = 64 * 1024;

/// What the guard and the application tell each other about one connection.
pub(crate) struct Watch {
    due: Cell<Option<Due>>,
    keep_alive: Duration,
    head_time: Duration,
    had_no_body: Cell<bool>,
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
pub(super) struct Due {
    pub(super) what: Awaited,
    pub(super) at: Instant,
}

/// What a client is to send in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    /// Another request, if it has one, or the rest of one whose beginning came along with the one before: otherwise the
    /// connection ends as if the client had ended it.
    Request,
    /// The rest of a head that has begun.
    Head,
}

impl Watch {
    pub(super) fn new(settings: &HttpSettings) -> Self {
        let HttpSettings { keep_alive, head_timeout, .. } = *settings;
        // The first head has its time from actix-http, which answers when it is over.
        let due = Due { what: Awaited::Head, at: Instant::now() + keep_alive + head_timeout };
        Self {
            due: Cell::new(Some(due)),
            keep_alive,
            head_time: head_timeout,
            had_no_body: Cell::new(false),
            is_over: Cell::new(false),
            is_half: Cell::new(false),
            is_broken: Cell::new(false),
            half: Notify::new(),
            ahead: Cell::new(None),
            reader: Cell::new(None),
        }
    }

    /// A whole head has arrived: from here on the body's own deadline counts, where one belongs to it. `false` when the
    /// connection has had its last answer.
    pub(crate) fn request_began(&self, has_body: bool) -> bool {
        self.due.set(None);
        self.had_no_body.set(!has_body);
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
    pub(super) fn is_far_ahead(&self, context: &Context<'_>) -> bool {
        let is_far = self.ahead.get().is_some_and(|taken| taken >= AHEAD);
        if is_far {
            self.reader.set(Some(context.waker().clone()));
        }
        is_far
    }

    pub(super) fn taken(&self, bytes: usize) {
        self.ahead.set(self.ahead.get().map(|taken| taken + bytes));
        if bytes > 0 && self.awaits() == Some(Awaited::Request) {
            self.await_more(Awaited::Head);
        }
    }

    pub(super) fn client_ended(&self) {
        self.is_half.set(true);
        self.half.notify_one();
    }

    pub(super) fn connection_broke(&self) {
        self.is_broken.set(true);
        self.client_ended();
    }

    /// What the client is to send, and until when; `None` while a request is being answered.
    pub(super) fn due(&self) -> Option<Due> {
        self.due.get()
    }

    /// When the request before the one that is due was answered.
    pub(super) fn unused_since(&self, due: Due) -> Instant {
        due.at - self.keep_alive
    }

    /// Whether nothing belonged to the last request but its head.
    pub(super) fn had_no_body(&self) -> bool {
        self.had_no_body.get()
    }

    /// Whether the answer that ends the connection has been given.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.get()
    }

    pub(super) fn awaits(&self) -> Option<Awaited> {
        self.due.get().map(|due| due.what)
    }

    pub(super) fn await_more(&self, what: Awaited) {
        let (what, time) = match what {
            _ if self.is_over.get() => (Awaited::Head, LINGER),
            Awaited::Request => (what, self.keep_alive),
            Awaited::Head => (what, self.head_time),
        };
        self.due.set(Some(Due { what, at: Instant::now() + time }));
    }
}
