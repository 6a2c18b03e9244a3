//! What came of a request: the response in our envelope, and what the log is told of it.

use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpResponse, ResponseError as _};
use doorward_domain::user::UserId;

use super::journal::SignedIn;
use crate::error::{ApiError, Code, with_causes};

/// A response, the route that made it, and what is to be logged of a failure.
pub(super) struct Answered {
    pub(super) response: HttpResponse,
    pub(super) route: Option<String>,
    pub(super) failure: Option<Failure>,
    /// Whose good token or password it came with.
    pub(super) user: Option<UserId>,
    /// Whether the connection ends with it.
    pub(super) is_last: bool,
}

/// A failure with its causes, which are for the log alone.
pub(super) struct Failure {
    pub(super) code: Code,
    pub(super) causes: String,
}

impl Failure {
    fn new(code: Code, causes: String) -> Self {
        Self { code, causes }
    }
}

impl Answered {
    pub(super) fn failure(error: &ApiError) -> Self {
        let is_last = error.closes_the_connection();
        Self {
            response: error.error_response(),
            route: None,
            failure: Some(Failure::new(error.code(), with_causes(error))),
            user: None,
            is_last,
        }
    }

    /// A failure of the framework's own, outside of any route.
    pub(super) fn by_framework(error: &actix_web::Error) -> Self {
        let code = Code::of_status(error.as_response_error().status_code());
        Self { failure: Some(Failure::new(code, error.to_string())), ..Self::failure(&code.into()) }
    }

    pub(super) fn by_application(answer: ServiceResponse<impl MessageBody + 'static>) -> Self {
        let route = answer.request().match_pattern();
        let user = SignedIn::of(answer.request());
        let response = answer.into_parts().1;
        if !response.status().is_client_error() && !response.status().is_server_error() {
            let response = response.map_into_boxed_body();
            return Self { response, route, failure: None, user, is_last: false };
        }
        match response.error().map(|error| (error.as_error::<ApiError>(), error)) {
            Some((Some(error), _)) => {
                let failure = Failure::new(error.code(), with_causes(error));
                let failure = Some(failure).filter(|_| !error.is_told());
                let is_last = error.closes_the_connection();
                Self { response: response.map_into_boxed_body(), route, failure, user, is_last }
            }
            other => {
                let code = Code::of_status(response.status());
                let failure = other.map(|(_, error)| Failure::new(code, error.to_string()));
                Self { response: enveloped(&response), route, failure, user, is_last: false }
            }
        }
    }
}

/// The same failure in our envelope: for what something below the routes has answered by itself.
fn enveloped<B>(response: &HttpResponse<B>) -> HttpResponse {
    let mut ours = ApiError::from(Code::of_status(response.status())).error_response();
    let body_headers = [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING];
    let kept = response.headers().iter().filter(|(name, _)| !body_headers.contains(name));
    let headers: &mut HeaderMap = ours.headers_mut();
    for (name, value) in kept {
        headers.append(name.clone(), value.clone());
    }
    ours
}
