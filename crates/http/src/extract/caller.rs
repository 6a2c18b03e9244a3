//! Who a request comes from.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use doorward_domain::sessions::{Caller, Sessions};
use doorward_domain::user::{KeptDocument, Role, UserId};
use futures_util::future::LocalBoxFuture;
use paperclip::actix::OperationModifier;
use paperclip::v2::models::SecurityScheme;
use paperclip::v2::schema::Apiv2Schema;

use super::origin;
use crate::edge::Story;
use crate::error::{ApiError, Code};

/// Somebody with a good access token and a live session.
pub(crate) struct Authenticated(pub(crate) Caller);

/// An admin with a good access token and a live session.
pub(crate) struct Admin(pub(crate) Caller);

/// Somebody with a good access token and a live session who is to be shown their own document. A copy of it may have
/// answered, so it grants nothing.
pub(crate) struct Identified(pub(crate) Arc<KeptDocument>);

/// A token that may be a refresh token; the use case tells.
pub(crate) struct RefreshToken(pub(crate) String);

/// Somebody who shows who they are by something else than an access token; the log is told once that is known.
pub(crate) struct Guest(HttpRequest);

impl Guest {
    /// It is them.
    pub(crate) fn is(&self, user: UserId) {
        Story::is_of(&self.0, user);
    }
}

impl FromRequest for Guest {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.clone())))
    }
}

impl Apiv2Schema for Guest {}
impl OperationModifier for Guest {}

impl FromRequest for Authenticated {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { authenticate(&request).await.map(Self) })
    }
}

impl FromRequest for Admin {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { authenticate_admin(&request).await.map(Self) })
    }
}

impl FromRequest for Identified {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let document = sessions(&request)?.identify(bearer(&request)?).await?;
            Story::is_of(&request, document.id);
            Ok(Self(document))
        })
    }
}

impl FromRequest for RefreshToken {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(request).map(|token| Self(token.to_owned())))
    }
}

pub(super) async fn authenticate(request: &HttpRequest) -> Result<Caller, ApiError> {
    let token = bearer(request)?;
    let caller = sessions(request)?.authenticate(token, origin::of(request)).await?;
    Story::is_of(request, caller.user.id);
    Ok(caller)
}

pub(super) async fn authenticate_admin(request: &HttpRequest) -> Result<Caller, ApiError> {
    let caller = authenticate(request).await?;
    if caller.user.role == Role::Admin { Ok(caller) } else { Err(Code::Forbidden.into()) }
}

fn sessions(request: &HttpRequest) -> Result<&Sessions, ApiError> {
    let sessions = request.app_data::<Data<Sessions>>().ok_or(Code::Internal)?;
    Ok(sessions)
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1), the only place a token is read from.
fn bearer(request: &HttpRequest) -> Result<&str, ApiError> {
    let mut headers = request.headers().get_all(header::AUTHORIZATION);
    let (Some(header), None) = (headers.next(), headers.next()) else {
        let shown = request.headers().contains_key(header::AUTHORIZATION);
        return Err(if shown { Code::BadRequest } else { Code::TokenMissing }.into());
    };
    // Whatever else is in it, it is no token then. `to_str` would look at each byte by itself.
    let header = str::from_utf8(header.as_bytes()).map_err(|_| Code::TokenInvalid)?;
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            let token = token.trim_matches(' ');
            if token.is_empty() || token.contains(' ') { Err(Code::TokenInvalid.into()) } else { Ok(token) }
        }
        _ => Err(Code::TokenMissing.into()),
    }
}

/// The name of the access token's scheme in the API description.
pub(crate) const ACCESS_SCHEME: &str = "access_token";
/// The name of the refresh token's scheme in the API description.
pub(crate) const REFRESH_SCHEME: &str = "refresh_token";

/// Paperclip knows no bearer scheme; the description's pass makes one of this.
pub(super) fn bearer_scheme() -> SecurityScheme {
    SecurityScheme {
        name: Some("Authorization".into()),
        type_: "apiKey".into(),
        in_: Some("header".into()),
        flow: None,
        auth_url: None,
        token_url: None,
        scopes: BTreeMap::new(),
        description: None,
    }
}

macro_rules! needs {
    ($($extractor:ident => $scheme:expr;)+) => {
        $(
            impl Apiv2Schema for $extractor {
                fn name() -> Option<String> {
                    Some($scheme.to_owned())
                }

                fn security_scheme() -> Option<SecurityScheme> {
                    Some($crate::extract::caller::bearer_scheme())
                }
            }
        )+
    };
}
pub(super) use needs;

needs! {
    Admin => ACCESS_SCHEME;
    Authenticated => ACCESS_SCHEME;
    Identified => ACCESS_SCHEME;
    RefreshToken => REFRESH_SCHEME;
}

impl OperationModifier for Admin {}
impl OperationModifier for Authenticated {}
impl OperationModifier for Identified {}
impl OperationModifier for RefreshToken {}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn token_of(headers: &[&str]) -> Result<String, Code> {
        let mut request = TestRequest::get();
        for header in headers {
            request = request.append_header((header::AUTHORIZATION, *header));
        }
        bearer(&request.to_http_request()).map(str::to_owned).map_err(|error| error.code())
    }

    #[test]
    fn tok_19_the_header_is_read_strictly() {
        assert_eq!(token_of(&["Bearer a.b.c"]).as_deref(), Ok("a.b.c"));
        assert_eq!(token_of(&["bearer a.b.c"]).as_deref(), Ok("a.b.c"));
        assert_eq!(token_of(&[]), Err(Code::TokenMissing));
        assert_eq!(token_of(&["Token a.b.c"]), Err(Code::TokenMissing));
        assert_eq!(token_of(&["Bearer"]), Err(Code::TokenMissing));
        assert_eq!(token_of(&["Bearer "]), Err(Code::TokenInvalid));
        assert_eq!(token_of(&["Bearer a b"]), Err(Code::TokenInvalid));
        assert_eq!(token_of(&["Bear\u{e9}r a"]), Err(Code::TokenMissing));
        assert_eq!(token_of(&["Bearer a", "Bearer b"]), Err(Code::BadRequest));
    }
}
