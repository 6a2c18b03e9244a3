//! The store in memory keeps the contract that every adapter keeps: that is what makes it worth testing with.

use std::sync::Arc;

use doorward_testkit::contract::EmptyStore;
use doorward_testkit::fake::MemoryStore;

async fn empty_store() -> EmptyStore {
    EmptyStore::new(Arc::new(MemoryStore::default()))
}

doorward_testkit::contract_tests!(empty_store);
