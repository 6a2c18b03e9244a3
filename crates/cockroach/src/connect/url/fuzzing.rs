//! What holds of the URL of a database, whatever an operator writes. The tests try it on the inputs that are kept in
//! `crates/fuzz/corpus`, libFuzzer on those that it makes up.

use std::net::IpAddr;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode as OnTheWire};

use crate::connect::url::{ConnectionUrl, Policy, SslMode, UrlError};

/// Reads a URL, as an operator who allows nothing and as one who allows a database that may be anybody.
pub(crate) fn hold(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let [strict, lax] =
        [false, true].map(|allow_unverified| ConnectionUrl::parse(text, Policy { allow_unverified }));
    let url = match lax {
        Ok(url) => url,
        Err(error) => return assert_eq!(strict.err(), Some(error)),
    };
    let (mode, config) = (url.ssl_mode(), url.config());
    assert_eq!(config.get_ssl_mode() == OnTheWire::Disable, mode == SslMode::Disable);
    match strict {
        Ok(strict) => assert_eq!(strict.to_string(), url.to_string()),
        Err(error) => assert!(matches!(error, UrlError::Unverified { .. }) && !is_local(&config)),
    }
    let is_safe = mode == SslMode::VerifyFull || is_local(&config);
    assert_eq!(is_safe, ConnectionUrl::parse(text, Policy { allow_unverified: false }).is_ok());

    let place = url.describe();
    assert_eq!(url.to_string(), format!("{place}?sslmode={mode}"));
    assert_eq!(format!("{url:?}"), format!("ConnectionUrl({url})"));
    let lax = |text: &str| ConnectionUrl::parse(text, Policy { allow_unverified: true });
    let again = lax(&url.to_string());
    let again = again.unwrap_or_else(|error| panic!("{url} is no URL: {error}"));
    assert_eq!(again.to_string(), url.to_string());
    let same = again.config();
    assert_eq!((same.get_hosts(), same.get_ports()), (config.get_hosts(), config.get_ports()));
    assert_eq!((same.get_dbname(), same.get_password()), (config.get_dbname(), None));
    // What is printed has nothing of the credentials: with others it is the same.
    assert_eq!(lax(&of_somebody_else(text)).map(|url| url.describe()), Ok(place.clone()));
    assert_eq!(url.with_password("open sesame").describe(), place);
}

/// Whether nothing leaves this machine.
fn is_local(config: &Config) -> bool {
    let is_loopback = |address: &IpAddr| address.to_canonical().is_loopback();
    if !config.get_hostaddrs().is_empty() {
        return config.get_hostaddrs().iter().all(is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|ip| is_loopback(&ip))
        }
        Host::Unix(_) => true,
    })
}

/// The text with another user and another password, where it has one.
fn of_somebody_else(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let (authority, behind) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let Some((credentials, hosts)) = authority.split_once('@') else { return text.to_owned() };
    let other: Vec<_> =
        credentials.splitn(2, ':').map(|part| if part.is_empty() { "" } else { "x" }).collect();
    format!("{scheme}://{}@{hosts}{behind}", other.join(":"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_url_in_the_corpus_is_printed_without_its_secrets() {
        doorward_testkit::corpus::each_input_of("database_url", super::hold);
    }
}
