//! The records of `doorward-redis`.

#[path = "../../redis/src/documents/fuzzing.rs"]
pub(crate) mod fuzzing;
#[path = "../../redis/src/documents/record.rs"]
mod record;
