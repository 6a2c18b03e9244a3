//! What holds of the URL of a Redis, whatever an operator writes. The tests try it on the inputs that are kept in
//! `crates/fuzz/corpus`, libFuzzer on those that it makes up.

use crate::url::{Exposure, Host, RedisUrl};

/// Reads a URL.
pub(crate) fn hold(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(url) = RedisUrl::parse(text) else { return };
    let place = url.describe();
    assert_eq!((url.to_string(), format!("{url:?}")), (place.clone(), format!("RedisUrl({place})")));

    let again = RedisUrl::parse(&place);
    let again = again.unwrap_or_else(|error| panic!("{place} is no URL: {error}"));
    assert_eq!(again.describe(), place);
    assert_eq!((again.hosts(), again.database()), (url.hosts(), url.database()));
    assert_eq!((again.is_cluster(), again.is_encrypted()), (url.is_cluster(), url.is_encrypted()));
    assert!(again.is_same_database(&url) && url.is_same_database(&again));
    assert!(!again.is_same_database(&url.clone().with_database(i64::MAX)) || url.is_cluster());

    // What is printed has nothing of the credentials and the parameters: without them it is the same.
    let login = again.login();
    assert!(login.user.is_none() && login.password.is_none() && again.sentinel_login().password.is_none());
    assert_eq!(RedisUrl::parse(&bare(text)).map(|url| url.describe()).ok(), Some(place.clone()));
    assert_eq!(url.clone().with_password("open sesame").describe(), place);

    let is_far = !url.hosts().iter().all(Host::is_loopback);
    let has_password = url.login().password.as_ref().is_some_and(|password| !password.is_empty());
    let exposure = match (url.is_encrypted(), has_password) {
        (false, _) => Some(Exposure::Unencrypted),
        (true, false) => Some(Exposure::NoPassword),
        (true, true) => None,
    };
    assert_eq!(url.needs_leave(), exposure.filter(|_| is_far));
}

/// The text without credentials and parameters.
fn bare(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let (place, _) = rest.split_once('?').unwrap_or((rest, ""));
    let (_, place) = place.split_once('@').unwrap_or(("", place));
    format!("{scheme}://{place}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_url_in_the_corpus_is_printed_without_its_secrets() {
        doorward_testkit::corpus::each_input_of("redis_url", super::hold);
    }
}
