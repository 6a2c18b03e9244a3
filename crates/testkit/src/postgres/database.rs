//! One test's database, from its creation to its end.

use std::io::Write as _;
use std::net::SocketAddr;
use std::thread;

use tokio::runtime;
use tokio_postgres::Client;
use url::Url;

use super::{Isolation, PostgresServer, Vendor, connection};

/// A database that nobody else uses. It is dropped with this value, whoever is still connected to it.
#[derive(Debug)]
pub struct TestDatabase {
    server: PostgresServer,
    vendor: Vendor,
    name: String,
}

impl TestDatabase {
    /// Names a database before it is created, so that it is dropped also when the creation is given up half-way.
    pub(super) fn named(server: &PostgresServer, vendor: Vendor, name: String) -> Self {
        Self { server: server.clone(), vendor, name }
    }

    /// Where the database is.
    pub fn url(&self) -> String {
        self.server.url_of(&self.name).into()
    }

    /// Where the database is for somebody who goes through a proxy at `address`.
    pub fn url_through(&self, address: SocketAddr) -> String {
        let mut url = self.server.url_of(&self.name);
        url.set_host(Some(&address.ip().to_string())).unwrap();
        url.set_port(Some(address.port())).unwrap();
        url.into()
    }

    /// The server that has the database.
    pub fn server(&self) -> &PostgresServer {
        &self.server
    }

    /// Who made that server.
    pub fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// The database's name, which needs no quotes in SQL.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection for looking behind the back of the code under test. It lives on the current runtime.
    pub async fn client(&self) -> Client {
        connection::connect(&self.url()).await.unwrap()
    }

    /// Sets what transactions are on connections that are opened from now on.
    pub(super) async fn isolate(&self, admin: &Client, isolation: Isolation) {
        let (name, level) = (&self.name, isolation.sql());
        let set = format!("ALTER DATABASE {name} SET default_transaction_isolation = '{level}'");
        admin.batch_execute(&set).await.unwrap();
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let url = self.server.admin_url().clone();
        let statement = match self.vendor {
            Vendor::Postgres => format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name),
            Vendor::Cockroach => format!("DROP DATABASE IF EXISTS {} CASCADE", self.name),
        };
        // A thread of its own can wait here whether or not a runtime is around, and while a test panics.
        let dropped = thread::spawn(move || carry_out(&url, &statement)).join();
        if !matches!(dropped, Ok(Ok(()))) {
            // The test has said what it had to say. What is left over is worth a line, not another panic.
            let _ = writeln!(std::io::stderr(), "the database {} is left over: {dropped:?}", self.name);
        }
    }
}

fn carry_out(url: &Url, statement: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let admin = connection::connect(url.as_str()).await?;
        Ok(admin.batch_execute(statement).await?)
    })
}
