//! The URL of a database, as `doorward-cockroach` reads it.

#[path = "../../cockroach/src/connect/url/fuzzing.rs"]
pub(crate) mod fuzzing;
#[path = "../../cockroach/src/connect/url/mod.rs"]
mod url;
