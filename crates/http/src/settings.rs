//! What an operator decides about HTTP.

use std::time::Duration;

use ipnet::IpNet;

/// Limits, time-outs and what is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// Threads that serve requests.
    pub workers: usize,
    /// Most bytes of a body.
    pub body_limit: usize,
    /// Most bytes of the request line and the headers.
    pub head_limit: usize,
    /// Most bytes of path and query.
    pub url_limit: usize,
    /// How long a head may take, and the handshake before the first one.
    pub head_timeout: Duration,
    /// How long a body may take.
    pub body_timeout: Duration,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// How long an answer may take to leave.
    pub write_timeout: Duration,
    /// How long everything goes on once the service is told to stop, so that balancers notice and clients move away.
    pub shutdown_delay: Duration,
    /// How long a stop waits for what is in flight; whole seconds.
    pub shutdown_timeout: Duration,
    /// Most connections at once.
    pub max_connections: usize,
    /// Proxies whose `X-Forwarded-For` tells the client's address; none unless listed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins that a browser may call from; none switches CORS off.
    pub cors_origins: Vec<String>,
    /// How long a browser is to insist on TLS once it has had an answer under TLS; whole seconds.
    pub hsts_max_age: Duration,
    /// Whether the API description and the Swagger page are served.
    pub docs: bool,
    /// Most lines a second in the log that tell of a request each, besides refusals and failures.
    pub log_requests: u32,
    /// Whether such a line tells the client's address.
    pub log_addresses: bool,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            workers: 2,
            body_limit: 64 * 1024,
            head_limit: 16 * 1024,
            url_limit: 8 * 1024,
            head_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(15),
            write_timeout: Duration::from_secs(30),
            shutdown_delay: Duration::ZERO,
            shutdown_timeout: Duration::from_secs(25),
            max_connections: 10_000,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            hsts_max_age: Duration::from_secs(2 * 365 * 24 * 60 * 60),
            docs: true,
            log_requests: 1_000,
            log_addresses: false,
        }
    }
}
