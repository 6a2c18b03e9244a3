//! What is found out about a request on its way, for whoever tells of it: also where a panic or a client that has left
//! keeps the application from answering.

use std::cell::Cell;
use std::rc::Rc;

use actix_web::dev::ServiceRequest;
use actix_web::{HttpMessage as _, HttpRequest};
use doorward_domain::user::UserId;

/// What is known of a request so far.
#[derive(Clone, Default)]
pub(crate) struct Story(Rc<Known>);

#[derive(Default)]
struct Known {
    route: Cell<Option<&'static str>>,
    user: Cell<Option<UserId>>,
}

impl Story {
    /// A request has come to this route.
    pub(crate) fn comes_to(request: &ServiceRequest, route: &'static str) {
        if let Some(Self(known)) = request.extensions().get() {
            known.route.set(Some(route));
        }
    }

    /// A request has shown a good token or password of this user.
    pub(crate) fn is_of(request: &HttpRequest, user: UserId) {
        if let Some(Self(known)) = request.extensions().get() {
            known.user.set(Some(user));
        }
    }

    pub(super) fn route(&self) -> Option<&'static str> {
        self.0.route.get()
    }

    pub(super) fn user(&self) -> Option<UserId> {
        self.0.user.get()
    }
}
