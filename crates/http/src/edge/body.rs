//! Bodies are received whole before anything decides about a request: what a caller may do is asked when it is done,
//! not when a slow body began to arrive.

use actix_http::error::PayloadError;
use actix_http::{Payload, Request};
use actix_web::web::{Bytes, BytesMut};
use futures_util::StreamExt as _;

use crate::HttpSettings;
use crate::error::{ApiError, Code};

/// The same request with its body at hand, within the limits of size and time.
pub(super) async fn receive(mut request: Request, settings: &HttpSettings) -> Result<Request, ApiError> {
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        return Ok(request);
    }
    let body = tokio::time::timeout(settings.body_timeout, collect(payload, settings.body_limit));
    let body = body.await.map_err(|_| ApiError::from(Code::RequestTimeout).closing_the_connection())??;
    Ok(request.replace_payload(Payload::from(body)).0)
}

async fn collect(mut payload: Payload, limit: usize) -> Result<Bytes, ApiError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => ApiError::from(Code::PayloadTooLarge).closing_the_connection(),
            _ => ApiError::from(Code::BadRequest).closing_the_connection(),
        })?;
        if body.len() + chunk.len() > limit {
            return Err(ApiError::from(Code::PayloadTooLarge).closing_the_connection());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
