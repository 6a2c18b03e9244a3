//! What `doorward-http` does with percent-encoding.

#[path = "../../http/src/edge/url.rs"]
mod url;

pub(crate) use url::{decode_path, decode_query};
