//! What a request is called, and what is found out about it on its way, for whoever tells of it: also where a panic or a
//! client that has left keeps the application from answering.

use std::cell::Cell;
use std::rc::Rc;

use actix_web::dev::ServiceRequest;
use actix_web::{HttpMessage as _, HttpRequest};
use doorward_domain::user::UserId;

/// What is known of a request so far.
#[derive(Clone)]
pub(crate) struct Story(Rc<Known>);

struct Known {
    id: String,
    route: Cell<Option<&'static str>>,
    user: Cell<Option<UserId>>,
}

impl Story {
    /// Of a request that is called so.
    pub(super) fn of(id: String) -> Self {
        Self(Rc::new(Known { id, route: Cell::default(), user: Cell::default() }))
    }

    /// What the request is called.
    pub(crate) fn id(&self) -> &str {
        &self.0.id
    }

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
