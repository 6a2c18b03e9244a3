//! What can be wrong with a URL.

/// Why a URL is refused.
///
/// No message repeats anything that stood in the URL: what stands in the wrong place may be a part of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedisUrlError {
    /// It is the URL of something else.
    #[error(
        "it must begin with redis://, redis-sentinel:// or redis-cluster://, or with rediss for redis where it is \
         encrypted"
    )]
    Scheme,
    /// Where the user and the password end cannot be told.
    #[error(
        "in the user and the password these must be percent-encoded: @ is %40, / is %2F, ? is %3F, # is %23, \
         : in the user is %3A"
    )]
    Ambiguous,
    /// A percent sign without two hexadecimal digits, a zero byte, or bytes that are no text.
    #[error("{part} is not UTF-8 in percent-encoding (% itself is %25)")]
    Encoding {
        /// Which part of the URL.
        part: &'static str,
    },
    /// There is no host.
    #[error("a host is missing: redis://host:6379/0")]
    NoHost,
    /// A host cannot be one.
    #[error("host number {position} must be a name, an IPv4 address, or an IPv6 address in brackets")]
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
    /// One server has one host.
    #[error("several hosts are for redis-sentinel:// and redis-cluster:// only")]
    SeveralHosts,
    /// Sentinels are asked for something.
    #[error("the name of the service is missing: redis-sentinel://host:26379/service")]
    NoService,
    /// A cluster has one database.
    #[error("a cluster has no databases to choose from; leave the number out")]
    DatabaseOfCluster,
    /// A database is a number.
    #[error("the database must be a number such as 0")]
    Database,
    /// A parameter without a name or a value.
    #[error("parameter number {position} must be name=value")]
    Shape {
        /// Counted from 1.
        position: usize,
    },
    /// A parameter that does not exist.
    #[error(
        "parameter number {position} is not known; there are sentinel_username and sentinel_password, for \
         redis-sentinel:// only"
    )]
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
}
