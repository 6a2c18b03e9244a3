//! Every failure a client can meet: its stable code, its status, and what it says to a person.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $status:ident, $message:literal;)+) => {
        /// A failure, as a client sees it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable name in `results.code`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// What the envelope's `message` says.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)+ }
            }

            /// When a client meets it.
            pub const fn when(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// The body is not one JSON object in UTF-8: a syntax error, an array, a key given twice, something after the object, more than 64 keys in one object, or nesting deeper than 16.
    MalformedJson = "malformed_json", BAD_REQUEST, "The request body is not one valid JSON object.";
    /// The body or the query was understood, and fields of it are missing, unknown or not acceptable; `fields` names each, up to 32.
    ValidationFailed = "validation_failed", BAD_REQUEST, "Some fields are not acceptable.";
    /// The request itself is not understood: a path or query that is not percent-encoded UTF-8, a control character, two `Authorization` headers, a page cursor of another list.
    BadRequest = "bad_request", BAD_REQUEST, "The request is not understood.";
    /// Login with an unknown username or a wrong password; it is not told which.
    InvalidCredentials = "invalid_credentials", UNAUTHORIZED, "The username or the password is wrong.";
    /// The route needs a token, and `Authorization: Bearer …` is absent.
    TokenMissing = "token_missing", UNAUTHORIZED, "Unauthorized access. A token should be provided.";
    /// The token is not one that this service signed, or says something this service never says.
    TokenInvalid = "token_invalid", UNAUTHORIZED, "Unauthorized access. The token is not valid.";
    /// The token's time has passed.
    TokenExpired = "token_expired", UNAUTHORIZED, "Unauthorized access. The token has expired.";
    /// The token's session has ended, or its account is gone or disabled.
    TokenRevoked = "token_revoked", UNAUTHORIZED, "Unauthorized access. The session has ended.";
    /// A refresh token that was spent before was shown again; the session has ended.
    TokenReused = "token_reused", UNAUTHORIZED, "Unauthorized access. The refresh token was used before, so the session has ended.";
    /// A refresh token where an access token belongs, or the other way round.
    WrongTokenType = "wrong_token_type", UNAUTHORIZED, "Unauthorized access. The token is of the wrong type for this route.";
    /// A good token of somebody who lacks the right.
    Forbidden = "forbidden", FORBIDDEN, "You do not have the right to do this.";
    /// Login with the right password for an account that an admin has disabled.
    AccountDisabled = "account_disabled", FORBIDDEN, "The account is disabled.";
    /// The current password, asked for once more, is wrong.
    WrongPassword = "wrong_password", FORBIDDEN, "The current password is wrong.";
    /// Registration is switched off.
    RegistrationClosed = "registration_closed", FORBIDDEN, "Registration is closed.";
    /// There is no such route.
    NotFound = "not_found", NOT_FOUND, "There is nothing here.";
    /// An admin named a user who does not exist.
    UserNotFound = "user_not_found", NOT_FOUND, "There is no such user.";
    /// The caller has no such live session.
    SessionNotFound = "session_not_found", NOT_FOUND, "You have no such session.";
    /// The route exists, and not for this method; `Allow` lists those it has.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "This method is not allowed here.";
    /// The body did not arrive in time; the connection is closed.
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "The request body did not arrive in time.";
    /// The address belongs to an account already.
    UsernameTaken = "username_taken", CONFLICT, "This username is taken.";
    /// The change would leave no active admin.
    LastAdmin = "last_admin", CONFLICT, "The last active admin must remain.";
    /// Others changed the same thing at the same time; trying again helps.
    Conflict = "conflict", CONFLICT, "Somebody else changed this at the same time. Please try again.";
    /// The body is larger than the service accepts.
    PayloadTooLarge = "payload_too_large", PAYLOAD_TOO_LARGE, "The request body is too large.";
    /// The URL is longer than the service accepts.
    UriTooLong = "uri_too_long", URI_TOO_LONG, "The URL is too long.";
    /// The body is not `application/json` in UTF-8, or is compressed.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The request body must be application/json.";
    /// Too many accounts were opened, or tokens refreshed, from the client's network, or the account was changed too often by its owner; `Retry-After` says when to try again.
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "Too many requests of this kind came from your network or your account. Please try again later.";
    /// Too many passwords were tried, from the client's network or for the account; `Retry-After` says when to try again. The password sent was not looked at.
    TooManyAttempts = "too_many_attempts", TOO_MANY_REQUESTS, "Too many passwords were tried. Please try again later.";
    /// The headers are larger than the service accepts.
    HeadersTooLarge = "headers_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE, "The request headers are too large.";
    /// Something failed inside; the request id finds the log line.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong on our side.";
    /// A store is out of reach, cannot write (its disk is full or fails: the log says which), or the service is about to stop; `Retry-After` says when to try again.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The service is not available right now. Please try again soon.";
    /// No more passwords from the client's network may wait to be hashed; `Retry-After` says when to try again.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "The service is busy. Please try again soon.";
}

impl Code {
    /// The code that stands for a status which something below this service chose by itself.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::TokenMissing,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::RequestTimeout,
            StatusCode::CONFLICT => Self::Conflict,
            StatusCode::PAYLOAD_TOO_LARGE => Self::PayloadTooLarge,
            StatusCode::URI_TOO_LONG => Self::UriTooLong,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::TOO_MANY_REQUESTS => Self::RateLimited,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::HeadersTooLarge,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.is_client_error() => Self::BadRequest,
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_snake_case() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
    }

    #[test]
    fn messages_are_one_sentence_or_two() {
        assert!(Code::ALL.iter().all(|code| code.message().ends_with('.') && !code.when().is_empty()));
    }
}
