//! What Prometheus reads, on a listener of its own: whoever may ask the API need not know how the service fares.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use futures_util::future::BoxFuture;

/// Answers the present figures in Prometheus' text format.
pub type Scrape = Arc<dyn Fn() -> BoxFuture<'static, String> + Send + Sync>;

/// The version of the format.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Enough for several who ask at once, and little for whoever would ask without end.
const CONNECTIONS: usize = 64;

/// Answers `GET /metrics`, and nothing else, until `stop` resolves.
pub async fn serve_metrics(
    listener: TcpListener,
    scrape: Scrape,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let application = move || {
        let metrics = web::resource("/metrics").route(web::get().to(page));
        App::new().app_data(Data::new(scrape.clone())).service(metrics)
    };
    let server = HttpServer::new(application)
        .workers(1)
        .max_connections(CONNECTIONS)
        .client_request_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(1)
        .disable_signals()
        .listen(listener)?
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
    let figures = (scrape.get_ref())().await;
    HttpResponse::Ok().content_type(FORMAT).insert_header(("cache-control", "no-store")).body(figures)
}
