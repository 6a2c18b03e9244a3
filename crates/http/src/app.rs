//! The application: the use cases, the routes, and what stands between them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Condition;
use actix_web::web::{Bytes, Data};
use actix_web::{App, Error};
use doorward_domain::accounts::Accounts;
use doorward_domain::audit::AuditTrail;
use doorward_domain::port::{CursorSeal, Ids, Probe, PublishedKeys};
use doorward_domain::sessions::Sessions;
use doorward_domain::throttle::Guard;
use paperclip::actix::OpenApiExt as _;
use tracing::Span;

use crate::edge::{Edge, Journal, transport_security};
use crate::error::{ApiError, Code};
use crate::extract::TrustedProxies;
use crate::{HttpSettings, description, handlers, routes};

/// Everything that the routes need of the rest of the program.
#[derive(Clone)]
pub struct Service {
    /// The use cases of accounts.
    pub accounts: Arc<Accounts>,
    /// The use cases of sessions.
    pub sessions: Arc<Sessions>,
    /// Who did what.
    pub audit: Arc<AuditTrail>,
    /// How often somebody may register, refresh or end sessions.
    pub guard: Guard,
    /// The keys that others check tokens with.
    pub keys: Arc<dyn PublishedKeys>,
    /// What makes page cursors opaque.
    pub cursors: Arc<dyn CursorSeal>,
    /// Names for requests.
    pub ids: Arc<dyn Ids>,
    /// What readiness depends on.
    pub probes: Vec<Arc<dyn Probe>>,
    /// What becomes of the spans of requests, where anything does.
    pub traces: Option<Arc<dyn RequestTraces>>,
}

/// What a collector of traces is told of a request's span, beside its fields.
pub trait RequestTraces: Send + Sync {
    /// Makes the span a part of the trace that the two headers name, if they can be read (W3C Trace
    /// Context). They come from a trusted proxy.
    fn adopt(&self, span: &Span, traceparent: &str, tracestate: Option<&str>);
    /// Names the span, as soon as it is known which route it is about.
    fn name(&self, span: &Span, name: String);
}

/// One application, built once a worker.
#[derive(Clone)]
pub(crate) struct Application {
    service: Service,
    settings: Arc<HttpSettings>,
    draining: Arc<AtomicBool>,
    description: Bytes,
}

/// Whether the service is about to stop.
#[derive(Clone)]
pub(crate) struct Draining(Arc<AtomicBool>);

impl Draining {
    pub(crate) fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Application {
    pub(crate) fn new(service: Service, settings: Arc<HttpSettings>) -> Self {
        let description = if settings.docs { description::text() } else { Bytes::new() };
        Self { service, settings, draining: Arc::default(), description }
    }

    /// What stands around one worker's application, on connections that are encrypted or not.
    pub(crate) fn edge(&self, journal: Arc<Journal>, is_encrypted: bool) -> Edge {
        let Service { ids, traces, .. } = &self.service;
        Edge {
            settings: self.settings.clone(),
            ids: ids.clone(),
            journal,
            traces: traces.clone(),
            transport_security: is_encrypted.then(|| transport_security(self.settings.hsts_max_age)),
            draining: self.draining(),
        }
    }

    pub(crate) fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn draining(&self) -> Draining {
        Draining(self.draining.clone())
    }

    pub(crate) fn build(
        &self,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        let Service { accounts, sessions, audit, guard, keys, cursors, ids: _, probes, traces: _ } =
            self.service.clone();
        let app = App::new()
            .app_data(Data::from(accounts))
            .app_data(Data::from(sessions))
            .app_data(Data::from(audit))
            .app_data(Data::new(guard))
            .app_data(Data::new(TrustedProxies(self.settings.trusted_proxies.clone())))
            .app_data(Data::new(keys))
            .app_data(Data::new(cursors))
            .app_data(Data::new(probes))
            .app_data(Data::new(self.draining()))
            .app_data(Data::new(handlers::DescriptionText(self.description.clone())))
            .wrap_api_with_spec(description::preamble())
            .configure(routes::routes)
            .build();
        let docs = self.settings.docs;
        app.configure(|config| {
            if docs {
                handlers::serve_docs(config);
            }
        })
        .default_service(actix_web::web::to(nothing_here))
        .wrap(Condition::new(!self.settings.cors_origins.is_empty(), cors(&self.settings.cors_origins)))
    }
}

async fn nothing_here() -> Result<String, ApiError> {
    Err(Code::NotFound.into())
}

/// CORS for exactly the origins listed. No credentials: tokens travel in a header that a page sets itself.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::HeaderName::from_static("x-request-id"),
        ])
        .expose_headers(["x-request-id", "link", "location", "retry-after", "www-authenticate"])
        .max_age(3_600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
