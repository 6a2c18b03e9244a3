//! The contract of the store ports, kept while one in ten statements and COMMITs is to be done again, and one in ten
//! COMMITs goes unanswered.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

mod support;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use doorward_cockroach::CockroachSettings;
use doorward_testkit::contract::EmptyStore;
use doorward_testkit::fault_proxy::FaultProxy;
use doorward_testkit::postgres::Isolation;

use support::Database;

async fn empty_store() -> Option<EmptyStore> {
    let database = Database::fresh(Isolation::Serializable).await?;
    let proxy = FaultProxy::before(database.inner().server().address()).await;
    let settings = CockroachSettings {
        tries: 40,
        tries_of_lost: 40,
        deadline: Duration::from_secs(20),
        ..CockroachSettings::default()
    };
    let store = support::open(&database.inner().url_through(proxy.address()), settings).await;
    proxy.soak(seed());
    Some(EmptyStore::keeping(Arc::new(store), (proxy, database)))
}

/// Another one for each test, and the same each time.
fn seed() -> u64 {
    let mut hasher = DefaultHasher::new();
    thread::current().name().hash(&mut hasher);
    hasher.finish()
}

doorward_testkit::contract_tests!(empty_store);
