//! The contract of the store ports, kept by `CockroachDB` and `PostgreSQL`.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

mod support;

use std::sync::Arc;

use doorward_testkit::contract::EmptyStore;
use doorward_testkit::postgres::Isolation;

use support::Database;

async fn empty_store() -> Option<EmptyStore> {
    let database = Database::fresh(Isolation::Serializable).await?;
    Some(EmptyStore::keeping(Arc::new(database.store().await), database))
}

doorward_testkit::contract_tests!(empty_store);
