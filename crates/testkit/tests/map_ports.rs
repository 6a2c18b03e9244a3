//! The fakes in plain maps keep the contract that every adapter keeps: that is what makes them worth testing with.

use std::sync::Arc;

use doorward_domain::port::{LoginThrottle, Revocations, UserDocuments};
use doorward_testkit::contract::Fresh;
use doorward_testkit::fake::{MapDocuments, MapRevocations, MapThrottle};

async fn fresh_revocations() -> Fresh<dyn Revocations> {
    Fresh::new(Arc::new(MapRevocations::default()))
}

async fn fresh_documents() -> Fresh<dyn UserDocuments> {
    Fresh::new(Arc::new(MapDocuments::default()))
}

async fn fresh_throttle() -> Fresh<dyn LoginThrottle> {
    Fresh::new(Arc::new(MapThrottle::default()))
}

doorward_testkit::port_contract_tests!(revocations: fresh_revocations);
doorward_testkit::port_contract_tests!(documents: fresh_documents);
doorward_testkit::port_contract_tests!(throttle: fresh_throttle);
