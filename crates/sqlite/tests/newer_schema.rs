//! The promises of every store, on a file to which a newer version has added.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::path::Path;
use std::sync::Arc;

use diesel::connection::{Connection, SimpleConnection};
use diesel::sqlite::SqliteConnection;
use doorward_sqlite::{SqliteSettings, SqliteStore};
use doorward_testkit::contract::EmptyStore;
use doorward_testkit::newer;

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, SqliteSettings::default()).unwrap()
}

async fn empty_store() -> EmptyStore {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    open(&path).close();
    let mut newer_version = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    newer_version.batch_execute(&newer::additions()).unwrap();
    EmptyStore::keeping(Arc::new(open(&path)), directory)
}

doorward_testkit::contract_tests!(empty_store);
