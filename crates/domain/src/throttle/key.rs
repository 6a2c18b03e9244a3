//! Whom a throttle counts for.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Logins from one network.
    LoginNetwork,
    /// Wrong passwords for one account from one network.
    LoginGuess,
    /// Wrong passwords for one account from one network that somebody has logged in from.
    LoginKnown,
    /// Wrong passwords for one account from everywhere else.
    LoginAccount,
    /// Wrong current passwords of somebody who is logged in.
    Proof,
    /// Registrations from one network.
    Registration,
    /// Refreshes from one network.
    Refresh,
    /// Changes of one account by its owner.
    Change,
}

impl Scope {
    /// The name that stores use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoginNetwork => "login_network",
            Self::LoginGuess => "login_guess",
            Self::LoginKnown => "login_known",
            Self::LoginAccount => "login_account",
            Self::Proof => "proof",
            Self::Registration => "registration",
            Self::Refresh => "refresh",
            Self::Change => "change",
        }
    }
}

/// A name that tells nothing about what it names.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pseudonym([u8; 16]);

impl Pseudonym {
    /// Takes the bytes of a keyed digest.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// In hexadecimal.
impl fmt::Display for Pseudonym {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// What is counted, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThrottleKey {
    /// What.
    pub scope: Scope,
    /// For whom.
    pub subject: Pseudonym,
}

/// A network that one person may have to themselves: an IPv4 address, or an IPv6 network of 64 bits, which is what a
/// provider gives to one line (RFC 6177, RFC 7421).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self(IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
            }
            address @ IpAddr::V4(_) => Self(address),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Network {
        Network::from(address.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn dos_06_addresses_of_one_line_are_one_network() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }

    #[test]
    fn a_pseudonym_is_written_in_hexadecimal() {
        assert_eq!(Pseudonym::new([0xab; 16]).to_string(), "ab".repeat(16));
    }
}
