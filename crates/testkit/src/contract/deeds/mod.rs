//! What goes with a change in one step: the right to make it, and what is written down of it.

mod at_once;
mod denied;
mod told;

pub use at_once::*;
pub use denied::*;
pub use told::*;

use std::sync::Arc;

use doorward_domain::audit::AuditId;
use doorward_domain::port::AuditQuery;

use super::Store;
use crate::sample;

/// The numbers of everything that is written down, sorted.
async fn written(store: &Arc<dyn Store>) -> Vec<AuditId> {
    let query = AuditQuery { limit: 1_000, ..AuditQuery::default() };
    let entries = store.list_entries(&query).await.unwrap();
    let mut ids: Vec<AuditId> = entries.iter().map(|entry| entry.id).collect();
    ids.sort_unstable();
    ids
}

fn numbers<const N: usize>(numbers: [u32; N]) -> Vec<AuditId> {
    numbers.map(sample::audit_id).to_vec()
}
