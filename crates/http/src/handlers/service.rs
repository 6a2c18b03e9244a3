//! How the service itself stands.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
use doorward_domain::port::{Probe, PublishedKeys};
use futures_util::future::join_all;
use paperclip::actix::{OperationModifier, api_v2_operation};
use paperclip::v2::models::{DefaultOperationRaw, Either, Response};
use paperclip::v2::schema::Apiv2Schema;
use serde_json::json;

use crate::app::Draining;
use crate::error::{ApiError, Code, with_causes};
use crate::views::{Answer, DEGRADED, Nothing, READY, Readiness, StoreState, UNAVAILABLE};

/// Liveness
///
/// The process answers. It says nothing about its stores.
#[api_v2_operation(tags(Service), operation_id = "health")]
pub(crate) async fn health() -> Result<Answer<Nothing>, ApiError> {
    Ok(Answer::new("Alive.", Nothing {}))
}

/// Readiness
///
/// Whether requests should be sent here: every store that is needed answers, and the service is not about to stop. The
/// state of each store is named; the service does without one that is degraded.
#[api_v2_operation(tags(Service), operation_id = "readiness")]
pub(crate) async fn readiness(
    probes: Data<Vec<Arc<dyn Probe>>>,
    draining: Data<Draining>,
) -> Result<Answer<Readiness>, ApiError> {
    let stores = join_all(probes.iter().map(|probe| probe_one(probe.as_ref()))).await;
    let ready = stores.iter().all(|store| store.state != UNAVAILABLE);
    if ready && !draining.is_on() {
        Ok(Answer::new("Ready.", Readiness { stores }))
    } else {
        Err(ApiError::from(Code::Unavailable).with_stores(json!(stores)))
    }
}

async fn probe_one(probe: &dyn Probe) -> StoreState {
    let state = match probe.probe().await {
        Ok(()) => READY,
        Err(error) => {
            let error = with_causes(&error);
            if probe.is_needed() {
                tracing::warn!(store = probe.name(), error, "store is not ready");
                UNAVAILABLE
            } else {
                // Whoever does without it has said so once; this is asked every few seconds.
                tracing::debug!(store = probe.name(), error, "store is not ready");
                DEGRADED
            }
        }
    };
    StoreState { name: probe.name().to_owned(), state: state.to_owned() }
}

/// Public keys
///
/// A JSON Web Key Set (RFC 7517) of the public keys whose tokens are accepted, so that other services can check them. An
/// HS256 key is a secret and never among them.
#[api_v2_operation(tags(Service), operation_id = "public_keys")]
pub(crate) async fn jwks(keys: Data<Arc<dyn PublishedKeys>>) -> Result<KeySet, ApiError> {
    Ok(KeySet(keys.jwks()))
}

/// A JSON Web Key Set, without our envelope: its format is another standard's.
pub(crate) struct KeySet(String);

impl Responder for KeySet {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("application/json")
            .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
            .body(self.0)
    }
}

impl Apiv2Schema for KeySet {}

impl OperationModifier for KeySet {
    fn update_response(operation: &mut DefaultOperationRaw) {
        let response = Response { description: Some("The keys.".into()), ..Response::default() };
        operation.responses.insert("200".to_owned(), Either::Right(response));
    }
}
