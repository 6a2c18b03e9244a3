//! Migrations that are interrupted, and processes that carry them out at once.

use std::time::Duration;

use doorward_cockroach::{CockroachStore, MigrateError, Progress};
use doorward_testkit::fault_proxy::{Action, FaultProxy, Gate, Moment, fault};
use doorward_testkit::postgres::{DatabaseOptions, PostgresServer, TestDatabase};
use tokio::sync::Notify;
use tokio::{join, select};
use tokio_postgres::Client;

use crate::scene::PATIENT;
use crate::support;
use crate::writes::PATIENCE;

/// A database without a table, a store on it through the proxy, and somebody who looks at it past both.
struct Empty {
    store: CockroachStore,
    proxy: FaultProxy,
    client: Client,
    database: TestDatabase,
}

/// As the service makes it, which whoever holds the lease has done before.
const LOCK: &str = "CREATE TABLE schema_migration_lock (id INT2 NOT NULL, owner TEXT, expires_at TIMESTAMPTZ, \
     CONSTRAINT schema_migration_lock_pkey PRIMARY KEY (id))";
const NOTED: &str = "SELECT count(*), count(DISTINCT version) FROM __diesel_schema_migrations";
const OWNER: &str = "SELECT owner FROM schema_migration_lock WHERE id = 1";

impl Empty {
    async fn open() -> Option<Self> {
        let server = PostgresServer::from_environment()?;
        let database = server.database(DatabaseOptions::of_schema("empty"), async |_| {}).await;
        let proxy = FaultProxy::before(server.address()).await;
        let client = database.client().await;
        let url = support::parsed(&database.url_through(proxy.address()));
        let store = CockroachStore::connect(url, PATIENT, PATIENCE).await.unwrap();
        Some(Self { store, proxy, client, database })
    }

    /// As another process.
    async fn another_store(&self) -> CockroachStore {
        let url = support::parsed(&self.database.url_through(self.proxy.address()));
        CockroachStore::connect(url, PATIENT, PATIENCE).await.unwrap()
    }

    async fn migrate(&self) -> Result<Vec<String>, MigrateError> {
        self.store.migrate("us", Duration::ZERO, |_| {}).await
    }

    /// Somebody has the lease for so many more seconds.
    async fn lease_to(&self, owner: &str, seconds: i32) {
        let lease = format!(
            "INSERT INTO schema_migration_lock VALUES (1, '{owner}', now() + INTERVAL '{seconds} s')"
        );
        self.client.batch_execute(LOCK).await.unwrap();
        self.client.batch_execute(&lease).await.unwrap();
    }

    async fn owner(&self) -> Option<String> {
        self.client.query_one(OWNER, &[]).await.unwrap().get(0)
    }

    /// Every migration was carried out, was noted once, and nobody is at it any more.
    async fn is_complete(&self) {
        let status = self.store.schema_status().await.unwrap();
        assert!(status.pending.is_empty() && status.unknown.is_empty(), "{status:?}");
        let noted = self.client.query_one(NOTED, &[]).await.unwrap();
        assert_eq!(noted.get::<_, i64>(0), noted.get::<_, i64>(1));
        assert_eq!(self.owner().await, None);
        assert_eq!(self.migrate().await.unwrap(), [""; 0]);
    }
}

fn failed(outcome: Result<Vec<String>, MigrateError>) -> String {
    match outcome {
        Err(MigrateError::Failed { name, .. }) => name,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn f20_a_migration_that_fails_or_goes_unheard_is_named_and_mended_by_running_all_again() {
    let Some(empty) = Empty::open().await else { return };
    let aborted = || Action::fail(fault::schema_change_aborted());
    for (name, statement, action) in [
        ("0001_users", "TABLE IF NOT EXISTS users", aborted()),
        ("0003_users_by_username", "users_by_username ON", aborted().carried_out()),
        ("0005_users_by_role_and_created_at", "users_by_role_and_created_at ON", Action::cut()),
        ("0018_user_addresses", "TABLE IF NOT EXISTS user_addresses", Action::cut().carried_out()),
        ("0020_sessions", "TABLE IF NOT EXISTS sessions", Action::fail(fault::retry_write_too_old())),
    ] {
        let met = empty.proxy.on(Moment::statement().containing(statement), action);
        assert_eq!(failed(empty.migrate().await), name);
        assert_eq!(met.followed(), 1);
    }
    let rest = empty.migrate().await.unwrap();
    assert_eq!(rest.first().unwrap(), "0020_sessions");
    empty.is_complete().await;
}

#[tokio::test]
async fn f20_a_note_that_is_not_taken_or_goes_unheard_is_made_once() {
    for action in [Action::cut(), Action::cut().carried_out(), Action::fail(fault::ambiguous()).carried_out()]
    {
        let Some(empty) = Empty::open().await else { return };
        let note = Moment::statement().containing("INSERT INTO __diesel_schema_migrations");
        let met = empty.proxy.on(note, action);
        assert_eq!(empty.migrate().await.unwrap().first().unwrap(), "0001_users");
        assert_eq!(met.followed(), 1);
        empty.is_complete().await;
    }
}

#[tokio::test]
async fn f21_a_change_of_schema_that_was_made_but_not_noted_is_made_again() {
    let Some(empty) = Empty::open().await else { return };
    let all = empty.migrate().await.unwrap();
    assert!(all.len() > 20);
    for name in &all {
        let (version, _) = name.split_once('_').unwrap();
        let forget = "DELETE FROM __diesel_schema_migrations WHERE version = $1";
        assert_eq!(empty.client.execute(forget, &[&version]).await.unwrap(), 1);
    }
    assert_eq!(empty.migrate().await.unwrap(), all);
    empty.is_complete().await;
}

#[tokio::test]
async fn f22_of_two_that_migrate_at_once_one_does_and_the_other_waits() {
    let Some(empty) = Empty::open().await else { return };
    let other = empty.another_store().await;
    let (one, two) =
        join!(empty.store.migrate("one", PATIENCE, |_| {}), other.migrate("two", PATIENCE, |_| {}));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert!(one.is_empty() != two.is_empty(), "{one:?} {two:?}");
    empty.is_complete().await;
}

#[tokio::test]
async fn f22_somebody_elses_lease_is_respected_and_its_owner_named() {
    let Some(empty) = Empty::open().await else { return };
    empty.lease_to("them", 60).await;
    match empty.migrate().await {
        Err(MigrateError::Busy { owner }) => assert_eq!(owner, "them"),
        other => panic!("{other:?}"),
    }
    assert_eq!(empty.owner().await.unwrap(), "them");
    // With patience it is waited for until it is given back.
    let told = Notify::new();
    let waiting = empty.store.migrate("us", PATIENCE, |progress| {
        if progress == Progress::WaitingFor("them".to_owned()) {
            told.notify_one();
        }
    });
    let giving_back = async {
        told.notified().await;
        let give_back = "UPDATE schema_migration_lock SET owner = NULL, expires_at = NULL";
        empty.client.batch_execute(give_back).await.unwrap();
    };
    let (names, ()) = join!(waiting, giving_back);
    assert!(names.unwrap().len() > 20);
    empty.is_complete().await;
}

#[tokio::test]
async fn f22_a_lease_that_nobody_renewed_is_taken_over() {
    let Some(empty) = Empty::open().await else { return };
    empty.lease_to("them", -1).await;
    assert!(empty.migrate().await.unwrap().len() > 20);
    empty.is_complete().await;
}

/// Ends a process in the middle of a migration: its connections go with it, and the lease does not.
async fn kill_in_the_middle(empty: &Empty, owner: &str) {
    let statement = Moment::statement().containing("TABLE IF NOT EXISTS sessions");
    let reached = empty.proxy.on(statement, Action::hang());
    select! {
        biased;
        outcome = empty.store.migrate(owner, Duration::ZERO, |_| {}) => panic!("{outcome:?}"),
        () = reached.until_followed(1) => {}
    }
    empty.proxy.cut_all().await;
}

#[tokio::test]
async fn f22_whoever_was_killed_in_the_middle_goes_on_at_once() {
    let Some(empty) = Empty::open().await else { return };
    kill_in_the_middle(&empty, "us").await;
    assert_eq!(empty.owner().await.unwrap(), "us");
    assert_eq!(empty.migrate().await.unwrap().first().unwrap(), "0020_sessions");
    empty.is_complete().await;
}

#[tokio::test]
async fn f22_whoever_follows_one_that_was_killed_waits_for_the_end_of_its_lease() {
    let Some(empty) = Empty::open().await else { return };
    kill_in_the_middle(&empty, "them").await;
    assert!(matches!(empty.migrate().await, Err(MigrateError::Busy { owner }) if owner == "them"));
    let expire = "UPDATE schema_migration_lock SET expires_at = now() - INTERVAL '1 s'";
    empty.client.batch_execute(expire).await.unwrap();
    assert_eq!(empty.migrate().await.unwrap().first().unwrap(), "0020_sessions");
    empty.is_complete().await;
}

#[tokio::test]
async fn f22_whoever_lost_the_lease_stops_and_leaves_it_to_its_owner() {
    let Some(empty) = Empty::open().await else { return };
    let gate = Gate::new();
    let statement = Moment::statement().containing("TABLE IF NOT EXISTS sessions");
    empty.proxy.on(statement, Action::hold(&gate));
    let taking_over = async {
        gate.until_reached().await;
        let take = "UPDATE schema_migration_lock SET owner = 'them', expires_at = now() + INTERVAL '60 s'";
        empty.client.batch_execute(take).await.unwrap();
        gate.open();
    };
    let (outcome, ()) = join!(empty.migrate(), taking_over);
    assert!(matches!(outcome, Err(MigrateError::LostLease)), "{outcome:?}");
    assert_eq!(empty.owner().await.unwrap(), "them");
    let theirs = empty.store.migrate("them", Duration::ZERO, |_| {}).await.unwrap();
    assert_eq!(theirs.first().unwrap(), "0021_sessions_by_user");
    empty.is_complete().await;
}
