//! A URL taken apart, before any of it means something.

use percent_encoding::percent_decode_str;

use super::UrlError;

/// The parts, each still percent-encoded.
pub(super) struct Parts<'a> {
    pub(super) user: Option<&'a str>,
    pub(super) password: Option<&'a str>,
    /// `host[:port][,…]`, or nothing.
    pub(super) hosts: &'a str,
    pub(super) database: Option<&'a str>,
    /// `name=value[&…]`, or nothing.
    pub(super) query: &'a str,
}

impl<'a> Parts<'a> {
    /// The query begins at the first `?`, the path before it at the first `/`, and the user ends at an `@` before both.
    ///
    /// A password in which one of them was not encoded would be cut in two, and a half of it taken for a host or a
    /// database and printed. Such a URL is refused: it has an `@` too many, or one behind the place where it belongs.
    pub(super) fn split(text: &'a str) -> Result<Self, UrlError> {
        let rest = text
            .strip_prefix("postgresql://")
            .or_else(|| text.strip_prefix("postgres://"))
            .ok_or(UrlError::Scheme)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = optional(rest.split_once('/'), rest);
        let (credentials, hosts) = match authority.split_once('@') {
            Some((credentials, hosts)) => (Some(credentials), hosts),
            None => (None, authority),
        };
        let cut_in_two = hosts.contains('@')
            || database.is_some_and(|name| name.contains(['@', '/']))
            || (credentials.is_none() && query.contains('@'));
        if cut_in_two {
            return Err(UrlError::Ambiguous);
        }
        let (user, password) = match credentials {
            Some(credentials) => {
                let (user, password) = optional(credentials.split_once(':'), credentials);
                (Some(user).filter(|user| !user.is_empty()), password)
            }
            None => (None, None),
        };
        Ok(Self { user, password, hosts, database: database.filter(|name| !name.is_empty()), query })
    }
}

/// The two halves of a cut, or the whole where there was none.
fn optional<'a>(cut: Option<(&'a str, &'a str)>, whole: &'a str) -> (&'a str, Option<&'a str>) {
    cut.map_or((whole, None), |(before, after)| (before, Some(after)))
}

/// Resolves the percent-encoding; stricter than RFC 3986 §2.4 would need, as libpq is.
pub(super) fn decode(part: &'static str, text: &str) -> Result<String, UrlError> {
    let every_sign_has_its_digits = text.split('%').skip(1).all(|after| {
        let mut digits = after.bytes();
        [digits.next(), digits.next()]
            .iter()
            .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit()))
    });
    let decoded = percent_decode_str(text).decode_utf8().ok();
    decoded
        // The protocol ends a text with a zero byte.
        .filter(|decoded| every_sign_has_its_digits && !decoded.contains('\0'))
        .map(std::borrow::Cow::into_owned)
        .ok_or(UrlError::Encoding { part })
}
