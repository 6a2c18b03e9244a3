//! The one table of metrics: what is described to Prometheus and to people follows from it.

use metrics::{describe_counter, describe_gauge, describe_histogram};

/// How a value behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It only grows, until a restart.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Times in seconds, counted by how long they are.
    Histogram,
}

/// A row of the table.
pub(super) struct Metric {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What tells its values apart, each with what it may say.
    #[cfg_attr(not(test), expect(dead_code, reason = "told by the page of metrics, which a test writes"))]
    pub(super) labels: &'static str,
    pub(super) meaning: &'static str,
}

impl Metric {
    /// Has Prometheus told what it means.
    pub(super) fn describe(&self) {
        match self.kind {
            Kind::Counter => describe_counter!(self.name, self.meaning),
            Kind::Gauge => describe_gauge!(self.name, self.meaning),
            Kind::Histogram => describe_histogram!(self.name, self.meaning),
        }
    }
}

macro_rules! metrics {
    ($($name:ident: $kind:ident, $labels:literal, $meaning:literal;)+) => {
        /// Every metric, but those of the process.
        pub(super) const METRICS: &[Metric] = &[$(
            Metric { name: stringify!($name), kind: Kind::$kind, labels: $labels, meaning: $meaning },
        )+];
    };
}

metrics! {
    doorward_build_info: Gauge, "`version`", "Always 1; the version is in the label.";
    doorward_http_requests_total: Counter, "`method`, `route` (a pattern such as `/api/user/{username}`, or `none`), `status` (499 where the client had hung up)",
        "Answers.";
    doorward_http_request_duration_seconds: Histogram, "`method`, `route`", "From a request's head to its answer.";
    doorward_http_failures_total: Counter, "`code` (of errors.md, or `client_closed_request`)", "Answers that say what went wrong, and requests that nobody waited for any more.";
    doorward_http_requests_in_flight: Gauge, "", "Requests that are being answered.";
    doorward_http_connections: Gauge, "", "Open connections.";
    doorward_logins_total: Counter, "`outcome`: `ok`, or the error code", "Logins.";
    doorward_refreshes_total: Counter, "`outcome`: `ok`, or the error code; `token_reused` is a token that may be stolen",
        "Refreshes.";
    doorward_registrations_total: Counter, "`outcome`: `ok`, or the error code", "Registrations.";
    doorward_sessions_opened_total: Counter, "", "Sessions that began.";
    doorward_sessions_ended_total: Counter, "`reason`: `logout`, `reuse`",
        "Sessions that ended one by one; those that end with an account, a password or a role are not among them.";
    doorward_password_hashing_queue_length: Gauge, "", "Passwords that wait for a thread.";
    doorward_password_hashing_queue_limit: Gauge, "", "The setting `hash_queue`.";
    doorward_password_hashing_refused_total: Counter, "", "Passwords that found no place in the queue.";
    doorward_password_hashing_wait_seconds: Histogram, "", "How long passwords waited.";
    doorward_password_hashing_duration_seconds: Histogram, "", "How long hashing or comparing one took.";
    doorward_token_checks_total: Counter, "`source`: `cache` (verified before, or signed by this node), `signature`, `refused`", "Tokens that were shown.";
    doorward_revocation_checks_total: Counter,
        "`source`: `memory`, `client_cache` (what Redis has told and would tell a change of), `redis`, `database`; `answer`: `live`, `revoked`, `unknown`",
        "Who was asked whether a session lives; where the answer is unknown the next one is asked.";
    doorward_database_operation_duration_seconds: Histogram,
        "`operation`: on servers by name, such as `open_session`; embedded `lookup`, `list`, `write`",
        "How long an operation took, with waiting and all its tries.";
    doorward_database_operation_failures_total: Counter, "`operation`", "Operations that came to nothing, for which the answer is 503 or 500.";
    doorward_database_retries_total: Counter, "`operation`", "Tries after the first (CockroachDB and PostgreSQL).";
    doorward_database_connections: Gauge, "`state`: `in_use`, `idle`", "Open connections (CockroachDB and PostgreSQL).";
    doorward_database_connections_limit: Gauge, "", "The setting `database_pool_size` (CockroachDB and PostgreSQL).";
    doorward_database_waiting: Gauge, "`queue`: `connections` on servers; embedded `lookups`, `lists`, `writes`",
        "Operations that wait for their turn.";
    doorward_redis_failures_total: Counter, "", "Commands that Redis refused or did not answer, and connections that failed.";
    doorward_dependency_up: Gauge, "`name`, as in `/readyz`", "1 if it answers, 0 if not.";
    doorward_tls_certificate_expiry_timestamp_seconds: Gauge, "",
        "When the certificate that clients are shown expires, in seconds since 1970 (where Doorward speaks TLS).";
    doorward_tls_handshake_failures_total: Counter, "", "Connections that came to no TLS: nonsense, no certificate that suits, or too slow.";
    doorward_log_lines_lost_total: Counter, "", "Log lines that nobody read in time.";
}
