//! How often a network may ask for something.

use std::marker::PhantomData;
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use doorward_domain::throttle::{Guard, TooMany};
use futures_util::future::LocalBoxFuture;
use paperclip::actix::OperationModifier;
use paperclip::v2::schema::Apiv2Schema;

use super::client_address;
use crate::error::{ApiError, Code};

/// A request of a kind that did not come too often from its network. It stands first in a handler's signature, before
/// what only looks at headers: a body is read and a token is checked in the handler, which is not begun for anybody else.
pub(crate) struct Paced<K>(PhantomData<K>);

/// What is counted together.
pub(crate) trait Pace: 'static {
    /// Whether another one may come from there now.
    fn ask(guard: &Guard, from: Option<IpAddr>) -> impl Future<Output = Result<(), TooMany>>;
}

/// Opening accounts.
pub(crate) struct Registrations;

/// Spending refresh tokens, good ones or not.
pub(crate) struct Refreshes;

impl Pace for Registrations {
    fn ask(guard: &Guard, from: Option<IpAddr>) -> impl Future<Output = Result<(), TooMany>> {
        guard.registration(from)
    }
}

impl Pace for Refreshes {
    fn ask(guard: &Guard, from: Option<IpAddr>) -> impl Future<Output = Result<(), TooMany>> {
        guard.refresh(from)
    }
}

impl<K: Pace> FromRequest for Paced<K> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let from = client_address::of(request);
        let request = request.clone();
        Box::pin(async move {
            let guard = request.app_data::<Data<Guard>>().ok_or(Code::Internal)?;
            let refused = |refusal| ApiError::too_many(Code::RateLimited, refusal);
            K::ask(guard, from).await.map_err(refused)?;
            Ok(Self(PhantomData))
        })
    }
}

impl<K> Apiv2Schema for Paced<K> {}
impl<K> OperationModifier for Paced<K> {}
