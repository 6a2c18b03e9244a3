//! Where a request comes from.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use doorward_domain::Origin;
use doorward_domain::token::Device;
use paperclip::actix::OperationModifier;
use paperclip::v2::schema::Apiv2Schema;

use super::client_address;
use crate::edge::Story;

const MAX_USER_AGENT: usize = 256;

/// Where a request comes from. The device is as it describes itself; only its address decides anything: how often it
/// may try.
pub(crate) struct RequestOrigin(pub(crate) Origin);

impl FromRequest for RequestOrigin {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(of(request))))
    }
}

pub(super) fn of(request: &HttpRequest) -> Origin {
    let user_agent = request.headers().get(header::USER_AGENT).map(|header| {
        let text = String::from_utf8_lossy(header.as_bytes());
        text.chars().filter(|character| !character.is_control()).take(MAX_USER_AGENT).collect()
    });
    let request_id = request.extensions().get::<Story>().map(|story| story.id().to_owned());
    Origin { device: Device { user_agent, address: client_address::of(request) }, request_id }
}

impl Apiv2Schema for RequestOrigin {}
impl OperationModifier for RequestOrigin {}
