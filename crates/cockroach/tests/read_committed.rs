//! The contract of the store ports, kept in databases whose transactions are READ COMMITTED unless they ask for more,
//! which is how `PostgreSQL` makes them.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

mod support;

use std::sync::Arc;

use doorward_cockroach::CockroachSettings;
use doorward_domain::port::UserRepository;
use doorward_testkit::contract::EmptyStore;
use doorward_testkit::fault_proxy::{Action, FaultProxy, Gate, Moment};
use doorward_testkit::postgres::Isolation;
use doorward_testkit::sample;
use tokio::join;

use support::Database;

async fn empty_store() -> Option<EmptyStore> {
    let database = Database::fresh(Isolation::ReadCommitted).await?;
    Some(EmptyStore::keeping(Arc::new(database.store().await), database))
}

doorward_testkit::contract_tests!(empty_store);

/// Locks that `PostgreSQL` keeps for serializable transactions alone: they show what a transaction really is.
const SERIALIZABLE: &str = "SELECT count(DISTINCT pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
     WHERE mode = 'SIReadLock' AND datname = current_database() AND application_name = 'doorward'";

#[tokio::test]
async fn transactions_are_serializable_whatever_the_databases_default_is() {
    let Some(database) = Database::fresh(Isolation::ReadCommitted).await else { return };
    let client = database.inner().client().await;
    let default = client.query_one("SHOW default_transaction_isolation", &[]).await.unwrap();
    assert_eq!(default.get::<_, &str>(0), "read committed");
    let proxy = FaultProxy::before(database.inner().server().address()).await;
    let url = database.inner().url_through(proxy.address());
    // It opens: the settings of its own sessions have the last word.
    let store = support::open(&url, CockroachSettings::default()).await;
    let gate = Gate::new();
    let user = sample::user(1);
    proxy.on(Moment::commit(), Action::hold(&gate));
    let looking = async {
        gate.until_reached().await;
        if database.is_postgres() {
            let found = client.query_one(SERIALIZABLE, &[]).await.unwrap();
            assert_eq!(found.get::<_, i64>(0), 1);
        }
        gate.open();
    };
    let (inserted, ()) = join!(store.insert(&user, &[]), looking);
    inserted.unwrap();
    assert_eq!(proxy.log().containing("BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE"), 1);
}
