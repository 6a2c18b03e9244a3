//! What can be wrong with a URL.

use super::parameters::KNOWN;

/// Why a URL is refused.
///
/// No message repeats anything that stood in the URL: what stands in the wrong place may be a part of a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is the URL of something else.
    #[error("it must begin with postgresql:// or postgres://")]
    Scheme,
    /// Where the user and the password end cannot be told.
    #[error(
        "in the user, the password and the database these must be percent-encoded: \
         @ is %40, / is %2F, ? is %3F, : in the user is %3A"
    )]
    Ambiguous,
    /// A percent sign without two hexadecimal digits, a zero byte, or bytes that are no text.
    #[error("{part} is not UTF-8 in percent-encoding (% itself is %25)")]
    Encoding {
        /// Which part of the URL.
        part: &'static str,
    },
    /// There is no host.
    #[error(
        "a host is missing: postgresql://host:port/database, or host= for the directory of a Unix socket"
    )]
    NoHost,
    /// A host cannot be one.
    #[error(
        "host number {position} must be a name, an IPv4 address, an IPv6 address in brackets, \
         or the percent-encoded path of a directory with a Unix socket"
    )]
    Host {
        /// Counted from 1.
        position: usize,
    },
    /// A port cannot be one.
    #[error("the port of host number {position} must be a number from 1 to 65535")]
    Port {
        /// Counted from 1.
        position: usize,
    },
    /// Neither one for all hosts, nor one for each.
    #[error("{name} must have one value for each of the {hosts} hosts")]
    Count {
        /// The parameter.
        name: &'static str,
        /// How many there are.
        hosts: usize,
    },
    /// There is no database.
    #[error("the name of the database is missing: postgresql://host:port/database")]
    NoDatabase,
    /// A parameter without a name or a value.
    #[error("parameter number {position} must be name=value")]
    Shape {
        /// Counted from 1.
        position: usize,
    },
    /// A parameter that does not exist.
    #[error("parameter number {position} is not known; there are {}", KNOWN.map(|(name, _)| name).join(", "))]
    Unknown {
        /// Counted from 1.
        position: usize,
    },
    /// Something is said more than once.
    #[error("{name} is given twice")]
    Twice {
        /// The parameter.
        name: &'static str,
    },
    /// A parameter with a value that it cannot have.
    #[error("{name} must be {allowed}")]
    Value {
        /// The parameter.
        name: &'static str,
        /// What it may be.
        allowed: &'static str,
    },
    /// A mode of libpq that promises less than it seems to.
    #[error("sslmode={mode} is not offered, for {reason}; use verify-full")]
    Mode {
        /// What was asked for.
        mode: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// The way to the database is open to others.
    #[error(
        "sslmode={mode} does not make sure that the other side is the database, and it is not on this machine; \
         use verify-full, or set database_allow_unverified"
    )]
    Unverified {
        /// What was asked for.
        mode: &'static str,
    },
    /// A file that would not be used.
    #[error("{name} has no effect with sslmode={mode}")]
    Useless {
        /// The parameter.
        name: &'static str,
        /// What was asked for.
        mode: &'static str,
    },
    /// A certificate without its key, or the reverse.
    #[error("sslcert and sslkey belong together; {missing} is missing")]
    HalfAPair {
        /// The parameter that is not there.
        missing: &'static str,
    },
    /// A Unix socket has no TLS.
    #[error("there is no TLS over a Unix socket: sslmode must be disable")]
    SocketWithTls,
}
