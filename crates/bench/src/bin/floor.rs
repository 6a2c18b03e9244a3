//! The bare handler on its own, for a load generator.
//!
//! `floor FILE WORKERS` listens on a free port of 127.0.0.1, writes that port to standard output, and answers any
//! request with the contents of the file as JSON, until it is ended.

use std::future::pending;
use std::io::{self, Write as _};
use std::net::TcpListener;

use actix_web::web::Bytes;
use doorward_bench::{Trouble, floor};

const USAGE: &str = "usage: floor FILE WORKERS";

#[actix_web::main]
async fn main() -> Result<(), Trouble> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(workers), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err(USAGE.into());
    };
    let body = std::fs::read(&file).map_err(|error| format!("{file} cannot be read: {error}"))?;
    let workers = workers.parse().ok().filter(|count| *count > 0);
    let workers = workers.ok_or_else(|| format!("WORKERS must be a whole number above 0; {USAGE}"))?;
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    writeln!(io::stdout(), "{}", listener.local_addr()?.port())?;
    Ok(floor::serve(listener, Bytes::from(body), workers, pending()).await?)
}
