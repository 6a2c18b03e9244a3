//! Traces: the spans of a request, its use case and the stores, sent to an OpenTelemetry collector (OTLP over HTTP).

use std::collections::HashMap;
use std::time::Duration;

use doorward_crypto::RandomIds;
use doorward_domain::port::Ids as _;
use doorward_http::RequestTraces;
use doorward_tls::{Client, Roots, TlsError};
use opentelemetry::KeyValue;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::resource::EnvResourceDetector;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::{Metadata, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets, filter_fn};
use tracing_subscriber::registry::LookupSpan;

use crate::settings::{HeaderList, Settings};

/// How long the collector may take for a batch; what it does not take by then is lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a collector takes traces, unless the setting names another place (OTLP 1.9, "OTLP/HTTP Request").
const USUAL_PATH: &str = "/v1/traces";

/// Why nothing is traced.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TracesUnusable {
    /// What encrypts them.
    #[error("TLS for otlp_endpoint cannot be set up")]
    Tls(#[from] TlsError),
    /// The client that sends them.
    #[error("the client for otlp_endpoint cannot be made")]
    Client(#[source] reqwest::Error),
    /// What makes messages of them.
    #[error("the exporter for otlp_endpoint cannot be made")]
    Exporter(#[source] ExporterBuildError),
}

/// Sends spans in batches, on a thread of its own. A collector that is away costs spans, and nothing else.
pub(super) struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// As the settings say; `None` where they name no collector.
    pub(super) fn of(settings: &Settings) -> Result<Option<Self>, TracesUnusable> {
        let Some(endpoint) = &settings.otlp_endpoint else { return Ok(None) };
        let mut endpoint = endpoint.clone();
        if endpoint.path() == "/" {
            endpoint.set_path(USUAL_PATH);
        }
        let roots = if endpoint.scheme() == "https" { Roots::System } else { Roots::Nobody };
        let tls = Client::trusting(roots).config()?;
        let client = reqwest::blocking::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .map_err(TracesUnusable::Client)?;
        let headers = settings.otlp_headers.iter().flat_map(HeaderList::pairs);
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint)
            .with_timeout(PATIENCE)
            .with_headers(headers.collect::<HashMap<_, _>>())
            .build()
            .map_err(TracesUnusable::Exporter)?;
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.trace_sample_ratio)));
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_sampler(sampler)
            .with_batch_exporter(exporter)
            .build();
        Ok(Some(Self { provider }))
    }

    /// What makes OpenTelemetry's spans of ours. Events stay in the log.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let ours = Targets::new().with_target("doorward", LevelFilter::INFO);
        let spans =
            filter_fn(|metadata: &Metadata<'_>| metadata.is_span()).with_max_level_hint(LevelFilter::INFO);
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("doorward"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(ours.and(spans))
    }

    /// Sends what waits.
    pub(super) fn finish(&self) {
        // A second time it answers that it has shut down already; and nobody is left to be told of a failure.
        let _sent = self.provider.shutdown_with_timeout(PATIENCE);
    }
}

/// What sends the spans. Whoever runs it may say more, or otherwise, in `OTEL_RESOURCE_ATTRIBUTES`.
fn resource() -> Resource {
    Resource::builder_empty()
        .with_service_name("doorward")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", instance()))
        .with_detector(Box::new(EnvResourceDetector::new()))
        .build()
}

/// What no other process is called, before or beside this one.
fn instance() -> String {
    let system = rustix::system::uname();
    format!("{}-{}", system.nodename().to_string_lossy(), RandomIds.session())
}

/// Reads the headers of W3C Trace Context.
pub(crate) struct TraceContext(TraceContextPropagator);

impl TraceContext {
    pub(crate) fn new() -> Self {
        Self(TraceContextPropagator::new())
    }
}

impl RequestTraces for TraceContext {
    fn adopt(&self, span: &Span, traceparent: &str, tracestate: Option<&str>) {
        let context = self.0.extract(&Headers { traceparent, tracestate });
        if context.span().span_context().is_valid() {
            // It fails where the span is not traced.
            let _adopted = span.set_parent(context);
        }
    }

    fn name(&self, span: &Span, name: String) {
        span.context().span().update_name(name);
    }
}

struct Headers<'a> {
    traceparent: &'a str,
    tracestate: Option<&'a str>,
}

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => Some(self.traceparent),
            "tracestate" => self.tracestate,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}
