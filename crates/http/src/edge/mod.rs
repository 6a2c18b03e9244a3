//! What every request passes before any route, and every response after: limits, the whole body, request id, headers,
//! the envelope of failures, and the end of panics.
//!
//! It stands around the whole actix-web application, so that nothing inside can answer without it.

mod answered;
mod body;
mod headers;
mod journal;
mod limits;
mod meter;
mod request_id;
mod story;
mod trace;
mod url;

pub(crate) use headers::transport_security;
pub(crate) use journal::Journal;
pub(crate) use story::Story;
pub(crate) use url::{decode_path, decode_query};

use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_http::{ConnectionType, HttpMessage as _, Request, Response};
use actix_service::{Service, Transform};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderValue};
use doorward_domain::port::Ids;
use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Ready, ready};
use tracing::Instrument as _;

use self::answered::Answered;
use self::journal::Entry;
use self::meter::Meter;
use crate::app::Draining;
use crate::error::{ApiError, Code};
use crate::extract::client_of;
use crate::server::Watch;
use crate::{HttpSettings, RequestTraces};

/// Puts the edge around an application.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) settings: Arc<HttpSettings>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) traces: Option<Arc<dyn RequestTraces>>,
    /// `Strict-Transport-Security`, where there is TLS.
    pub(crate) transport_security: Option<HeaderValue>,
    pub(crate) draining: Draining,
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
        let parts = Parts { inner, edge: self.clone(), meter: Rc::new(Meter::new()) };
        ready(Ok(EdgeService(Rc::new(parts))))
    }
}

/// The edge around one worker's application.
pub(crate) struct EdgeService<S>(Rc<Parts<S>>);

struct Parts<S> {
    inner: S,
    edge: Edge,
    meter: Rc<Meter>,
}

impl<S, B> Service<Request> for EdgeService<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = Response<BoxBody>;
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.inner.poll_ready(context)
    }

    fn call(&self, request: Request) -> Self::Future {
        let started = Instant::now();
        let parts = self.0.clone();
        let edge = &parts.edge;
        let watch = request.conn_data::<Rc<Watch>>().cloned();
        let has_body = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING]
            .iter()
            .any(|name| request.headers().contains_key(name));
        let is_over = watch.as_ref().is_some_and(|watch| !watch.request_began(has_body));
        let story = Story::of(request_id::of(request.headers(), edge.ids.as_ref()));
        let path = headers::PathKind::of(request.path());
        let method = request.method().clone();
        let acceptable = limits::check(&request, &edge.settings);
        let address = edge.settings.log_addresses.then(|| client_of(&request, &edge.settings));
        let span = trace::begin(&request, story.id(), &edge.settings, edge.traces.as_deref());
        request.extensions_mut().insert(story.clone());
        let (in_flight, ending) = (parts.meter.begin(), span.clone());
        let answering = async move {
            let Parts {
                inner,
                edge: Edge { settings, journal, traces, draining, transport_security, .. },
                meter,
            } = &*parts;
            let received = match acceptable {
                // What follows the last answer of a connection is no request any more (RFC 9112 §9.6). Nobody is to
                // blame who could not know that it was the last.
                _ if is_over && draining.is_on() => {
                    Err(ApiError::from(Code::Overloaded).closing_the_connection())
                }
                _ if is_over => Err(ApiError::from(Code::BadRequest).closing_the_connection()),
                Ok(()) => body::receive(request, settings).await,
                Err(error) => Err(error),
            };
            let answered = match received {
                Err(error) => Answered::failure(&error),
                // The application's state is per request; what is shared has no lock that a panic could poison.
                Ok(request) => {
                    if let Some(watch) = &watch {
                        watch.request_received();
                    }
                    let answer = AssertUnwindSafe(async { inner.call(request).await }).catch_unwind();
                    match unless_gone(answer, watch.as_deref()).await {
                        Some(Ok(Ok(response))) => Answered::by_application(response, &story),
                        Some(Ok(Err(error))) => Answered::by_framework(&error),
                        Some(Err(_)) => Answered::failure(&Code::Internal.into()),
                        None => Answered::to_nobody(),
                    }
                }
            };
            let Answered { mut response, route, failure, mut is_last } = answered;
            let status = failure.as_ref().and_then(|failure| failure.code.status_told());
            // Whoever hears that takes the next request elsewhere, before there is nobody here to answer it.
            if draining.is_on() {
                response.head_mut().set_connection_type(ConnectionType::Close);
                is_last = true;
            }
            headers::complete(&mut response, path, story.id(), transport_security.as_ref());
            let entry = Entry {
                request_id: story.id(),
                method: &method,
                route: story.route().or(route.as_deref()),
                status: status.unwrap_or(response.status()),
                failure: failure.as_ref().map(|failure| (failure.code, failure.causes.as_str())),
                user: story.user(),
                address: address.flatten(),
                elapsed: started.elapsed(),
            };
            meter.count(&entry);
            journal.tell(&entry);
            trace::end(&ending, &entry, traces.as_deref());
            drop(in_flight);
            if let Some(watch) = &watch {
                watch.request_ended(is_last);
            }
            Ok(response.into())
        };
        Box::pin(answering.instrument(span))
    }
}

/// Works on an answer as long as somebody may read it. actix-http goes on for a client that has closed its connection
/// until the answer cannot be written; what is dropped here gives up its place in every queue.
async fn unless_gone<T>(answer: impl Future<Output = T>, watch: Option<&Watch>) -> Option<T> {
    let Some(watch) = watch else { return Some(answer.await) };
    tokio::select! {
        biased;
        answer = answer => Some(answer),
        () = watch.client_gone() => None,
    }
}
