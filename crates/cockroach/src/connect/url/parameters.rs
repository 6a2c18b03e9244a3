//! What may stand behind the question mark.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio_postgres::Config;

use super::{UrlError, split};

const SECONDS: &str = "a number of seconds";

/// Every parameter with the values that it may have.
pub(super) const KNOWN: [(&str, &str); 21] = [
    ("application_name", "a text"),
    ("channel_binding", "disable, prefer or require"),
    ("connect_timeout", SECONDS),
    ("dbname", "the name of a database"),
    ("host", "a list of hosts"),
    ("hostaddr", "a list of IP addresses"),
    ("keepalives", "0 or 1"),
    ("keepalives_idle", SECONDS),
    ("keepalives_interval", SECONDS),
    ("keepalives_retries", "a number"),
    ("load_balance_hosts", "disable or random"),
    ("options", "options of a session, such as -c search_path=doorward"),
    ("password", "a text"),
    ("port", "a list of ports"),
    ("sslcert", "the path of a file"),
    ("sslkey", "the path of a file"),
    ("sslmode", "verify-full, require or disable"),
    ("sslrootcert", "the path of a file, or system"),
    ("target_session_attrs", "any, read-write or read-only"),
    ("tcp_user_timeout", SECONDS),
    ("user", "a text"),
];

/// Where the URL is silent. A peer that is gone is noticed within a minute also while nothing is sent, and within ten
/// seconds otherwise.
const USUAL: [(&str, &str); 5] = [
    ("application_name", "doorward"),
    ("keepalives_idle", "30"),
    ("keepalives_interval", "10"),
    ("keepalives_retries", "3"),
    ("tcp_user_timeout", "10"),
];

/// Parameters with their values.
pub(super) struct Parameters(BTreeMap<&'static str, String>);

impl Parameters {
    /// From `name=value[&…]`.
    pub(super) fn parse(query: &str) -> Result<Self, UrlError> {
        let mut parameters = Self(BTreeMap::new());
        let pairs = query.split('&').filter(|_| !query.is_empty());
        for (position, pair) in (1..).zip(pairs) {
            let (name, value) = pair.split_once('=').ok_or(UrlError::Shape { position })?;
            let (name, _) =
                KNOWN.into_iter().find(|(known, _)| *known == name).ok_or(UrlError::Unknown { position })?;
            parameters.insert(name, split::decode(name, value)?)?;
        }
        Ok(parameters)
    }

    /// Adds one, which must not be there yet.
    pub(super) fn insert(&mut self, name: &'static str, value: String) -> Result<(), UrlError> {
        if self.0.insert(name, value).is_some() { Err(UrlError::Twice { name }) } else { Ok(()) }
    }

    /// Takes one out.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Has the driver read what is left, with what is usual where the URL is silent.
    pub(super) fn into_config(mut self, several_hosts: bool) -> Result<Config, UrlError> {
        let mut usual = USUAL.to_vec();
        if several_hosts {
            // When one host is gone, the next one gets its turn within the time that a connection may take.
            usual.extend([("connect_timeout", "1"), ("load_balance_hosts", "random")]);
        } else {
            usual.push(("connect_timeout", "3"));
        }
        for (name, value) in usual {
            self.0.entry(name).or_insert_with(|| value.to_owned());
        }
        // One more each time, because the driver's own message does not say what is allowed.
        let mut query = String::new();
        let mut config = Config::new();
        for (name, value) in self.0 {
            query.extend([name, "="].into_iter().chain(utf8_percent_encode(&value, NON_ALPHANUMERIC)));
            query.push('&');
            config = format!("postgresql://?{query}").parse().map_err(|_| refused(name))?;
        }
        Ok(config)
    }
}

/// The error for a value that a parameter cannot have.
pub(super) fn refused(name: &'static str) -> UrlError {
    let allowed =
        KNOWN.into_iter().find(|(known, _)| *known == name).map_or("something else", |(_, allowed)| allowed);
    UrlError::Value { name, allowed }
}
