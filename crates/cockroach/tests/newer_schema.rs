//! The contract of the store ports, kept in a database to which a newer version has added.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

mod support;

use std::sync::Arc;

use doorward_testkit::contract::EmptyStore;
use doorward_testkit::newer;
use doorward_testkit::postgres::Isolation;

use support::Database;

async fn empty_store() -> Option<EmptyStore> {
    let database = Database::fresh(Isolation::Serializable).await?;
    let newer_version = database.inner().client().await;
    // One after another: what follows in the same transaction could not use it in CockroachDB.
    for statement in newer::additions().split_inclusive(';') {
        newer_version.batch_execute(statement).await.unwrap();
    }
    Some(EmptyStore::keeping(Arc::new(database.store().await), database))
}

doorward_testkit::contract_tests!(empty_store);
