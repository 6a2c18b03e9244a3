//! Where the database is, and how to speak to it, as an operator writes it in one line.

mod encryption;
mod error;
mod parameters;
mod servers;
mod session;
mod split;

pub(crate) use encryption::{ClientFiles, Encryption, Roots};
pub use encryption::{Policy, SslMode};
pub use error::UrlError;
pub use session::Timeouts;

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio_postgres::Config;

use parameters::Parameters;
use servers::{Server, Surroundings};
use split::Parts;

/// What needs no encoding in the name of a host, a directory or a database.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// A URL that names one database, on one server or on several that stand for each other.
///
/// It is printed without its user, its password and its parameters.
#[derive(Clone)]
pub struct ConnectionUrl {
    servers: Vec<Server>,
    database: String,
    encryption: Encryption,
    /// Complete but for the options, which [`Self::config`] adds.
    config: Config,
    options: String,
    timeouts: Timeouts,
}

impl ConnectionUrl {
    /// Reads `postgresql://[user[:password]@]host[:port][,…]/database[?name=value[&…]]`.
    ///
    /// Names, values and their meaning are those of libpq, with these differences: the connection is encrypted and
    /// the server's certificate checked unless the URL says otherwise (`sslmode`, see [`SslMode`]); a host and a
    /// database must be named; `tcp_user_timeout` is in seconds; nothing is taken from the environment or from
    /// files in a home directory.
    pub fn parse(text: &str, policy: Policy) -> Result<Self, UrlError> {
        let parts = Parts::split(text)?;
        let mut parameters = Parameters::parse(parts.query)?;
        for (name, value) in [("user", parts.user), ("password", parts.password), ("dbname", parts.database)]
        {
            if let Some(value) = value {
                parameters.insert(name, split::decode(name, value)?)?;
            }
        }
        let database =
            parameters.take("dbname").filter(|name| !name.is_empty()).ok_or(UrlError::NoDatabase)?;
        let servers = Server::list(parts.hosts, parameters.take("host"), parameters.take("port"))?;
        let addresses = servers::addresses(parameters.take("hostaddr"), servers.len())?;
        let surroundings = Surroundings::of(&servers, &addresses);
        let encryption = Encryption::choose(&mut parameters, surroundings, policy)?;
        let options = parameters.take("options").unwrap_or_default();

        let mut config = parameters.into_config(servers.len() > 1)?;
        config.dbname(&database).ssl_mode(encryption.mode.on_the_wire());
        for server in &servers {
            server.add_to(&mut config);
        }
        for address in addresses {
            config.hostaddr(address);
        }
        Ok(Self { servers, database, encryption, config, options, timeouts: Timeouts::default() })
    }

    /// The same with this password, which wins over one in the URL.
    pub fn with_password(mut self, password: &str) -> Self {
        self.config.password(password);
        self
    }

    /// The same with these limits instead of the usual ones. They win over the `options` of the URL.
    pub fn with_timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Where the database is, for messages: `postgresql://db1:26257,db2:26257/doorward`.
    pub fn describe(&self) -> String {
        let servers: Vec<_> = self.servers.iter().map(ToString::to_string).collect();
        format!("postgresql://{}/{}", servers.join(","), utf8_percent_encode(&self.database, PLAIN))
    }

    /// How the connection is protected.
    pub fn ssl_mode(&self) -> SslMode {
        self.encryption.mode
    }

    /// How to encrypt.
    pub(crate) fn encryption(&self) -> &Encryption {
        &self.encryption
    }

    /// Everything but the encryption, as the driver takes it.
    pub(crate) fn config(&self) -> Config {
        let mut config = self.config.clone();
        config.options(self.timeouts.after(&self.options));
        config
    }
}

impl fmt::Display for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}?sslmode={}", self.describe(), self.encryption.mode)
    }
}

impl fmt::Debug for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionUrl({self})")
    }
}

#[cfg(test)]
mod fuzzing;
#[cfg(test)]
mod tests;
