//! Requests that are refused before anything looks at them.

use actix_http::{HttpMessage as _, Request};
use actix_web::http::{Method, header};

use super::url::is_clean;
use crate::HttpSettings;
use crate::error::{ApiError, Code};

/// Checks the sizes of URL and head, and that path and query are percent-encoded UTF-8 without control characters.
/// actix-web would hand an invalid sequence on as U+FFFD: another text than the one that was sent.
pub(super) fn check(request: &Request, settings: &HttpSettings) -> Result<(), ApiError> {
    let uri = request.uri();
    let authority = uri.authority().map_or(0, |authority| authority.as_str().len());
    let url_length = authority + uri.path_and_query().map_or(0, |url| url.as_str().len());
    if url_length > settings.url_limit {
        return Err(ApiError::from(Code::UriTooLong).closing_the_connection());
    }
    let head: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if request.method().as_str().len() + url_length + head > settings.head_limit {
        return Err(ApiError::from(Code::HeadersTooLarge).closing_the_connection());
    }
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced
        .is_some_and(|length| length.parse::<u64>().is_ok_and(|length| length > settings.body_limit as u64))
    {
        return Err(ApiError::from(Code::PayloadTooLarge).closing_the_connection());
    }
    // actix-http would take all that follows for the body, without an end.
    let upgrade = request.headers().get(header::UPGRADE).and_then(|protocol| protocol.to_str().ok());
    let is_tunnel = request.method() == Method::CONNECT
        || (request.head().upgrade()
            && upgrade.is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket")));
    if is_tunnel {
        return Err(ApiError::from(Code::BadRequest).closing_the_connection());
    }
    if is_clean(uri.path()) && is_clean(uri.query().unwrap_or_default()) {
        Ok(())
    } else {
        Err(Code::BadRequest.into())
    }
}
