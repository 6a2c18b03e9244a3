//! Connections to real servers.

mod cluster;
mod encryption;
mod inspection;
mod login;
mod pretender;
mod pushes;
mod sentinels;
mod silence;
mod witness;

use std::error::Error;
use std::time::Duration;

use deadpool_redis::redis::{RedisResult, cmd};

use super::{ConnectError, Connection, Connector, TlsFiles};
use crate::url::RedisUrl;

/// Far more than any answer takes, also when every core is busy with tests.
const PATIENCE: Duration = Duration::from_secs(30);

/// So short that a silent server is noticed at once.
const SHORT: Duration = Duration::from_millis(100);

fn connector(url: &str) -> Connector {
    with_files(url, &TlsFiles::default())
}

fn with_files(url: &str, files: &TlsFiles) -> Connector {
    Connector::new(&RedisUrl::parse(url).unwrap(), files, PATIENCE).unwrap()
}

fn impatient(url: &str, files: &TlsFiles) -> Connector {
    Connector::new(&RedisUrl::parse(url).unwrap(), files, SHORT).unwrap()
}

async fn connect(url: &str) -> Connection {
    connector(url).connect(None).await.unwrap()
}

/// Why there is no connection.
async fn refused(connector: &Connector) -> ConnectError {
    connector.connect(None).await.err().unwrap()
}

async fn set(connection: &mut Connection, key: &str, value: &str) -> RedisResult<()> {
    cmd("SET").arg(key).arg(value).query_async(connection).await
}

async fn get(connection: &mut Connection, key: &str) -> RedisResult<Option<String>> {
    cmd("GET").arg(key).query_async(connection).await
}

/// The message with those of everything that led to it.
fn told(error: &ConnectError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
