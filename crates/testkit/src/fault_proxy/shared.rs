//! What every connection of a proxy looks at.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::rules::Rules;
use super::{Fault, Log};

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) server: String,
    pub(super) rules: Arc<Rules>,
    pub(super) log: Mutex<Log>,
    pub(super) idle_end_is_an_error: AtomicBool,
    /// The numbers of those that are open.
    pub(super) open: watch::Sender<BTreeSet<u64>>,
    /// Connections up to this number are cut.
    pub(super) cut: watch::Sender<u64>,
    /// Connections up to this number are ended with an error, once they are outside a transaction.
    pub(super) drained: watch::Sender<(u64, Option<Fault>)>,
}

impl Shared {
    pub(super) fn before(server: String) -> Self {
        Self {
            server,
            rules: Arc::default(),
            log: Mutex::default(),
            idle_end_is_an_error: AtomicBool::new(false),
            open: watch::Sender::new(BTreeSet::new()),
            cut: watch::Sender::new(0),
            drained: watch::Sender::new((0, None)),
        }
    }
}
