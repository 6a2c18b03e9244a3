//! What must hold whatever went wrong.

use doorward_cockroach::CockroachStore;
use doorward_domain::port::SessionRepository;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::scene::{Scene, URL_PASSWORD};
use crate::writes::{PATIENCE, SECRET, Write};

/// All sessions that the service has in the database, and those that are left in a transaction.
const OPEN: &str = "SELECT count(*), count(*) FILTER (WHERE state LIKE 'idle in transaction%') FROM pg_stat_activity \
     WHERE datname = current_database() AND application_name = 'doorward'";

impl Scene {
    /// The faults are over: everything goes on, and nothing was lost, or left behind, or told.
    pub(crate) async fn finish(self) {
        self.proxy.clear_rules();
        for write in Write::ALL {
            let case = self.prepared(write).await;
            self.acknowledged(&case).await;
        }
        for case in self.acknowledged.take() {
            assert!(self.is_done(&case).await, "{case:?} was acknowledged and is there no more");
            for session in case.ended() {
                let found = self.store.find_live(session.id, session.created_at).await.unwrap();
                assert!(found.is_none(), "{case:?} ended {:?}", session.id);
            }
        }
        let settled = timeout(PATIENCE, async {
            while !(self.are_at_rest() && self.has_nothing_open().await) {
                yield_now().await;
            }
        });
        let stores = self.stores.borrow().iter().map(CockroachStore::pool_status).collect::<Vec<_>>();
        assert!(settled.await.is_ok(), "connections are left over beside {stores:?}");
        let said = self.said.text();
        for secret in [SECRET, URL_PASSWORD] {
            assert!(!said.contains(secret), "{said}");
        }
    }

    /// Nobody has a connection.
    pub(super) fn are_at_rest(&self) -> bool {
        let at_rest = |store: &CockroachStore| {
            let status = store.pool_status();
            status.available == status.size && status.waiting == 0
        };
        self.stores.borrow().iter().all(at_rest)
    }

    /// The database has no session but those of the pools, and none of them is in a transaction.
    async fn has_nothing_open(&self) -> bool {
        let found = self.client.query_one(OPEN, &[]).await.unwrap();
        let (all, in_transaction): (i64, i64) = (found.get(0), found.get(1));
        let open: usize = self.stores.borrow().iter().map(|store| store.pool_status().size).sum();
        usize::try_from(all).unwrap() <= open && in_transaction == 0
    }
}
