//! What came of a request: the response in our envelope, and what the log is told of it.

use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpResponse, ResponseError as _};

use super::journal::Outcome;
use super::story::Story;
use crate::error::{ApiError, Code, with_causes};

/// A response, the route that made it if the framework knows it alone, and what is to be logged of a failure.
pub(super) struct Answered {
    pub(super) response: HttpResponse,
    pub(super) route: Option<String>,
    pub(super) failure: Option<Failure>,
    /// Whether the connection ends with it.
    pub(super) is_last: bool,
}

/// A failure with its causes, which are for the log alone.
pub(super) struct Failure {
    pub(super) code: Outcome,
    pub(super) causes: String,
}

impl Failure {
    fn new(code: Code, causes: String) -> Self {
        Self { code: Outcome::Answered(code), causes }
    }
}

impl Answered {
    pub(super) fn failure(error: &ApiError) -> Self {
        let is_last = error.closes_the_connection();
        Self {
            response: error.error_response(),
            route: None,
            failure: Some(Failure::new(error.code(), with_causes(error))),
            is_last,
        }
    }

    /// What is sent in case somebody still reads it; who hangs up is no failure of the service.
    pub(super) fn to_nobody() -> Self {
        let failure = Failure { code: Outcome::ClientGone, causes: String::new() };
        let answer = ApiError::from(Code::Overloaded).closing_the_connection();
        Self { failure: Some(failure), ..Self::failure(&answer) }
    }

    /// A failure of the framework's own, outside of any route.
    pub(super) fn by_framework(error: &actix_web::Error) -> Self {
        let code = Code::of_status(error.as_response_error().status_code());
        Self { failure: Some(Failure::new(code, error.to_string())), ..Self::failure(&code.into()) }
    }

    pub(super) fn by_application(answer: ServiceResponse<impl MessageBody + 'static>, story: &Story) -> Self {
        let route = if story.route().is_some() { None } else { answer.request().match_pattern() };
        let response = answer.into_parts().1;
        if !response.status().is_client_error() && !response.status().is_server_error() {
            let response = response.map_into_boxed_body();
            return Self { response, route, failure: None, is_last: false };
        }
        match response.error().map(|error| (error.as_error::<ApiError>(), error)) {
            Some((Some(error), _)) => {
                let failure = Failure::new(error.code(), with_causes(error));
                let failure = Some(failure).filter(|_| !error.is_told());
                let is_last = error.closes_the_connection();
                Self { response: response.map_into_boxed_body(), route, failure, is_last }
            }
            other => {
                let code = Code::of_status(response.status());
                let failure = other.map(|(_, error)| Failure::new(code, error.to_string()));
                Self { response: enveloped(&response), route, failure, is_last: false }
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
