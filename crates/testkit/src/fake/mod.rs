//! Ports that live in memory: quick, deterministic and readable, with every promise of the real ones kept.

mod clear_cursors;
mod counting_ids;
mod few_common_passwords;
mod hexadecimal;
mod manual_clock;
mod map_documents;
mod map_revocations;
mod map_throttle;
mod memory_store;
mod plain_passwords;
mod plain_pseudonyms;
mod readable_tokens;
mod service;
mod spawned_tasks;
mod stuck_passwords;

pub use clear_cursors::ClearCursors;
pub use counting_ids::CountingIds;
pub use few_common_passwords::FewCommonPasswords;
pub use manual_clock::ManualClock;
pub use map_documents::MapDocuments;
pub use map_revocations::MapRevocations;
pub use map_throttle::MapThrottle;
pub use memory_store::MemoryStore;
pub use plain_passwords::PlainPasswords;
pub use plain_pseudonyms::PlainPseudonyms;
pub use readable_tokens::ReadableTokens;
pub use service::Service;
pub use spawned_tasks::SpawnedTasks;
pub use stuck_passwords::StuckPasswords;
