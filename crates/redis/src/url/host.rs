//! The hosts of a URL.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use super::RedisUrlError;

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host {
    name: String,
    port: u16,
}

impl Host {
    /// A host that somebody else has told of.
    pub(crate) fn new(name: &str, port: u16) -> Self {
        Self { name: name.to_owned(), port }
    }

    /// From `host[:port][,…]`. Names are the same however they are spelled.
    pub(super) fn list(text: &str, usual_port: u16) -> Result<Vec<Self>, RedisUrlError> {
        if text.is_empty() {
            return Err(RedisUrlError::NoHost);
        }
        (1..).zip(text.split(',')).map(|(position, text)| Self::parse(text, position, usual_port)).collect()
    }

    fn parse(text: &str, position: usize, usual_port: u16) -> Result<Self, RedisUrlError> {
        let wrong = RedisUrlError::Host { position };
        let (name, port) = if let Some(bracketed) = text.strip_prefix('[') {
            let (address, rest) = bracketed.split_once(']').ok_or(wrong)?;
            let address: Ipv6Addr = address.parse().map_err(|_| wrong)?;
            let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':').ok_or(wrong)?) };
            (address.to_string(), port)
        } else {
            let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
            let of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
            if name.is_empty() || !name.chars().all(of_a_name) {
                return Err(wrong);
            }
            (name.to_ascii_lowercase(), port)
        };
        let port = match port {
            None => usual_port,
            Some(port) => port
                .parse()
                .ok()
                .filter(|number| *number != 0 && !port.starts_with('+'))
                .ok_or(RedisUrlError::Port { position })?,
        };
        Ok(Self { name, port })
    }

    /// A name or an address, without brackets.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        let address = self.name.parse::<IpAddr>();
        self.name == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, port } = self;
        if name.contains(':') {
            write!(formatter, "[{name}]:{port}")
        } else {
            write!(formatter, "{name}:{port}")
        }
    }
}
