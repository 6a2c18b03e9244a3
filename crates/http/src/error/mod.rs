//! Failures on their way to the client.

mod code;
mod fault;
mod outcomes;

pub use code::Code;
pub use fault::FieldFault;

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use doorward_domain::throttle::TooMany;
use paperclip::v2::schema::Apiv2Errors;
use serde::Serialize;
use serde_json::Value;

use crate::read::QueryError;

/// Seconds after which a client may try again when a store or the hashing queue is the reason.
const SOON: u64 = 1;

/// A failure with everything that its response and its log line need.
#[derive(Debug)]
pub struct ApiError {
    code: Code,
    fields: Vec<FieldFault>,
    stores: Option<Value>,
    allow: Option<String>,
    retry_after: u64,
    closes: bool,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// Fields that are not acceptable.
    pub fn validation(fields: Vec<FieldFault>) -> Self {
        Self { fields, ..Code::ValidationFailed.into() }
    }

    /// One field that is not acceptable.
    pub fn field(field: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        FieldFault::new(field, message).into()
    }

    /// A method that the route does not have.
    pub(crate) fn method_not_allowed(allow: String) -> Self {
        Self { allow: Some(allow), ..Code::MethodNotAllowed.into() }
    }

    /// Somebody who has tried too often.
    pub(crate) fn too_many(code: Code, TooMany { retry_after }: TooMany) -> Self {
        // Whoever comes back as told is let in: a part of a second counts as a whole one.
        let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
        Self { retry_after: seconds.max(1), ..code.into() }
    }

    /// With the state of each store beside the code: what readiness answers.
    pub(crate) fn with_stores(self, stores: Value) -> Self {
        Self { stores: Some(stores), ..self }
    }

    /// The rest of the request is not waited for.
    pub(crate) fn closing_the_connection(self) -> Self {
        Self { closes: true, ..self }
    }

    /// With the cause, for the log.
    pub(crate) fn caused_by(code: Code, source: impl Error + Send + Sync + 'static) -> Self {
        Self { source: Some(Box::new(source)), ..code.into() }
    }

    /// Whether the connection ends with this answer.
    pub(crate) fn closes_the_connection(&self) -> bool {
        self.closes
    }

    /// Whether the log has been told already, store by store; or there is nothing to tell.
    pub(crate) fn is_told(&self) -> bool {
        self.stores.is_some()
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The fields that are not acceptable.
    pub fn faults(&self) -> &[FieldFault] {
        &self.fields
    }

    fn body(&self) -> Failure<'_> {
        let fields = (self.code == Code::ValidationFailed).then_some(self.fields.as_slice());
        let (stores, code) = (self.stores.as_ref(), self.code.name());
        Failure { status: false, message: self.code.message(), results: Results { code, fields, stores } }
    }
}

/// The envelope of a failure, its keys in the order of the contract.
#[derive(Serialize)]
struct Failure<'a> {
    status: bool,
    message: &'a str,
    results: Results<'a>,
}

#[derive(Serialize)]
struct Results<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<&'a [FieldFault]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stores: Option<&'a Value>,
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self {
            code,
            fields: Vec::new(),
            stores: None,
            allow: None,
            retry_after: SOON,
            closes: false,
            source: None,
        }
    }
}

impl From<Vec<FieldFault>> for ApiError {
    fn from(faults: Vec<FieldFault>) -> Self {
        Self::validation(faults)
    }
}

impl From<FieldFault> for ApiError {
    fn from(fault: FieldFault) -> Self {
        Self::validation(vec![fault])
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Encoding => Code::BadRequest.into(),
            QueryError::Twice(fault) => fault.into(),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code.name())
    }
}

impl Error for ApiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.code.status());
        match self.code.status() {
            StatusCode::UNAUTHORIZED => {
                response.insert_header((header::WWW_AUTHENTICATE, challenge(self.code)));
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                response.insert_header((header::RETRY_AFTER, self.retry_after));
            }
            _ => {}
        }
        if let Some(allow) = &self.allow {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        if self.closes {
            response.force_close();
        }
        response.json(self.body())
    }
}

/// The `WWW-Authenticate` of RFC 6750 §3: no error code when no token was shown.
fn challenge(code: Code) -> HeaderValue {
    HeaderValue::from_static(match code {
        Code::TokenInvalid => {
            "Bearer realm=\"doorward\", error=\"invalid_token\", error_description=\"The token is not valid\""
        }
        Code::TokenExpired => {
            "Bearer realm=\"doorward\", error=\"invalid_token\", error_description=\"The token has expired\""
        }
        Code::TokenRevoked => {
            "Bearer realm=\"doorward\", error=\"invalid_token\", error_description=\"The session has ended\""
        }
        Code::TokenReused => {
            "Bearer realm=\"doorward\", error=\"invalid_token\", error_description=\"The refresh token was used before\""
        }
        Code::WrongTokenType => {
            "Bearer realm=\"doorward\", error=\"invalid_token\", error_description=\"The token is of the wrong type\""
        }
        _ => "Bearer realm=\"doorward\"",
    })
}

/// Which failures an operation can answer stands in `description::failures`, for all operations in one table.
impl Apiv2Errors for ApiError {}

/// An error with all its causes, in one line: for the log, and for whoever runs a command.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn told_to_wait(retry_after: Duration) -> String {
        let answer = ApiError::too_many(Code::RateLimited, TooMany { retry_after }).error_response();
        answer.headers().get(header::RETRY_AFTER).unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn whoever_is_to_come_again_is_told_whole_seconds_that_are_enough() {
        assert_eq!(told_to_wait(Duration::ZERO), "1");
        assert_eq!(told_to_wait(Duration::from_nanos(1)), "1");
        assert_eq!(told_to_wait(Duration::from_secs(12)), "12");
        assert_eq!(told_to_wait(Duration::from_millis(12_001)), "13");
    }
}
