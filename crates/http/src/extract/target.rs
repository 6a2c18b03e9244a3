//! The account that a path names, and the right to touch it.

use std::collections::BTreeMap;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use doorward_domain::accounts::may_touch;
use doorward_domain::sessions::Caller;
use doorward_domain::user::{Email, Role};
use futures_util::future::LocalBoxFuture;
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{
    DataType, DefaultOperationRaw, DefaultSchemaRaw, Either, Parameter, ParameterIn, SecurityScheme,
};
use paperclip::v2::schema::Apiv2Schema;

use super::caller::{ACCESS_SCHEME, authenticate, authenticate_admin};
use crate::edge::decode_path;
use crate::error::{ApiError, Code};

/// The account in the path, asked for by its owner or by an admin. Anybody else is refused in the same way whether
/// or not there is such an account.
pub(crate) struct OwnOrAnyUser {
    pub(crate) caller: Caller,
    pub(crate) address: Email,
}

/// The account in the path, asked for by an admin.
pub(crate) struct AnyUser {
    pub(crate) admin: Caller,
    pub(crate) address: Email,
}

impl FromRequest for OwnOrAnyUser {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let caller = authenticate(&request).await?;
            let address = named(&request);
            match address {
                Some(address) if may_touch(&caller.user, &address) => Ok(Self { caller, address }),
                None if caller.user.role == Role::Admin => Err(Code::UserNotFound.into()),
                _ => Err(Code::Forbidden.into()),
            }
        })
    }
}

impl FromRequest for AnyUser {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let admin = authenticate_admin(&request).await?;
            let address = named(&request).ok_or(Code::UserNotFound)?;
            Ok(Self { admin, address })
        })
    }
}

/// The segment of the path behind `/api/user/`, as an address. What is no address names nobody.
fn named(request: &HttpRequest) -> Option<Email> {
    let segment = request.uri().path().strip_prefix("/api/user/")?.split('/').next()?;
    Email::parse(&decode_path(segment)?).ok()
}

super::caller::needs! {
    OwnOrAnyUser => ACCESS_SCHEME;
    AnyUser => ACCESS_SCHEME;
}

impl OperationModifier for OwnOrAnyUser {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        operation.parameters.push(username_in_path());
    }

    fn update_definitions(_: &mut BTreeMap<String, DefaultSchemaRaw>) {}
}

impl OperationModifier for AnyUser {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        operation.parameters.push(username_in_path());
    }

    fn update_definitions(_: &mut BTreeMap<String, DefaultSchemaRaw>) {}
}

fn username_in_path() -> Either<paperclip::v2::models::Reference, Parameter<DefaultSchemaRaw>> {
    Either::Right(Parameter {
        name: "username".into(),
        in_: ParameterIn::Path,
        required: true,
        data_type: Some(DataType::String),
        description: Some(
            "The username or e-mail address, in any letter case, percent-encoded or not.".into(),
        ),
        ..Parameter::default()
    })
}
