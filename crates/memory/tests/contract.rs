//! What this process keeps is held to the contract that Redis is held to.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::port::{LoginThrottle, Revocations, UserDocuments};
use doorward_memory::{
    DocumentRoom, MemoryDocuments, MemoryRevocations, MemoryThrottle, RevocationRoom, ThrottleRoom,
};
use doorward_testkit::contract::Fresh;
use doorward_testkit::fake::{CountingIds, ManualClock};

async fn fresh_revocations() -> Fresh<dyn Revocations> {
    let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(CountingIds::default()));
    let leeway = Duration::from_secs(60);
    Fresh::new(Arc::new(MemoryRevocations::new(RevocationRoom::default(), leeway, clock, ids)))
}

async fn fresh_documents() -> Fresh<dyn UserDocuments> {
    Fresh::new(Arc::new(MemoryDocuments::new(DocumentRoom::default())))
}

async fn fresh_throttle() -> Fresh<dyn LoginThrottle> {
    let clock = Arc::new(ManualClock::default());
    Fresh::new(Arc::new(MemoryThrottle::new(ThrottleRoom::default(), clock)))
}

doorward_testkit::port_contract_tests!(revocations: fresh_revocations);
doorward_testkit::port_contract_tests!(documents: fresh_documents);
doorward_testkit::port_contract_tests!(throttle: fresh_throttle);
