//! URLs without the passwords in them, for people who look at their settings.

/// What stands where a secret was. A value that holds it was copied from such a listing and is refused.
pub(crate) const REDACTED: &str = "[redacted]";

/// What stands before the `@` of a URL where there is no colon.
#[derive(Clone, Copy)]
pub(super) enum Alone {
    /// A user's name.
    User,
    /// A user's name, or a password that somebody put in its place.
    Secret,
}

/// A URL that its kind has read, without its passwords: the one behind the user, and those among the parameters.
///
/// It was read, so it has at most one `@` before its first `/` or `?`, and none behind.
pub(super) fn url(text: &str, alone: Alone) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return REDACTED.to_owned() };
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let place = match place.split_once('@') {
        Some((login, place)) => format!("{}@{place}", without_password(login, alone)),
        None => place.to_owned(),
    };
    let query = query.map_or(String::new(), |query| {
        let pairs: Vec<_> = query.split('&').map(parameter).collect();
        format!("?{}", pairs.join("&"))
    });
    format!("{scheme}://{place}{query}")
}

fn without_password(login: &str, alone: Alone) -> String {
    match (login.split_once(':'), alone) {
        (Some((_, "")), _) | (None, Alone::User) => login.to_owned(),
        (Some((user, _)), _) => format!("{user}:{REDACTED}"),
        (None, Alone::Secret) => REDACTED.to_owned(),
    }
}

fn parameter(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, _)) if name.contains("password") => format!("{name}={REDACTED}"),
        _ => pair.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::kind::{DatabaseUrl, Kind, Redis};

    #[test]
    fn cfg_01_a_url_is_shown_without_its_passwords() {
        for (url, shown) in [
            ("sqlite:///srv/a:b@c.db", "sqlite:///srv/a:b@c.db"),
            ("postgresql://ada@db/d?sslmode=require", "postgresql://ada@db/d?sslmode=require"),
            ("postgresql://ada:sesame@db1:1,db2/d", "postgresql://ada:[redacted]@db1:1,db2/d"),
            ("postgresql://ada:sesame:sesame%40@db/d", "postgresql://ada:[redacted]@db/d"),
            ("postgres://db/d?user=ada&password=sesame", "postgres://db/d?user=ada&password=[redacted]"),
        ] {
            assert!(DatabaseUrl.read(url).is_some(), "{url}");
            assert_eq!(DatabaseUrl.masked(url), shown);
        }
        for (url, shown) in [
            ("redis://cache:1/0", "redis://cache:1/0"),
            ("rediss://:sesame@cache", "rediss://:[redacted]@cache"),
            ("redis://ada:sesame@cache/3", "redis://ada:[redacted]@cache/3"),
            ("redis://sesame@cache", "redis://[redacted]@cache"),
            (
                "redis-sentinel://ada:sesame@a,b/s/0?sentinel_username=bob&sentinel_password=sesame",
                "redis-sentinel://ada:[redacted]@a,b/s/0?sentinel_username=bob&sentinel_password=[redacted]",
            ),
        ] {
            assert!(Redis.read(url).is_some(), "{url}");
            assert_eq!(Redis.masked(url), shown);
        }
    }

    #[test]
    fn what_is_no_url_is_not_shown_at_all() {
        assert_eq!(Redis.masked("sesame"), "[redacted]");
    }
}
