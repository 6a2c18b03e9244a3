//! Request bodies.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt as _;
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DefaultOperationRaw, DefaultSchemaRaw, Either, Parameter, ParameterIn};
use paperclip::v2::schema::Apiv2Schema;

use crate::bodies::Body;
use crate::error::{ApiError, Code};
use crate::read::{Fields, Json};

/// A JSON body that has not been read yet: a handler reads it once it knows that the caller has the right, so that a
/// refusal tells nothing about the body.
pub(crate) struct JsonBody<T> {
    request: HttpRequest,
    payload: Payload,
    body: PhantomData<T>,
}

impl<T: Body> FromRequest for JsonBody<T> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone(), payload: payload.take(), body: PhantomData }))
    }
}

impl<T: Body> JsonBody<T> {
    /// Reads the body.
    pub(crate) async fn read(self) -> Result<T, ApiError> {
        let bytes = collect(self.payload).await?;
        let is_absent = bytes.is_empty() && !self.request.headers().contains_key(header::CONTENT_TYPE);
        let object = if is_absent && T::MAY_BE_ABSENT {
            Json::Object(Vec::new())
        } else {
            require_json(&self.request)?;
            Json::read_object(&bytes).ok_or(Code::MalformedJson)?
        };
        Ok(Fields::read(&object, T::read)?)
    }
}

/// `application/json`, with no other charset than UTF-8 and no compression.
fn require_json(request: &HttpRequest) -> Result<(), ApiError> {
    let refused = || ApiError::from(Code::UnsupportedMediaType);
    let mut types = request.headers().get_all(header::CONTENT_TYPE);
    let (Some(content_type), None) = (types.next(), types.next()) else {
        return Err(refused());
    };
    let content_type = content_type.to_str().map_err(|_| refused())?.to_ascii_lowercase();
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next() == Some("application/json")
        && parts.all(|parameter| {
            parameter.split_once('=').is_none_or(|(name, value)| {
                name.trim() != "charset" || value.trim().trim_matches('"') == "utf-8"
            })
        });
    let is_plain =
        request.headers().get(header::CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity");
    if is_json && is_plain { Ok(()) } else { Err(refused()) }
}

/// The edge has received the body already: every chunk is there.
async fn collect(mut payload: Payload) -> Result<Bytes, ApiError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        body.extend_from_slice(&chunk.map_err(|_| Code::BadRequest)?);
    }
    Ok(body.freeze())
}

impl<T> Apiv2Schema for JsonBody<T> {}

/// Paperclip is told that there is a body and what it is called; what it looks like comes from the reader itself.
impl<T: Body> OperationModifier for JsonBody<T> {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        operation.parameters.push(Either::Right(Parameter {
            name: "body".into(),
            in_: ParameterIn::Body,
            required: !T::MAY_BE_ABSENT,
            schema: Some(DefaultSchemaRaw {
                reference: Some(format!("#/definitions/{}", T::NAME)),
                ..DefaultSchemaRaw::default()
            }),
            ..Parameter::default()
        }));
    }

    fn update_definitions(_: &mut BTreeMap<String, DefaultSchemaRaw>) {}
}
