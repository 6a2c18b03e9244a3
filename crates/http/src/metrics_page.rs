//! What Prometheus reads, on a listener of its own: whoever may ask the API need not know how the service fares.

use std::io;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{HttpService, Request};
use actix_server::Server;
use actix_service::{
    IntoServiceFactory as _, Service as _, ServiceFactoryExt as _, apply_fn_factory, fn_service, map_config,
};
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse};
use futures_util::future::BoxFuture;

use crate::HttpSettings;
use crate::server::{Guarded, KEPT_ALIVE, Watch};

/// Answers the present metrics in Prometheus' text format.
pub type Scrape = Arc<dyn Fn() -> BoxFuture<'static, String> + Send + Sync>;

/// The version of the format.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Enough for several who ask at once, and little for whoever would ask without end.
const CONNECTIONS: usize = 64;

/// Longer than between two questions of Prometheus.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Answers `GET /metrics`, and nothing else, until `stop` resolves.
pub async fn serve_metrics(
    listener: TcpListener,
    scrape: Scrape,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    serve(listener, scrape, HttpSettings { keep_alive: KEEP_ALIVE, ..HttpSettings::default() }, stop).await
}

/// Connections have the deadlines that those of the API have.
async fn serve(
    listener: TcpListener,
    scrape: Scrape,
    settings: HttpSettings,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let server = Server::build()
        .workers(1)
        .max_concurrent_connections(CONNECTIONS)
        .shutdown_timeout(1)
        .disable_signals()
        .listen("metrics", listener, move || {
            let metrics = web::resource("/metrics").route(web::get().to(page));
            let app = App::new().app_data(Data::new(scrape.clone())).service(metrics);
            let app = map_config(app.into_factory(), |()| AppConfig::default());
            let watched = apply_fn_factory(app, |request: Request, page| {
                let watch = request.conn_data::<Rc<Watch>>().cloned();
                if let Some(watch) = &watch {
                    watch.request_began(false);
                }
                let answer = page.call(request);
                async move {
                    let answer = answer.await;
                    if let Some(watch) = watch {
                        watch.request_ended(false);
                    }
                    answer
                }
            });
            let http = HttpService::build()
                .keep_alive(KEPT_ALIVE)
                .client_request_timeout(settings.head_timeout)
                .on_connect_ext(|connection: &Guarded<TcpStream>, data| {
                    data.insert(connection.watch());
                })
                .h1(watched);
            let settings = settings.clone();
            fn_service(move |stream: TcpStream| {
                let peer = stream.peer_addr().ok();
                let stream = Guarded::new(stream, &settings);
                async move { Ok::<_, io::Error>((stream, peer)) }
            })
            .map_err(actix_http::error::DispatchError::Io)
            .and_then(http)
        })?
        .run();
    let handle = server.handle();
    let end = async move {
        stop.await;
        handle.stop(true).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = server => ended,
        () = end => Ok(()),
    }
}

async fn page(scrape: Data<Scrape>) -> HttpResponse {
    let metrics = (scrape.get_ref())().await;
    HttpResponse::Ok().content_type(FORMAT).insert_header(("cache-control", "no-store")).body(metrics)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::time::{Instant, sleep};

    use super::*;

    const HEAD: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";

    /// Whether the other side ends the connection although something comes all the time.
    async fn is_ended_while_it_drips(stream: &mut TcpStream) -> bool {
        let patience = Instant::now() + Duration::from_secs(20);
        while Instant::now() < patience {
            if stream.write_all(b"x").await.is_err()
                || matches!(stream.read(&mut [0; 64]).now_or_never(), Some(Ok(0) | Err(_)))
            {
                return true;
            }
            sleep(Duration::from_millis(20)).await;
        }
        false
    }

    #[actix_web::test]
    async fn dos_03_whoever_drips_a_second_head_does_not_keep_a_connection_for_metrics() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let scrape: Scrape = Arc::new(|| async { "up 1\n".to_owned() }.boxed());
        let short = Duration::from_millis(200);
        let settings = HttpSettings { keep_alive: short, head_timeout: short, ..HttpSettings::default() };
        let client = async {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(HEAD).await.unwrap();
            let mut answer = vec![0; 4_096];
            let read = stream.read(&mut answer).await.unwrap();
            assert!(String::from_utf8_lossy(&answer[..read]).starts_with("HTTP/1.1 200"));
            assert!(is_ended_while_it_drips(&mut stream).await);
        };
        tokio::select! {
            ended = serve(listener, scrape, settings, std::future::pending()) => panic!("{ended:?}"),
            () = client => {}
        }
    }
}
