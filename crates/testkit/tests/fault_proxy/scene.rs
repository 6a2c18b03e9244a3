//! A client behind the proxy, and somebody who looks at the database past it.

use doorward_testkit::fault_proxy::FaultProxy;
use doorward_testkit::postgres::{DatabaseOptions, PostgresServer, TestDatabase};
use tokio_postgres::{Client, Error, NoTls};

/// A database with an empty table `things`, and both ways to it.
pub(crate) struct Scene {
    pub(crate) proxy: FaultProxy,
    pub(crate) client: Client,
    pub(crate) behind: Client,
    pub(crate) database: TestDatabase,
}

impl Scene {
    /// `None` where there is no server for tests.
    pub(crate) async fn open() -> Option<Self> {
        let server = PostgresServer::from_environment()?;
        let schema = DatabaseOptions::of_schema("fault_proxy_1");
        let database = server.database(schema, create_things).await;
        let proxy = FaultProxy::before(server.address()).await;
        let client = connect(&database.url_through(proxy.address())).await.unwrap();
        let behind = database.client().await;
        Some(Self { proxy, client, behind, database })
    }

    /// Another client behind the proxy.
    pub(crate) async fn another_client(&self) -> Result<Client, Error> {
        connect(&self.database.url_through(self.proxy.address())).await
    }

    /// The things that are there for everybody, in their order.
    pub(crate) async fn things(&self) -> Vec<String> {
        let rows = self.behind.query("SELECT name FROM things ORDER BY name", &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// Adds a thing with a statement that is prepared, then carried out.
pub(crate) async fn add(client: &Client, name: &str) -> Result<u64, Error> {
    client.execute("INSERT INTO things (name) VALUES ($1)", &[&name]).await
}

/// Adds a thing in a transaction of its own; what went wrong is whatever went wrong first.
pub(crate) async fn add_in_transaction(client: &Client, name: &str) -> Result<(), Error> {
    client.batch_execute("BEGIN").await?;
    if let Err(error) = add(client, name).await {
        let _ = client.batch_execute("ROLLBACK").await;
        return Err(error);
    }
    client.batch_execute("COMMIT").await
}

/// The SQLSTATE of an error that a server has sent; `closed` where the connection ended.
pub(crate) fn code<T>(outcome: Result<T, Error>) -> String {
    let error = outcome.err().unwrap();
    error.code().map_or_else(|| "closed".to_owned(), |code| code.code().to_owned())
}

async fn connect(url: &str) -> Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn create_things(url: &str) {
    let client = connect(url).await.unwrap();
    client.batch_execute("CREATE TABLE things (name TEXT PRIMARY KEY)").await.unwrap();
}
