//! Headers that every response has, also the failures.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderName, HeaderValue};

use super::request_id::{self, X_REQUEST_ID};

const REFERRER_POLICY: HeaderName = HeaderName::from_static("referrer-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A page that loads nothing and is framed by nobody: what JSON should be when a browser shows it.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// What kind of resource a path is, as far as caching goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PathKind {
    /// Tokens, accounts, states of the moment: never stored.
    Private,
    /// The Swagger page and its assets: may be stored, asked for again each time.
    Page,
}

impl PathKind {
    pub(super) fn of(path: &str) -> Self {
        if path.starts_with("/docs") { Self::Page } else { Self::Private }
    }
}

/// Has browsers insist on TLS for so long. For 0 seconds it takes that back (RFC 6797 §6.1.1).
pub(crate) fn transport_security(max_age: Duration) -> HeaderValue {
    let value = HeaderValue::try_from(format!("max-age={}", max_age.as_secs()));
    value.unwrap_or(HeaderValue::from_static("max-age=0"))
}

/// Adds what the response has not said itself. Whoever speaks no TLS must not say anything of it (RFC 6797 §7.2).
pub(super) fn complete<B>(
    response: &mut HttpResponse<B>,
    path: PathKind,
    request_id: &str,
    transport_security: Option<&HeaderValue>,
) {
    let may_be_kept = path == PathKind::Page && response.status().is_success();
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    if let Some(policy) = transport_security {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, policy.clone());
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, NOTHING);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        let policy = if may_be_kept { "no-cache" } else { "no-store" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
    }
    if let Some(id) = request_id::header(request_id) {
        headers.insert(X_REQUEST_ID, id);
    }
}
