//! The listening server: connections, deadlines, workers, and an end that finishes what is in flight.

mod closing;
mod connection;
mod guarded;
mod transport;

pub(crate) use guarded::{Guarded, KEPT_ALIVE, Watch};

use std::future::{Future, poll_fn};
use std::io;
use std::net::TcpListener;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use actix_http::HttpService;
use actix_server::{GracefulShutdownSignal, Server};
use actix_service::{IntoServiceFactory as _, ServiceFactory as _, fn_factory, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;
use rustls::ServerConfig;
use tokio::time::sleep;

use crate::app::{Application, Draining};
use crate::edge::Journal;
use crate::{HttpSettings, Service};
use closing::Closing;
use transport::Transport;

/// Serves until `stop` resolves. Then it is not ready any more, goes on for the shutdown delay with the last answer of
/// every connection that is used, takes no new connection, finishes what is in flight for at most the shutdown time-out,
/// and returns. With `tls` nothing is served in the clear.
///
/// actix-web's own `HttpServer` has no deadline for the second head on a connection; this pipeline is the same one
/// with a guard around each connection.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    settings: HttpSettings,
    tls: Option<Arc<ServerConfig>>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let delay = settings.shutdown_delay;
    let closing = Closing::of(&listener)?;
    let settings = Arc::new(settings);
    let application = Application::new(service, settings.clone());
    let workers = settings.workers.max(1);
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(settings.max_connections.div_ceil(workers))
        .shutdown_timeout(settings.shutdown_timeout.as_secs())
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let for_workers = application.clone();
    let journal = Arc::new(Journal::new(settings.log_requests));
    let server = builder
        .listen("doorward", listener, move || {
            let settings = settings.clone();
            let (stopping, draining) = (stopping.clone(), for_workers.draining());
            let stopped = move || stopped(stopping.clone(), draining.clone());
            let application = for_workers.clone();
            let tls = tls.clone();
            let edge = application.edge(journal.clone(), tls.is_some());
            let app = map_config(application.build().into_factory(), |()| AppConfig::default());
            let http = HttpService::build()
                .keep_alive(KEPT_ALIVE)
                .client_request_timeout(settings.head_timeout)
                .client_disconnect_timeout(guarded::LINGER)
                .local_addr(address)
                .graceful_shutdown_signal(stopped.clone())
                .on_connect_ext(|connection: &Guarded<Transport>, data| {
                    data.insert(connection.watch());
                })
                .h1(actix_service::apply(edge, app));
            fn_factory(move || {
                let (settings, tls, stopped) = (settings.clone(), tls.clone(), stopped.clone());
                let http = http.new_service(());
                async move {
                    let http = Rc::new(http.await?);
                    Ok::<_, ()>(fn_service(move |stream: TcpStream| {
                        let (settings, tls) = (settings.clone(), tls.clone());
                        let (http, stopped) = (http.clone(), stopped.clone());
                        async move {
                            let peer = stream.peer_addr().ok();
                            // Answers are small and complete; waiting to fill a packet only delays them.
                            stream.set_nodelay(true)?;
                            let stream = Transport::open(stream, tls, settings.head_timeout).await?;
                            connection::attend(stream, peer, &*http, &settings, stopped).await
                        }
                    }))
                }
            })
        })?
        .run();
    let handle = server.handle();
    let drain = async move {
        stop.await;
        application.start_draining();
        if !delay.is_zero() {
            tracing::info!(?delay, "not ready any more; going on until others have noticed");
            sleep(delay).await;
            closing.settle().await;
        }
        handle.stop(true).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = server => ended,
        () = drain => Ok(()),
    }
}

/// Resolves when the server stops, which it does while it is draining and not before.
///
/// Every connection asks twice a request, and they would all take one lock for it: a look at a flag answers as long as
/// nobody has told the service to stop.
async fn stopped(signal: GracefulShutdownSignal, draining: Draining) {
    let mut stopped = pin!(signal.notified());
    let mut listens = false;
    poll_fn(|context| {
        if listens && !draining.is_on() {
            return Poll::Pending;
        }
        listens = true;
        stopped.as_mut().poll(context)
    })
    .await;
}
