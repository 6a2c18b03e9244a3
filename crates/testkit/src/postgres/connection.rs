//! Plain connections of the tests' own, past the code under test.

use std::time::Duration;

use tokio_postgres::{Client, Config, Error, NoTls};

/// A server that is there answers sooner, also when every core is busy with tests.
const PATIENCE: Duration = Duration::from_secs(30);

/// Connects, and drives the connection on the current runtime until the client is dropped.
pub(super) async fn connect(url: &str) -> Result<Client, Error> {
    let mut config: Config = url.parse()?;
    config.connect_timeout(PATIENCE).application_name("doorward-testkit");
    let (client, connection) = config.connect(NoTls).await?;
    // What ends the connection is told to whoever asks the client next.
    tokio::spawn(connection);
    Ok(client)
}
