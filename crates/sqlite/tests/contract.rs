//! The promises of every store, on a file.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::sync::Arc;

use doorward_sqlite::{SqliteSettings, SqliteStore};
use doorward_testkit::contract::EmptyStore;

async fn empty_store() -> EmptyStore {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&directory.path().join("doorward.db"), SqliteSettings::default()).unwrap();
    EmptyStore::keeping(Arc::new(store), directory)
}

doorward_testkit::contract_tests!(empty_store);
