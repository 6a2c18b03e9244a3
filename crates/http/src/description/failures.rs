//! Which failures each operation can answer.

use crate::error::Code;

/// What any request can meet before it reaches its route.
const ANYWHERE: &[Code] = &[
    Code::BadRequest,
    Code::RequestTimeout,
    Code::PayloadTooLarge,
    Code::UriTooLong,
    Code::HeadersTooLarge,
    Code::Internal,
    Code::Unavailable,
];

/// What a route for signed-in callers adds.
const WITH_TOKEN: &[Code] =
    &[Code::TokenMissing, Code::TokenInvalid, Code::TokenExpired, Code::TokenRevoked, Code::WrongTokenType];

/// What a route with a body adds.
const WITH_BODY: &[Code] = &[Code::MalformedJson, Code::ValidationFailed, Code::UnsupportedMediaType];

/// What each operation adds by itself.
const BY_OPERATION: &[(&str, &[Code])] = &[
    ("login", &[Code::InvalidCredentials, Code::AccountDisabled, Code::TooManyAttempts, Code::Overloaded]),
    ("login_status", &[]),
    ("logout", &[]),
    ("logout_by_get", &[]),
    ("refresh", &[Code::TokenReused, Code::RateLimited]),
    ("refresh_by_get", &[Code::TokenReused, Code::RateLimited]),
    ("register_user", &[Code::RegistrationClosed, Code::UsernameTaken, Code::RateLimited, Code::Overloaded]),
    (
        "update_me",
        &[
            Code::WrongPassword,
            Code::UsernameTaken,
            Code::Conflict,
            Code::RateLimited,
            Code::TooManyAttempts,
            Code::Overloaded,
        ],
    ),
    ("me", &[]),
    ("change_password", &[Code::WrongPassword, Code::Conflict, Code::TooManyAttempts, Code::Overloaded]),
    ("list_users", &[Code::ValidationFailed, Code::Forbidden]),
    ("list_users_by_put", &[Code::Forbidden]),
    ("list_active_users", &[Code::ValidationFailed, Code::Forbidden]),
    ("list_active_users_by_put", &[Code::Forbidden]),
    ("view_user", &[Code::Forbidden, Code::UserNotFound]),
    (
        "update_user",
        &[
            Code::Forbidden,
            Code::UserNotFound,
            Code::WrongPassword,
            Code::UsernameTaken,
            Code::LastAdmin,
            Code::Conflict,
            Code::RateLimited,
            Code::TooManyAttempts,
            Code::Overloaded,
        ],
    ),
    ("delete_user", &[Code::Forbidden, Code::UserNotFound, Code::LastAdmin]),
    ("list_sessions", &[]),
    ("end_session", &[Code::SessionNotFound]),
    ("logout_others", &[]),
    ("logout_all", &[]),
    ("end_sessions_of_user", &[Code::Forbidden, Code::UserNotFound]),
    ("list_audit", &[Code::ValidationFailed, Code::Forbidden]),
    ("public_keys", &[]),
    ("health", &[]),
    ("readiness", &[]),
];

/// Every failure of an operation, in the order of the table of codes.
pub(super) fn of(operation: &str, has_token: bool, has_body: bool) -> Vec<Code> {
    let own = BY_OPERATION.iter().find(|(id, _)| *id == operation).map_or(&[][..], |(_, codes)| codes);
    let mut codes: Vec<Code> = [ANYWHERE, own].concat();
    if has_token {
        codes.extend(WITH_TOKEN);
    }
    if has_body {
        codes.extend(WITH_BODY);
    }
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The operations of the table.
#[cfg(test)]
pub(super) fn operations() -> impl Iterator<Item = &'static str> {
    BY_OPERATION.iter().map(|(id, _)| *id)
}
