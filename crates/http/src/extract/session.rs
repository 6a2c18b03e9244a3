//! The session that a path names.

use std::collections::BTreeMap;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use doorward_domain::token::SessionId;
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{
    DataType, DefaultOperationRaw, DefaultSchemaRaw, Either, Parameter, ParameterIn,
};
use paperclip::v2::schema::Apiv2Schema;
use uuid::Uuid;

use crate::error::{ApiError, Code};

/// The session in the path. Whose it is, is for the use case.
pub(crate) struct NamedSession(Option<SessionId>);

impl NamedSession {
    /// What is no identifier names no session.
    pub(crate) fn id(&self) -> Result<SessionId, ApiError> {
        self.0.ok_or_else(|| Code::SessionNotFound.into())
    }
}

impl FromRequest for NamedSession {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let named = request.uri().path().rsplit_once('/').map(|(_, segment)| segment);
        // In the one form in which it is told: others would be other spellings of one path.
        let id = named.and_then(|text| {
            let id = Uuid::try_parse(text).ok().map(SessionId::new)?;
            (id.to_string() == text).then_some(id)
        });
        ready(Ok(Self(id)))
    }
}

impl Apiv2Schema for NamedSession {}

impl OperationModifier for NamedSession {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        operation.parameters.push(Either::Right(Parameter::<DefaultSchemaRaw> {
            name: "session".into(),
            in_: ParameterIn::Path,
            required: true,
            data_type: Some(DataType::String),
            description: Some("The session's identifier, the claim `sid`.".into()),
            ..Parameter::default()
        }));
    }

    fn update_definitions(_: &mut BTreeMap<String, DefaultSchemaRaw>) {}
}
