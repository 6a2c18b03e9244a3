//! Databases to start on, and what other versions of the service would have done to them.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use diesel::connection::{Connection, SimpleConnection};
use diesel::sqlite::SqliteConnection;
use doorward_testkit::newer;
use doorward_testkit::postgres::{DatabaseOptions, PostgresServer, TestDatabase};

use crate::support::Place;

const NEWER: &str = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";

/// An empty database on the tests' server; `None` where there is no server.
pub(crate) async fn empty() -> Option<TestDatabase> {
    let server = PostgresServer::from_environment()?;
    Some(server.database(DatabaseOptions::of_schema("empty"), async |_| {}).await)
}

/// A database with tables and nothing in them, likewise.
pub(crate) async fn migrated() -> Option<TestDatabase> {
    let server = PostgresServer::from_environment()?;
    let options = DatabaseOptions::of_schema(format!("doorward_{:016x}", digest_of_migrations()));
    let database = server.database(options, async |url| {
        Place::new().at(url).ends_with(0, &["migrate", "apply"]);
    });
    Some(database.await)
}

impl Place {
    /// On the database with this URL, which may be in a network of the tests' own.
    pub(crate) fn at(self, url: &str) -> Self {
        self.with("DOORWARD_DATABASE_URL", url).with("DOORWARD_DATABASE_ALLOW_UNVERIFIED", "true")
    }
}

fn digest_of_migrations() -> u64 {
    let mut digest = DefaultHasher::new();
    let mut directories = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/cockroach")];
    while let Some(directory) = directories.pop() {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                directories.push(path);
            } else {
                fs::read(path).unwrap().hash(&mut digest);
            }
        }
    }
    digest.finish()
}

/// Has `SQLite` itself do something to a file.
pub(crate) fn alter(file: &Path, statements: &str) {
    let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    connection.batch_execute(statements).unwrap();
}

/// As a newer version would leave the file.
pub(crate) fn make_newer(file: &Path) {
    alter(file, NEWER);
}

/// As a newer version would leave the file that has only added to it.
pub(crate) fn add_to(file: &Path) {
    alter(file, &newer::additions());
}

/// As a version before the last migration would have left it. Whoever serves the file may go on meanwhile.
pub(crate) fn make_older(file: &Path) {
    let older = "PRAGMA busy_timeout = 10000; \
                 DROP TABLE audit_log; \
                 DELETE FROM __diesel_schema_migrations WHERE version = '0005'";
    alter(file, older);
}

/// As a newer version would leave the database.
pub(crate) async fn make_newer_on(database: &TestDatabase) {
    database.client().await.batch_execute(NEWER).await.unwrap();
}

/// As a newer version would leave the database that has only added to it.
pub(crate) async fn add_to_server(database: &TestDatabase) {
    let client = database.client().await;
    for statement in newer::additions().split_inclusive(';') {
        client.batch_execute(statement).await.unwrap();
    }
}

/// As a version before the last migration would have left it.
pub(crate) async fn make_older_on(database: &TestDatabase) {
    let older = "DROP INDEX audit_log_by_refusal; \
                 DELETE FROM __diesel_schema_migrations WHERE version = '0033'";
    database.client().await.batch_execute(older).await.unwrap();
}

/// Forgets what is registered, as a version that registered nothing would have.
pub(crate) fn forget_fingerprints(file: &Path) {
    alter(file, "DELETE FROM key_fingerprints");
}

/// As an unfinished transfer from there leaves a file.
pub(crate) fn make_unfinished(file: &Path, from: &str) {
    alter(file, &format!("INSERT INTO unfinished_transfers (source) VALUES ('{from}')"));
}
