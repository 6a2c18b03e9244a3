//! What a request says about the device it comes from.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use doorward_domain::token::Device;
use paperclip::actix::OperationModifier;
use paperclip::v2::schema::Apiv2Schema;

use super::client_address;

const MAX_USER_AGENT: usize = 256;

/// The device, as it describes itself; only its address decides anything: how often it may try.
pub(crate) struct RequestDevice(pub(crate) Device);

impl FromRequest for RequestDevice {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user_agent = request.headers().get(header::USER_AGENT).map(|header| {
            let text = String::from_utf8_lossy(header.as_bytes());
            text.chars().filter(|character| !character.is_control()).take(MAX_USER_AGENT).collect()
        });
        ready(Ok(Self(Device { user_agent, address: client_address::of(request) })))
    }
}

impl Apiv2Schema for RequestDevice {}
impl OperationModifier for RequestDevice {}
