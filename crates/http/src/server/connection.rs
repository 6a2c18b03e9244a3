//! A connection from its first request to its end.
//!
//! What actix-http needs to read requests is two buffers and a task of some size: dear for whoever keeps a connection open
//! and asks for nothing. So a connection that is not used goes back to what it was, a socket that somebody listens to,
//! until the first byte of the next request.

use std::future::Future;
use std::net::SocketAddr;

use actix_http::error::DispatchError;
use actix_service::Service;
use metrics::{Gauge, gauge};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{timeout, timeout_at};

use super::guarded::{Guarded, LINGER, Returned, Unused};
use crate::HttpSettings;

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

/// Has `http` answer the requests of a connection until it ends. While it is not used `stopped` tells when the service
/// stops.
pub(super) async fn attend<S, H, F>(
    mut stream: S,
    peer: Option<SocketAddr>,
    http: &H,
    settings: &HttpSettings,
    stopped: impl Fn() -> F,
) -> Result<(), DispatchError>
where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Service<(Guarded<S>, Option<SocketAddr>), Response = (), Error = DispatchError>,
    F: Future<Output = ()>,
{
    let _counted = Counted::new();
    let returned = Returned::default();
    let mut first = None;
    loop {
        let guarded = Guarded::lent(stream, first, returned.clone(), settings);
        // In a box, which an unused connection does not have.
        Box::pin(http.call((guarded, peer))).await?;
        let Some(Unused { stream: unused, until }) = returned.take() else { return Ok(()) };
        stream = unused;
        first = tokio::select! {
            read = timeout_at(until, stream.read_u8()) => read.ok().and_then(Result::ok),
            () = stopped() => None,
        };
        if first.is_none() {
            // Whoever does not take that it is over is left.
            let _left = timeout(LINGER, stream.shutdown()).await;
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io;
    use std::rc::Rc;
    use std::time::Duration;

    use actix_service::fn_service;
    use tokio::io::{DuplexStream, duplex};
    use tokio::time::{Instant, sleep};

    use super::*;

    const REQUEST: &[u8; 8] = b"GET!\r\n\r\n";

    /// Reads such requests and answers each with what it said, until there are no more.
    async fn echo(mut connection: Guarded<DuplexStream>) -> io::Result<usize> {
        let watch = connection.watch();
        let (mut request, mut answered) = (*REQUEST, 0);
        while connection.read_exact(&mut request).await.is_ok() {
            assert!(watch.request_began(false));
            watch.request_ended(false);
            connection.write_all(&request).await?;
            connection.flush().await?;
            answered += 1;
        }
        connection.shutdown().await?;
        Ok(answered)
    }

    /// A connection, and how many requests each of those answered who had it.
    struct Attended {
        client: DuplexStream,
        answered: Rc<RefCell<Vec<usize>>>,
        ended: tokio::task::JoinHandle<Result<(), DispatchError>>,
    }

    impl Attended {
        fn new(stopped: impl Future<Output = ()> + Clone + 'static) -> Self {
            let (client, server) = duplex(64);
            let answered = Rc::new(RefCell::new(Vec::new()));
            let told = answered.clone();
            let http = fn_service(move |(connection, _): (Guarded<DuplexStream>, Option<SocketAddr>)| {
                let told = told.clone();
                async move {
                    let count = echo(connection).await?;
                    told.borrow_mut().push(count);
                    Ok::<_, DispatchError>(())
                }
            });
            let settings = HttpSettings::default();
            let ended = tokio::task::spawn_local(async move {
                attend(server, None, &http, &settings, move || stopped.clone()).await
            });
            Self { client, answered, ended }
        }

        async fn is_heard(&mut self) {
            self.client.write_all(REQUEST).await.unwrap();
            let mut answer = [0; REQUEST.len()];
            self.client.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, REQUEST);
        }

        /// Whoever reads now comes to the end.
        async fn has_ended(mut self) -> Vec<usize> {
            assert_eq!(self.client.read(&mut [0; 1]).await.unwrap(), 0);
            self.ended.await.unwrap().unwrap();
            self.answered.take()
        }
    }

    async fn here(test: impl Future<Output = ()>) {
        tokio::task::LocalSet::new().run_until(test).await;
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_heard_before_and_after_a_pause() {
        here(async {
            let mut connection = Attended::new(std::future::pending());
            connection.is_heard().await;
            connection.is_heard().await;
            sleep(Duration::from_secs(3)).await;
            assert_eq!(*connection.answered.borrow(), [2], "nobody has it");
            connection.is_heard().await;
            sleep(Duration::from_secs(3)).await;
            connection.is_heard().await;
            connection.client.shutdown().await.unwrap();
            assert_eq!(connection.has_ended().await, [2, 1, 1]);
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn dos_03_a_connection_that_is_not_used_ends_when_it_would_have_ended() {
        here(async {
            let mut connection = Attended::new(std::future::pending());
            connection.is_heard().await;
            let begun = Instant::now();
            assert_eq!(connection.has_ended().await, [1]);
            let keep_alive = HttpSettings::default().keep_alive;
            assert!((keep_alive..keep_alive + Duration::from_millis(5)).contains(&begun.elapsed()));
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_not_used_ends_with_its_client_or_with_the_service() {
        here(async {
            let mut connection = Attended::new(std::future::pending());
            connection.is_heard().await;
            sleep(Duration::from_secs(3)).await;
            connection.client.shutdown().await.unwrap();
            assert_eq!(connection.has_ended().await, [1]);

            let stop = Rc::new(tokio::sync::Semaphore::new(0));
            let stopped = {
                let stop = stop.clone();
                futures_util::FutureExt::shared(Box::pin(async move {
                    let _closed = stop.acquire().await;
                }))
            };
            let mut connection = Attended::new(stopped);
            connection.is_heard().await;
            sleep(Duration::from_secs(3)).await;
            stop.close();
            assert_eq!(connection.has_ended().await, [1]);
        })
        .await;
    }
}
