//! A store behind the fault proxy, somebody who looks at its database past both, and what must hold in the end.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use doorward_cockroach::{CockroachSettings, CockroachStore, OperationCount, PoolSettings};
use doorward_domain::port::StoreError;
use doorward_testkit::fault_proxy::{FaultProxy, Log};
use doorward_testkit::postgres::{Isolation, TestDatabase};
use tokio::task::yield_now;
use tokio::time::timeout;
use tokio_postgres::Client;

use crate::said::Said;
use crate::support::{self, Database};
use crate::writes::{Case, PATIENCE, Write};

/// Nothing happens by the clock, on a slow machine neither.
pub(crate) const PATIENT: CockroachSettings = CockroachSettings {
    pool: PoolSettings {
        size: 8,
        wait: Duration::from_secs(15),
        create: Duration::from_secs(15),
        fresh: Duration::from_secs(60),
        recycle: Duration::from_secs(15),
        max_lifetime: Duration::from_secs(3_600),
        idle: Duration::from_secs(3_600),
    },
    deadline: Duration::from_secs(15),
    tries: 10,
    tries_of_lost: 10,
};

pub(crate) const NO_RETRIES: CockroachSettings = CockroachSettings { tries: 1, tries_of_lost: 1, ..PATIENT };

pub(crate) struct Scene {
    pub(crate) proxy: FaultProxy,
    /// Through the proxy.
    pub(crate) store: CockroachStore,
    /// Past it.
    pub(crate) client: Client,
    pub(crate) said: Said,
    pub(super) stores: RefCell<Vec<CockroachStore>>,
    pub(super) acknowledged: RefCell<Vec<Case>>,
    cases: Cell<u32>,
    database: Database,
}

impl Scene {
    /// `None` where there is no server.
    pub(crate) async fn open() -> Option<Self> {
        Self::with(PATIENT).await
    }

    /// The same for what only `PostgreSQL` does, or only it tells of.
    pub(crate) async fn on_postgres() -> Option<Self> {
        Self::open().await.filter(|scene| scene.database.is_postgres())
    }

    pub(crate) async fn with(settings: CockroachSettings) -> Option<Self> {
        let said = Said::from_now_on();
        let database = Database::fresh(Isolation::Serializable).await?;
        let proxy = FaultProxy::before(database.inner().server().address()).await;
        let store = support::open(&url(&database, &proxy), settings).await;
        let scene = Self {
            client: database.inner().client().await,
            stores: RefCell::new(vec![store.clone()]),
            acknowledged: RefCell::default(),
            cases: Cell::new(0),
            proxy,
            store,
            said,
            database,
        };
        scene.look_for_old_sessions().await;
        Some(scene)
    }

    /// The first login makes the store look for sessions to forget, beside everything else. From now on it does not.
    async fn look_for_old_sessions(&self) {
        Case::new(Write::Rotate, 0).prepare(&self.store).await;
        let found = timeout(PATIENCE, async {
            while !(self.proxy.log().commits() == 4 && self.are_at_rest()) {
                yield_now().await;
            }
        });
        found.await.unwrap();
    }

    pub(crate) fn database(&self) -> &TestDatabase {
        self.database.inner()
    }

    /// Where the store finds its database.
    pub(crate) fn url(&self) -> String {
        url(&self.database, &self.proxy)
    }

    /// Another store through the same proxy.
    pub(crate) async fn another_store(&self, settings: CockroachSettings) -> CockroachStore {
        self.another_store_at(&self.url(), settings).await
    }

    pub(crate) async fn another_store_at(&self, url: &str, settings: CockroachSettings) -> CockroachStore {
        let store = support::open(url, settings).await;
        self.stores.borrow_mut().push(store.clone());
        store
    }

    /// A write of this kind that can be made now.
    pub(crate) async fn prepared(&self, write: Write) -> Case {
        self.cases.set(self.cases.get() + 1);
        let case = Case::new(write, self.cases.get());
        case.prepare(&self.store).await;
        self.proxy.clear_log();
        case
    }

    /// One of each.
    pub(crate) async fn one_of_each(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        for write in Write::ALL {
            cases.push(self.prepared(write).await);
        }
        cases
    }

    /// How many statements such a write has between BEGIN and COMMIT.
    pub(crate) async fn statements_of(&self, write: Write) -> usize {
        let case = self.prepared(write).await;
        self.acknowledged(&case).await;
        self.proxy.log().statements().len() - 2
    }

    /// Makes the write, with the answer that it is made; then it is.
    pub(crate) async fn acknowledged(&self, case: &Case) {
        self.acknowledged_by(&self.store, case).await;
    }

    pub(crate) async fn acknowledged_by(&self, store: &CockroachStore, case: &Case) {
        let answer = timeout(PATIENCE, case.carry_out(store)).await;
        let answer = answer.unwrap_or_else(|_| panic!("{case:?} does not end"));
        answer.unwrap_or_else(|error| panic!("{case:?}: {error:?}"));
        self.was_acknowledged(case).await;
    }

    /// Somebody made the write and was told so.
    pub(crate) async fn was_acknowledged(&self, case: &Case) {
        assert!(case.is_done(&self.client).await, "{case:?} was acknowledged and is not there");
        self.acknowledged.borrow_mut().push(case.clone());
    }

    /// Makes the write, with an answer that says nothing.
    pub(crate) async fn failed(&self, case: &Case) -> StoreError {
        self.failed_by(&self.store, case).await
    }

    pub(crate) async fn failed_by(&self, store: &CockroachStore, case: &Case) -> StoreError {
        let answer = timeout(PATIENCE, case.carry_out(store)).await;
        let error = answer.unwrap_or_else(|_| panic!("{case:?} does not end")).unwrap_err();
        self.said.add(&error);
        error
    }

    /// The same, and that may be another time.
    pub(crate) async fn unavailable(&self, case: &Case) {
        self.unavailable_by(&self.store, case).await;
    }

    pub(crate) async fn unavailable_by(&self, store: &CockroachStore, case: &Case) {
        let error = self.failed_by(store, case).await;
        assert!(matches!(error, StoreError::Unavailable(_)), "{case:?}: {error:?}");
    }

    pub(crate) async fn is_done(&self, case: &Case) -> bool {
        case.is_done(&self.client).await
    }

    /// How the operation fared since the store was opened.
    pub(crate) fn count(&self, operation: &str) -> OperationCount {
        self.store.counts().into_iter().find(|count| count.operation == operation).unwrap()
    }
}

/// What stands in the URL for a password. The tests' server asks for none.
pub(super) const URL_PASSWORD: &str = "sesame-open-sesame";

fn url(database: &Database, proxy: &FaultProxy) -> String {
    let url = database.inner().url_through(proxy.address());
    let (user, rest) = url.split_once('@').unwrap();
    if user.matches(':').count() > 1 { url } else { format!("{user}:{URL_PASSWORD}@{rest}") }
}

/// How many connections the statements came over.
pub(crate) fn connections(log: &Log) -> usize {
    let mut numbers: Vec<_> = log.statements().iter().map(|statement| statement.connection).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.len()
}
