//! Where a user is found.

use doorward_domain::user::User;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a user is found.
pub(crate) fn user_path(user: &User) -> String {
    format!("/api/user/{}", utf8_percent_encode(user.username.as_str(), RESERVED))
}
