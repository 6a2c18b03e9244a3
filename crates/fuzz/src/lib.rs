//! What may be sent to Doorward by anybody, one function a fuzz target: each tries what must hold of an input.
//!
//! Of `doorward-http`, `doorward-redis` and `doorward-cockroach` only the files that read are compiled here, from where
//! they are. The crates themselves would bring a web framework and two database drivers along, all of it instrumented:
//! a build of minutes and more than a gigabyte, for code that is not asked anything here.

#![expect(dead_code, unused_imports, reason = "what is compiled from elsewhere does more than read")]

#[path = "../../http/src/bodies/mod.rs"]
mod bodies;
mod connect;
#[path = "../../http/src/cursor.rs"]
mod cursor;
mod documents;
mod edge;
mod error;
#[path = "../../http/src/fuzzing/mod.rs"]
mod http;
#[path = "../../http/src/read/mod.rs"]
mod read;
#[path = "../../redis/src/url/fuzzing.rs"]
mod redis_urls;
#[path = "../../redis/src/url/mod.rs"]
mod url;

pub use doorward_crypto::fuzzing::{cursor_seal, tokens};

/// An e-mail address.
pub fn addresses(bytes: &[u8]) {
    http::addresses::hold(bytes);
}

/// The body of a request, in JSON.
pub fn bodies(bytes: &[u8]) {
    http::bodies::hold(bytes);
}

/// A page cursor, once its seal is open.
pub fn cursors(bytes: &[u8]) {
    http::cursors::hold(bytes);
}

/// The URL of a database.
pub fn database_url(bytes: &[u8]) {
    connect::fuzzing::hold(bytes);
}

/// A JSON text.
pub fn json(bytes: &[u8]) {
    http::json::hold(bytes);
}

/// The query of a list.
pub fn lists(bytes: &[u8]) {
    http::lists::hold(bytes);
}

/// What stands in Redis in the place of a record.
pub fn redis_record(bytes: &[u8]) {
    documents::fuzzing::hold(bytes);
}

/// The URL of a Redis.
pub fn redis_url(bytes: &[u8]) {
    redis_urls::hold(bytes);
}
