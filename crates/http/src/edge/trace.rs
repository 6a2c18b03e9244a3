//! The span of a request: where a trace begins, or goes on from whoever asked.

use actix_http::{HttpMessage as _, Request};
use tracing::Span;
use tracing::field::{Empty, display};

use super::journal::Entry;
use super::meter::{OTHER, method_name};
use crate::extract::is_trusted;
use crate::{HttpSettings, RequestTraces};

/// What this crate calls its spans, after OpenTelemetry's conventions for HTTP servers. Neither the path nor the query
/// is among them: either may have an address in it.
pub(super) fn begin(
    request: &Request,
    id: &str,
    settings: &HttpSettings,
    traces: Option<&dyn RequestTraces>,
) -> Span {
    // Somebody asks every few seconds how the service is.
    if matches!(request.path(), "/healthz" | "/readyz") {
        return Span::none();
    }
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        otel.status_code = Empty,
        request_id = id,
        http.request.method = method_name(request.method()),
        http.route = Empty,
        http.response.status_code = Empty,
        error.r#type = Empty,
        user.id = Empty,
    );
    if let Some(traces) = traces
        && !span.is_disabled()
        && request.peer_addr().is_some_and(|peer| is_trusted(peer.ip(), &settings.trusted_proxies))
    {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        if let Some(traceparent) = header("traceparent") {
            traces.adopt(&span, traceparent, header("tracestate"));
        }
    }
    span
}

/// Says of a span what is known at the end.
pub(super) fn end(span: &Span, entry: &Entry<'_>, traces: Option<&dyn RequestTraces>) {
    if span.is_disabled() {
        return;
    }
    if let Some(traces) = traces {
        let method = match method_name(entry.method) {
            OTHER => "HTTP",
            method => method,
        };
        let route = entry.route.unwrap_or_default();
        traces.name(span, format!("{method} {route}").trim_end().to_owned());
    }
    span.record("http.route", entry.route);
    span.record("http.response.status_code", entry.status.as_u16());
    if let Some((code, _)) = entry.failure {
        span.record("error.type", code.name());
    }
    if entry.status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    span.record("user.id", entry.user.map(display));
}
