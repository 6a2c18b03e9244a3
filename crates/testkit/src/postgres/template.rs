//! PostgreSQL copies a database more quickly than any migration fills one: each schema is filled once.

use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use super::server::fresh_name;
use super::{PostgresServer, TestDatabase, Vendor};

/// How often a statement is tried for which nobody may be connected to the database.
const TRIES: usize = 10;

/// Between two of these tries. PostgreSQL itself waits for up to five seconds in each.
const PAUSE: Duration = Duration::from_millis(50);

/// Ends whatever connections there are to a database.
const TERMINATE: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";

/// A database that is complete, changes no more, and is there to be copied.
pub(super) struct Template(String);

/// The template of a schema. Test processes that want it at once wait for the one that makes it.
pub(super) async fn of_schema(
    server: &PostgresServer,
    admin: &Client,
    schema: &str,
    fill: impl AsyncFnOnce(&str),
) -> Template {
    let name = format!("doorward_template_{schema}");
    if !exists(admin, &name).await {
        // The lock ends with the connection at the latest, so a maker that is killed stops nobody.
        admin.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", &[&name]).await.unwrap();
        if !exists(admin, &name).await {
            make(server, admin, &name, fill).await;
        }
        admin.execute("SELECT pg_advisory_unlock(hashtextextended($1, 0))", &[&name]).await.unwrap();
    }
    Template(name)
}

impl Template {
    /// Creates a database that is like this one.
    pub(super) async fn copy(&self, admin: &Client, name: &str) {
        until_unused(admin, &format!("CREATE DATABASE {name} TEMPLATE {}", self.0)).await;
    }
}

async fn exists(admin: &Client, name: &str) -> bool {
    admin.query_opt("SELECT FROM pg_database WHERE datname = $1", &[&name]).await.unwrap().is_some()
}

/// Fills a database under another name and renames it when it is complete: whoever sees the template sees all of it.
async fn make(server: &PostgresServer, admin: &Client, name: &str, fill: impl AsyncFnOnce(&str)) {
    // Should `fill` fail, the unfinished database is dropped with this; once renamed, there is nothing to drop.
    let unfinished = TestDatabase::named(server, Vendor::Postgres, fresh_name(admin).await);
    // Text is ordered by its bytes, as in CockroachDB, whatever the server's locale.
    let create = format!(
        "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'",
        unfinished.name()
    );
    admin.batch_execute(&create).await.unwrap();
    fill(&unfinished.url()).await;
    let close = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", unfinished.name());
    admin.batch_execute(&close).await.unwrap();
    admin.execute(TERMINATE, &[&unfinished.name()]).await.unwrap();
    until_unused(admin, &format!("ALTER DATABASE {} RENAME TO {name}", unfinished.name())).await;
}

/// Carries out what PostgreSQL refuses while anybody is connected to the database: a connection that has ended is there
/// until its backend has noticed.
async fn until_unused(admin: &Client, statement: &str) {
    for _ in 1..TRIES {
        match admin.batch_execute(statement).await {
            Err(error) if is_in_use(&error) => tokio::time::sleep(PAUSE).await,
            outcome => return outcome.unwrap(),
        }
    }
    admin.batch_execute(statement).await.unwrap();
}

fn is_in_use(error: &Error) -> bool {
    error.code() == Some(&SqlState::OBJECT_IN_USE)
}
