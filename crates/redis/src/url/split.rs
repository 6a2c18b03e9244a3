//! A URL taken apart, before any of it means something.

use percent_encoding::percent_decode_str;

use super::RedisUrlError;

/// What stands before `://`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Node,
    Sentinel,
    Cluster,
}

impl Scheme {
    pub(super) fn is_sentinel(self) -> bool {
        self == Self::Sentinel
    }
}

const SCHEMES: [(&str, Scheme, bool); 6] = [
    ("redis", Scheme::Node, false),
    ("rediss", Scheme::Node, true),
    ("redis-sentinel", Scheme::Sentinel, false),
    ("rediss-sentinel", Scheme::Sentinel, true),
    ("redis-cluster", Scheme::Cluster, false),
    ("rediss-cluster", Scheme::Cluster, true),
];

/// The parts, each still percent-encoded.
pub(super) struct Parts<'a> {
    pub(super) scheme: Scheme,
    pub(super) encrypted: bool,
    pub(super) user: Option<&'a str>,
    pub(super) password: Option<&'a str>,
    /// `host[:port][,…]`, or nothing.
    pub(super) hosts: &'a str,
    /// What stands behind the first `/`.
    pub(super) path: Option<&'a str>,
    /// `name=value[&…]`, or nothing.
    pub(super) query: &'a str,
}

impl<'a> Parts<'a> {
    /// The user and the password end at the first `@`; the hosts at the first `/` or `?` behind it.
    ///
    /// A password with one of these signs in it would be cut in two, and a half of it taken for a host and printed.
    /// Such a URL is refused: it has an `@` too many, or one behind the place where it belongs.
    pub(super) fn split(text: &'a str) -> Result<Self, RedisUrlError> {
        let (name, rest) = text.split_once("://").ok_or(RedisUrlError::Scheme)?;
        let (_, scheme, encrypted) =
            SCHEMES.into_iter().find(|(known, ..)| *known == name).ok_or(RedisUrlError::Scheme)?;
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) =
            before.split_once('/').map_or((before, None), |(authority, path)| (authority, Some(path)));
        let (credentials, hosts) = authority
            .split_once('@')
            .map_or((None, authority), |(credentials, hosts)| (Some(credentials), hosts));
        let behind = [hosts, path.unwrap_or_default(), query];
        if rest.contains('#') || behind.iter().any(|part| part.contains('@')) {
            return Err(RedisUrlError::Ambiguous);
        }
        let (user, password) = match credentials.map(|both| (both, both.split_once(':'))) {
            None => (None, None),
            Some((user, None)) => (Some(user), None),
            Some((_, Some((user, password)))) => (Some(user), Some(password)),
        };
        let user = user.filter(|user| !user.is_empty());
        let password = password.filter(|password| !password.is_empty());
        Ok(Self { scheme, encrypted, user, password, hosts, path, query })
    }
}

/// Resolves the percent-encoding; stricter than RFC 3986 §2.4 would need, so that a `%` that was meant is noticed.
pub(super) fn decode(part: &'static str, text: &str) -> Result<String, RedisUrlError> {
    let encoded =
        |after: &str| after.len() >= 2 && after.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| RedisUrlError::Encoding { part })?;
    let sound = text.split('%').skip(1).all(encoded) && !decoded.contains('\0');
    if sound { Ok(decoded.into_owned()) } else { Err(RedisUrlError::Encoding { part }) }
}
