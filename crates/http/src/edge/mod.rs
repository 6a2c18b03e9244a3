//! What every request passes before any route, and every response after: limits, request id, headers, the envelope
//! of failures, and the end of panics.
//!
//! It stands around the whole actix-web application, so that nothing inside can answer without it.

mod headers;
mod limits;
mod request_id;
mod url;

pub(crate) use url::{decode_path, decode_query};

use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix_http::{HttpMessage as _, Request, Response};
use actix_service::{Service, Transform, forward_ready};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpResponse, ResponseError};
use doorward_domain::port::Ids;
use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Ready, ready};

use crate::HttpSettings;
use crate::error::{ApiError, Code};
use crate::server::Watch;

/// Puts the edge around an application.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) settings: Arc<HttpSettings>,
    pub(crate) ids: Arc<dyn Ids>,
}

impl<S, B> Transform<S, Request> for Edge
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = Response<BoxBody>;
    type Error = actix_web::Error;
    type Transform = EdgeService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(EdgeService { inner: Rc::new(inner), edge: self.clone() }))
    }
}

/// The edge around one worker's application.
pub(crate) struct EdgeService<S> {
    inner: Rc<S>,
    edge: Edge,
}

impl<S, B> Service<Request> for EdgeService<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = Response<BoxBody>;
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Self::Error>>;

    forward_ready!(inner);

    fn call(&self, request: Request) -> Self::Future {
        let started = Instant::now();
        let watch = request.conn_data::<Rc<Watch>>().cloned();
        if let Some(watch) = &watch {
            watch.request_began();
        }
        let id = request_id::of(request.headers(), self.edge.ids.as_ref());
        let path = headers::PathKind::of(request.path());
        let method = request.method().clone();
        let refusal = limits::check(&request, &self.edge.settings);
        let inner = self.inner.clone();
        Box::pin(async move {
            let answered = match refusal {
                Err(error) => Answered::failure(&error),
                // The application's state is per request; what is shared has no lock that a panic could poison.
                Ok(()) => match AssertUnwindSafe(async { inner.call(request).await }).catch_unwind().await {
                    Ok(Ok(response)) => Answered::by_application(response),
                    Ok(Err(error)) => Answered::failure(&ApiError::from(Code::of_status(
                        error.as_response_error().status_code(),
                    ))),
                    Err(_) => Answered::failure(&Code::Internal.into()),
                },
            };
            let Answered { mut response, route, failure } = answered;
            headers::complete(&mut response, path, &id);
            if let Some(failure) = failure.filter(|_| response.status().is_server_error()) {
                tracing::error!(request_id = %id, %method, route, error = failure, "request failed");
            }
            tracing::debug!(
                request_id = %id,
                %method,
                route,
                status = response.status().as_u16(),
                elapsed_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
                "request"
            );
            if let Some(watch) = &watch {
                watch.request_ended();
            }
            Ok(response.into())
        })
    }
}

/// A response, the route that made it, and what is to be logged of a failure.
struct Answered {
    response: HttpResponse,
    route: Option<String>,
    failure: Option<String>,
}

impl Answered {
    fn failure(error: &ApiError) -> Self {
        Self { response: error.error_response(), route: None, failure: Some(chain(error)) }
    }

    fn by_application(answer: ServiceResponse<impl MessageBody + 'static>) -> Self {
        let route = answer.request().match_pattern();
        let response = answer.into_parts().1;
        if !response.status().is_client_error() && !response.status().is_server_error() {
            return Self { response: response.map_into_boxed_body(), route, failure: None };
        }
        match response.error().map(|error| (error.as_error::<ApiError>(), error)) {
            Some((Some(error), _)) => {
                let failure = Some(chain(error));
                Self { response: response.map_into_boxed_body(), route, failure }
            }
            other => {
                let failure = other.map(|(_, error)| error.to_string());
                Self { response: enveloped(&response), route, failure }
            }
        }
    }
}

/// The same failure in our envelope: for what something below the routes has answered by itself.
fn enveloped<B>(response: &HttpResponse<B>) -> HttpResponse {
    let mut ours = ApiError::from(Code::of_status(response.status())).error_response();
    let body_headers = [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING];
    let kept = response.headers().iter().filter(|(name, _)| !body_headers.contains(name));
    let headers: &mut HeaderMap = ours.headers_mut();
    for (name, value) in kept {
        headers.append(name.clone(), value.clone());
    }
    ours
}

/// An error with all its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
