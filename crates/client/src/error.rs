//! What can go wrong: the service refuses, or there is no answer of its.

use std::fmt;
use std::time::Duration;

use crate::answers::{FieldFault, StoreState};
use crate::words::words;

words! {
    /// Why the service refused: the stable codes of its failures.
    ErrorCode {
        /// The body is not one JSON object in UTF-8.
        MalformedJson = "malformed_json",
        /// Fields are missing, unknown or not acceptable; [`Refusal::fields`] names each.
        ValidationFailed = "validation_failed",
        /// The request itself is not understood, such as a cursor of another list.
        BadRequest = "bad_request",
        /// The username is unknown or the password is wrong; it is not told which.
        InvalidCredentials = "invalid_credentials",
        /// A token is needed.
        TokenMissing = "token_missing",
        /// The token is not one of this service.
        TokenInvalid = "token_invalid",
        /// The token's time has passed. A session with a refresh token sees to that by itself.
        TokenExpired = "token_expired",
        /// The session has ended, or the account is gone or disabled.
        TokenRevoked = "token_revoked",
        /// A refresh token was shown that was spent before; the session has ended.
        TokenReused = "token_reused",
        /// An access token where a refresh token belongs, or the other way round.
        WrongTokenType = "wrong_token_type",
        /// The caller lacks the right.
        Forbidden = "forbidden",
        /// The password was right, and an admin has disabled the account.
        AccountDisabled = "account_disabled",
        /// The current password is wrong.
        WrongPassword = "wrong_password",
        /// Registration is switched off.
        RegistrationClosed = "registration_closed",
        /// There is no such route.
        NotFound = "not_found",
        /// There is no such user.
        UserNotFound = "user_not_found",
        /// The caller has no such live session.
        SessionNotFound = "session_not_found",
        /// The route has other methods.
        MethodNotAllowed = "method_not_allowed",
        /// The body did not arrive in time.
        RequestTimeout = "request_timeout",
        /// The address belongs to an account already.
        UsernameTaken = "username_taken",
        /// The change would leave no active admin.
        LastAdmin = "last_admin",
        /// Others changed the same thing at the same time; trying again helps.
        Conflict = "conflict",
        /// The body is larger than the service accepts.
        PayloadTooLarge = "payload_too_large",
        /// The URL is longer than the service accepts.
        UriTooLong = "uri_too_long",
        /// The body is not JSON in UTF-8.
        UnsupportedMediaType = "unsupported_media_type",
        /// Too much of this kind came from the network or the account; see [`Refusal::retry_after`].
        RateLimited = "rate_limited",
        /// Too many passwords were tried; see [`Refusal::retry_after`].
        TooManyAttempts = "too_many_attempts",
        /// The headers are larger than the service accepts.
        HeadersTooLarge = "headers_too_large",
        /// Something failed inside; [`Refusal::request_id`] finds it in the service's log.
        Internal = "internal",
        /// A store is out of reach, or the service is about to stop; see [`Refusal::retry_after`].
        Unavailable = "unavailable",
        /// Too many passwords wait to be hashed; see [`Refusal::retry_after`].
        Overloaded = "overloaded",
    }
}

/// A failure, as the service tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// Why, for a program.
    pub code: ErrorCode,
    /// Why, for a person.
    pub message: String,
    /// With [`ErrorCode::ValidationFailed`]: every field that is not acceptable.
    pub fields: Vec<FieldFault>,
    /// Of the readiness: the state of each store.
    pub stores: Vec<StoreState>,
    /// How long to wait before trying again.
    pub retry_after: Option<Duration>,
    /// Names the request in the service's log.
    pub request_id: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}: {}", self.status, self.code, self.message)?;
        for fault in &self.fields {
            write!(formatter, " {} {}.", fault.field, fault.message)?;
        }
        Ok(())
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The service answered that it does not do this.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// No whole answer came; unless the connection failed, it is unknown whether the request was carried out.
    #[error("no answer from the service")]
    Transport(#[source] reqwest::Error),
    /// Something answered that does not speak like this service, such as a proxy before it.
    #[error("an answer with status {status} that is not one of the service")]
    Foreign {
        /// The HTTP status.
        status: u16,
        /// Names the request, where the answer did.
        request_id: Option<String>,
    },
    /// Whether the refresh token was spent is unknown, and it is too late to show it again: somebody has to log in.
    #[error("it is unknown whether the session was refreshed; a new login is needed")]
    InDoubt,
    /// This is no address of a service.
    #[error("{0:?} is no address such as http://127.0.0.1:8080")]
    Address(String),
}

impl Error {
    /// What the service said, if it refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Why the service refused, if it did.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.refusal().map(|refusal| &refusal.code)
    }

    /// Names the request in the service's log.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => refusal.request_id.as_deref(),
            Self::Foreign { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// How long the service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.refusal().and_then(|refusal| refusal.retry_after)
    }

    /// Whether the request may have been carried out although nobody said so.
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.status >= 500 && refusal.code != ErrorCode::Overloaded,
            Self::Transport(error) => !error.is_connect() && !error.is_builder(),
            Self::Foreign { .. } | Self::InDoubt => true,
            Self::Address(_) => false,
        }
    }
}

impl From<reqwest::Error> for Error {
    /// Without the URL, which may name a person.
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(error.without_url())
    }
}
