//! The floor under every figure: actix-web alone, one route that answers bytes it already has.
//!
//! `floor FILE WORKERS` listens on a free port of 127.0.0.1, writes that port to standard output, and answers any `GET`
//! with the contents of the file as JSON.

use std::io::{self, Write as _};

use actix_web::web::Bytes;
use actix_web::{App, HttpResponse, HttpServer, web};

#[actix_web::main]
async fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(workers)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("usage: floor FILE WORKERS"));
    };
    let body = Bytes::from(std::fs::read(file)?);
    let server = HttpServer::new(move || {
        let body = body.clone();
        App::new().default_service(web::to(move || {
            let body = body.clone();
            async move { HttpResponse::Ok().content_type("application/json").body(body) }
        }))
    });
    let workers = workers.parse().map_err(io::Error::other)?;
    let server = server.workers(workers).disable_signals().bind(("127.0.0.1", 0))?;
    let ports: Vec<String> = server.addrs().iter().map(|address| address.port().to_string()).collect();
    writeln!(io::stdout(), "{}", ports.join(" "))?;
    server.run().await
}
