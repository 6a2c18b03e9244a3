//! The proxy itself: who comes in, and what a test can do to all of them.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::connection::serve;
use super::open::Open;
use super::shared::Shared;
use super::{Action, Fault, Log, Moment, Rule, RuleHandle};

/// A proxy on a port of its own. With it end its connections, on both sides.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl FaultProxy {
    /// Stands in front of the server at `host:port`, on the current runtime.
    pub async fn before(server: impl Into<String>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::before(server.into()));
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Self { address, shared, accepting }
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Follows the rule from now on. Where several apply, the one that was added first does.
    pub fn add(&self, rule: Rule) -> RuleHandle {
        self.shared.rules.add(rule)
    }

    /// Does this the next time that the moment comes, once.
    pub fn on(&self, moment: Moment, action: Action) -> RuleHandle {
        self.add(Rule::new(moment, action))
    }

    /// Forgets every rule.
    pub fn clear_rules(&self) {
        self.shared.rules.clear();
    }

    /// Answers everybody who connects from now on with this error, until the rule is removed.
    pub fn refuse_new(&self, fault: Fault) -> RuleHandle {
        self.add(Rule::new(Moment::connection(), Action::fail(fault.then_close())).always())
    }

    /// Answers a ROLLBACK or COMMIT that has nothing to end with an error, as CockroachDB does before 25.1.
    /// PostgreSQL, and CockroachDB since then, only warn.
    pub fn like_cockroach_before_25_1(&self) {
        self.shared.idle_end_is_an_error.store(true, Relaxed);
    }

    /// Cuts every connection (RST), whatever it is doing, and waits until that is done. New ones may come at once.
    pub async fn cut_all(&self) {
        let newest = self.newest();
        self.shared.cut.send_replace(newest);
        let mut open = self.shared.open.subscribe();
        open.wait_for(|open| open.iter().all(|number| *number > newest)).await.unwrap();
    }

    /// Ends every connection that is open now with this error: at once if it is outside a transaction, or else after
    /// it.
    pub fn drain(&self, fault: Fault) {
        self.shared.drained.send_replace((self.newest(), Some(fault)));
    }

    /// How many connections are open.
    pub fn open_connections(&self) -> usize {
        self.shared.open.borrow().len()
    }

    /// Waits until so many connections are open.
    pub async fn until_open(&self, count: usize) {
        self.shared.open.subscribe().wait_for(|open| open.len() == count).await.unwrap();
    }

    /// What was asked for until now.
    pub fn log(&self) -> Log {
        self.shared.log.lock().clone()
    }

    /// Begins the log anew.
    pub fn clear_log(&self) {
        *self.shared.log.lock() = Log::default();
    }

    fn newest(&self) -> u64 {
        self.shared.open.borrow().last().copied().unwrap_or_default()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    for number in 1.. {
        let (client, _) = listener.accept().await.unwrap();
        connections.spawn(serve(Open::register(shared.clone(), number), client));
        while connections.try_join_next().is_some() {}
    }
}
