//! The name of a request, for the client and the log.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use doorward_domain::port::Ids;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_LENGTH: usize = 64;

/// The caller's own id when it is a sane token, else a new one.
pub(super) fn of(headers: &HeaderMap, ids: &dyn Ids) -> String {
    headers
        .get(X_REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .filter(|id| is_sane(id))
        .map_or_else(|| ids.request().to_string(), str::to_owned)
}

/// Letters, digits and hyphens, and few of them: enough for every usual identifier, and little else can be kept in the
/// audit log that way.
fn is_sane(id: &str) -> bool {
    (1..=MAX_LENGTH).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

pub(super) fn header(id: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_02_only_a_sane_id_of_the_caller_is_taken_over() {
        assert!(is_sane("0b9f6f5e-5f0c-4a53") && is_sane("7") && is_sane(&"x".repeat(64)));
        for id in
            ["", "a b", "a.b", "a_b", "a~b", "a\tb", "ü", "a;b", "<a>", "a\"", "\u{1b}[31m", &"x".repeat(65)]
        {
            assert!(!is_sane(id), "{id:?}");
        }
    }
}
