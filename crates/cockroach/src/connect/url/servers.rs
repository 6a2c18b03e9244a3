//! The hosts of a URL.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use percent_encoding::utf8_percent_encode;
use tokio_postgres::Config;

use super::{PLAIN, UrlError, split};

/// The one that PostgreSQL listens on, and libpq takes where none is named.
const USUAL_PORT: u16 = 5432;

/// One server.
#[derive(Clone)]
pub(super) struct Server {
    host: Host,
    port: u16,
}

#[derive(Clone)]
enum Host {
    /// A name or an address.
    Network(String),
    /// The directory of a Unix socket.
    Socket(String),
}

/// Who could stand between us and the servers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings {
    /// All of them are on this machine.
    pub(super) local: bool,
    /// One of them is behind a Unix socket.
    pub(super) socket: bool,
}

impl Surroundings {
    /// Where `hostaddr` is given, that is where the connection goes, whatever the host is called.
    pub(super) fn of(servers: &[Server], addresses: &[IpAddr]) -> Self {
        let local = if addresses.is_empty() {
            servers.iter().all(|server| server.host.is_local())
        } else {
            addresses.iter().all(is_loopback)
        };
        Self { local, socket: servers.iter().any(|server| matches!(server.host, Host::Socket(_))) }
    }
}

impl Server {
    /// From the hosts between `//` and `/`, or from the parameters `host` and `port`.
    pub(super) fn list(
        authority: &str,
        hosts: Option<String>,
        ports: Option<String>,
    ) -> Result<Vec<Self>, UrlError> {
        let (hosts, own_ports): (Vec<_>, Vec<_>) = match (authority, hosts) {
            ("", None) => return Err(UrlError::NoHost),
            ("", Some(hosts)) => numbered(&hosts)
                .map(|(position, host)| Ok((Host::parse(host, position)?, None)))
                .collect::<Result<_, _>>()?,
            (_, Some(_)) => return Err(UrlError::Twice { name: "host" }),
            (authority, None) => numbered(authority)
                .map(|(position, piece)| host_and_port(piece, position))
                .collect::<Result<_, _>>()?,
        };
        let ports = match ports {
            None => own_ports,
            Some(_) if own_ports.iter().any(Option::is_some) => return Err(UrlError::Twice { name: "port" }),
            Some(ports) => one_for_each(&ports, hosts.len())?,
        };
        let pairs = hosts.into_iter().zip(ports);
        Ok(pairs.map(|(host, port)| Self { host, port: port.unwrap_or(USUAL_PORT) }).collect())
    }

    pub(super) fn add_to(&self, config: &mut Config) {
        let (Host::Network(host) | Host::Socket(host)) = &self.host;
        config.host(host).port(self.port);
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Network(host) if host.contains(':') => write!(f, "[{host}]:{}", self.port),
            Host::Network(host) => write!(f, "{host}:{}", self.port),
            Host::Socket(path) => write!(f, "{}:{}", utf8_percent_encode(path, PLAIN), self.port),
        }
    }
}

impl Host {
    /// From what is decoded already.
    fn parse(text: &str, position: usize) -> Result<Self, UrlError> {
        let of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let is_network =
            text.parse::<Ipv6Addr>().is_ok() || (!text.is_empty() && text.chars().all(of_a_name));
        if text.starts_with('/') && !text.contains(char::is_control) {
            Ok(Self::Socket(text.to_owned()))
        } else if is_network {
            Ok(Self::Network(text.to_owned()))
        } else {
            Err(UrlError::Host { position })
        }
    }

    fn is_local(&self) -> bool {
        match self {
            Self::Socket(_) => true,
            Self::Network(host) => {
                host.eq_ignore_ascii_case("localhost")
                    || host.parse().is_ok_and(|address| is_loopback(&address))
            }
        }
    }
}

/// One address a host, from the parameter `hostaddr`; none where it is not given.
pub(super) fn addresses(text: Option<String>, hosts: usize) -> Result<Vec<IpAddr>, UrlError> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let addresses: Vec<_> = text.split(',').map(str::parse).collect::<Result<_, _>>().map_err(|_| {
        UrlError::Value { name: "hostaddr", allowed: "a list of IP addresses, one for each host" }
    })?;
    if addresses.len() == hosts { Ok(addresses) } else { Err(UrlError::Count { name: "hostaddr", hosts }) }
}

fn is_loopback(address: &IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn numbered(list: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(list.split(','))
}

/// `host`, `host:port`, `[IPv6 address]` or `[IPv6 address]:port`, still percent-encoded.
fn host_and_port(piece: &str, position: usize) -> Result<(Host, Option<u16>), UrlError> {
    let (host, port) = if let Some(bracketed) = piece.strip_prefix('[') {
        let (address, rest) = bracketed.split_once(']').ok_or(UrlError::Host { position })?;
        address.parse::<Ipv6Addr>().map_err(|_| UrlError::Host { position })?;
        let port = if rest.is_empty() {
            None
        } else {
            Some(rest.strip_prefix(':').ok_or(UrlError::Host { position })?)
        };
        (Host::Network(address.to_owned()), port)
    } else {
        let (host, port) = piece.split_once(':').map_or((piece, None), |(host, port)| (host, Some(port)));
        (Host::parse(&split::decode("a host", host)?, position)?, port)
    };
    Ok((host, port.map(|port| number(port, position)).transpose()?))
}

/// One port for all, or one for each, of which some may be left empty.
fn one_for_each(ports: &str, hosts: usize) -> Result<Vec<Option<u16>>, UrlError> {
    let ports: Vec<_> = numbered(ports)
        .map(|(position, port)| (!port.is_empty()).then(|| number(port, position)).transpose())
        .collect::<Result<_, _>>()?;
    match ports.as_slice() {
        [port] => Ok(vec![*port; hosts]),
        _ if ports.len() == hosts => Ok(ports),
        _ => Err(UrlError::Count { name: "port", hosts }),
    }
}

fn number(port: &str, position: usize) -> Result<u16, UrlError> {
    port.parse().ok().filter(|port| *port != 0).ok_or(UrlError::Port { position })
}
