//! The floor under every figure: actix-web alone, one route that answers bytes it already has.

use std::io;
use std::net::TcpListener;

use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer};

/// Has an application answer every request with these bytes, as JSON.
pub fn answering(body: Bytes) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config.default_service(web::to(move || {
            let body = body.clone();
            async move { HttpResponse::Ok().content_type("application/json").body(body) }
        }));
    }
}

/// Serves that until `stop` resolves, without any setting of our own.
pub async fn serve(
    listener: TcpListener,
    body: Bytes,
    workers: usize,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let server = HttpServer::new(move || App::new().configure(answering(body.clone())))
        .workers(workers)
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    let stopping = async {
        stop.await;
        handle.stop(true).await;
    };
    tokio::select! {
        ended = server => ended,
        () = stopping => Ok(()),
    }
}
