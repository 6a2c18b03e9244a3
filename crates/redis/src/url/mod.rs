//! Where Redis is, as an operator writes it in one line.

mod error;
mod host;
mod parameters;
mod split;

pub use error::RedisUrlError;
pub use host::Host;

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use parameters::Parameters;
use split::Parts;

/// What needs no encoding in the name of a service.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// A URL that names one server, one cluster, or the sentinels that know where a server is.
///
/// It is printed without its user, its passwords and its parameters.
#[derive(Clone)]
pub struct RedisUrl {
    form: Form,
    encrypted: bool,
    hosts: Vec<Host>,
    database: i64,
    login: Login,
}

/// What answers at the hosts.
#[derive(Clone)]
pub(crate) enum Form {
    /// The server itself.
    Node,
    /// Sentinels, to be asked for the server.
    Sentinels {
        /// What they call it.
        service: String,
        /// How to log in to them, where that is said.
        user: Option<String>,
        /// The same password as for the server, unless another is given.
        password: Option<String>,
    },
    /// Some of the servers of a cluster.
    Cluster,
}

/// How to log in. Nothing prints it.
#[derive(Clone, Default)]
pub(crate) struct Login {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
}

/// Why a URL needs an operator's leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exposure {
    /// Everybody on the way can read and change what is said.
    #[error("nothing is encrypted on the way to another machine")]
    Unencrypted,
    /// Everybody who can reach the server can use it.
    #[error("there is no password for a server on another machine")]
    NoPassword,
}

impl RedisUrl {
    /// Reads one of these; with `rediss` for `redis`, everything is encrypted and certificates are checked:
    ///
    /// - `redis://[[user]:password@]host[:6379][/database]`
    /// - `redis-sentinel://[[user]:password@]host[:26379][,…]/service[/database][?name=value[&…]]`
    /// - `redis-cluster://[[user]:password@]host[:6379][,…]`
    ///
    /// Sentinels are told the password too, unless they have one of their own: `sentinel_password`, which may be
    /// empty, and `sentinel_username`.
    pub fn parse(text: &str) -> Result<Self, RedisUrlError> {
        let parts = Parts::split(text)?;
        let mut parameters = Parameters::parse(parts.query, parts.scheme.is_sentinel())?;
        let (form, path) = match parts.scheme {
            split::Scheme::Node => (Form::Node, parts.path),
            split::Scheme::Cluster => (Form::Cluster, parts.path),
            split::Scheme::Sentinel => {
                let path = parts.path.unwrap_or_default();
                let (service, rest) =
                    path.split_once('/').map_or((path, None), |(service, rest)| (service, Some(rest)));
                let service = split::decode("the service", service)?;
                if service.is_empty() || service.contains(char::is_control) {
                    return Err(RedisUrlError::NoService);
                }
                let (user, password) = (parameters.user.take(), parameters.password.take());
                (Form::Sentinels { service, user, password }, rest)
            }
        };
        let hosts = Host::list(parts.hosts, if parts.scheme.is_sentinel() { 26379 } else { 6379 })?;
        if matches!(form, Form::Node) && hosts.len() > 1 {
            return Err(RedisUrlError::SeveralHosts);
        }
        let database = match (&form, path.filter(|path| !path.is_empty())) {
            (_, None) => 0,
            (Form::Cluster, Some(_)) => return Err(RedisUrlError::DatabaseOfCluster),
            (_, Some(number)) => database(number)?,
        };
        let login = Login {
            user: parts.user.map(|user| split::decode("the user", user)).transpose()?,
            password: parts.password.map(|password| split::decode("the password", password)).transpose()?,
        };
        Ok(Self { form, encrypted: parts.encrypted, hosts, database, login })
    }

    /// The same with this password, which wins over one in the URL.
    pub fn with_password(mut self, password: &str) -> Self {
        self.login.password = Some(password.to_owned());
        self
    }

    /// The same server's other database. A cluster has only one, and stays as it is.
    pub fn with_database(mut self, database: i64) -> Self {
        if !self.is_cluster() {
            self.database = database;
        }
        self
    }

    /// Whether it names a cluster, which has one database.
    pub fn is_cluster(&self) -> bool {
        matches!(self.form, Form::Cluster)
    }

    /// Whether everything is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// The number of the database.
    pub fn database(&self) -> i64 {
        self.database
    }

    /// The hosts that are named.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Why this needs an operator's leave, if it does: another machine, and no encryption or no password.
    pub fn needs_leave(&self) -> Option<Exposure> {
        if self.hosts.iter().all(Host::is_loopback) {
            return None;
        }
        if !self.encrypted {
            return Some(Exposure::Unencrypted);
        }
        self.login.password.as_ref().is_none_or(String::is_empty).then_some(Exposure::NoPassword)
    }

    /// Whether both lead to one database, as far as their hosts tell. One cluster is one database.
    pub fn is_same_database(&self, other: &Self) -> bool {
        let same_form = match (&self.form, &other.form) {
            (Form::Node, Form::Node) | (Form::Cluster, Form::Cluster) => true,
            (Form::Sentinels { service, .. }, Form::Sentinels { service: other, .. }) => service == other,
            _ => false,
        };
        let one_in_common = self.hosts.iter().any(|host| other.hosts.contains(host));
        same_form && one_in_common && self.database == other.database
    }

    /// Where it is, for messages: `redis://cache1:6379/0`.
    pub fn describe(&self) -> String {
        let secure = if self.encrypted { "s" } else { "" };
        let hosts: Vec<_> = self.hosts.iter().map(ToString::to_string).collect();
        let (hosts, database) = (hosts.join(","), self.database);
        match &self.form {
            Form::Node => format!("redis{secure}://{hosts}/{database}"),
            Form::Cluster => format!("redis{secure}-cluster://{hosts}"),
            Form::Sentinels { service, .. } => {
                let service = utf8_percent_encode(service, PLAIN);
                format!("redis{secure}-sentinel://{hosts}/{service}/{database}")
            }
        }
    }

    pub(crate) fn form(&self) -> &Form {
        &self.form
    }

    /// How to log in to the server.
    pub(crate) fn login(&self) -> &Login {
        &self.login
    }

    /// How to log in to the sentinels.
    pub(crate) fn sentinel_login(&self) -> Login {
        let Form::Sentinels { user, password, .. } = &self.form else { return Login::default() };
        let password = password.clone().or_else(|| self.login.password.clone());
        Login { user: user.clone(), password: password.filter(|password| !password.is_empty()) }
    }
}

fn database(text: &str) -> Result<i64, RedisUrlError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse::<i32>().ok().filter(|_| digits).map(i64::from).ok_or(RedisUrlError::Database)
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.describe())
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RedisUrl({self})")
    }
}

#[cfg(test)]
mod fuzzing;
#[cfg(test)]
mod tests;
