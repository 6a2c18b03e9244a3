//! The one table of settings. The type [`Settings`], its reader, `--help` and `docs/configuration.md` follow from it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use doorward_crypto::TokenAlgorithm;
use doorward_domain::accounts::Directory;
use doorward_domain::throttle::Rate;
use doorward_domain::user::Email;
use doorward_redis::RedisUrl;
use doorward_tls::ProtocolVersion;
use ipnet::IpNet;
use tracing::level_filters::LevelFilter;
use url::Url;

use super::Database;
use super::kind::{
    Address, BcryptCost, Between, Bytes, Collector, Count, DatabaseUrl, FilePath, Form, HeaderList, Headers,
    KIB, Kind, MIB, MailAddress, Maybe, Name, Networks, NoneOr, OneOf, Origins, Part, Rates, Redis, Switch,
};
use super::reader::Reader;
use crate::telemetry::LogFormat;

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// 365.25 days, as the `humantime` crate counts.
const YEAR: Duration = Duration::from_secs(31_557_600);

/// What a setting is when nobody gives it.
#[derive(Clone, Copy)]
pub(crate) enum Unset {
    /// This value.
    Is(&'static str),
    /// Something that depends on another setting or on the machine.
    Means(&'static str),
}

/// A row of the table.
pub(crate) struct Setting {
    /// The key in a file; `DOORWARD_` and its upper-case form in the environment.
    pub(crate) name: &'static str,
    /// What it decides.
    pub(crate) meaning: &'static str,
    /// Completes "must be …".
    pub(crate) allowed: String,
    /// How it is written in a file.
    pub(crate) form: Form,
    /// Whether it may hold a secret, and so can stand in a file of its own.
    pub(crate) is_secret: bool,
    /// What it is when nobody gives it.
    pub(crate) unset: Unset,
}

/// Rows that belong together.
pub(crate) struct Chapter {
    /// A heading.
    pub(crate) title: &'static str,
    /// In reading order.
    pub(crate) settings: Vec<Setting>,
}

macro_rules! settings {
    ($($title:literal {
        $( $(#[doc = $meaning:literal])+ $name:ident: $type:ty = $kind:expr, $unset:expr; )+
    })+) => {
        /// Everything that an operator decides, read and checked.
        #[derive(Clone, Debug)]
        pub(crate) struct Settings {
            $($( $(#[doc = $meaning])+ pub(crate) $name: $type, )+)+
        }

        impl Settings {
            /// Reads every setting before it answers, so that the reader knows all that is wrong.
            pub(super) fn read(reader: &mut Reader) -> Option<Self> {
                $($( let $name = reader.read(stringify!($name), &$kind, $unset); )+)+
                Some(Self { $($( $name: $name?, )+)+ })
            }
        }

        /// The table, for those who describe it.
        pub(crate) fn chapters() -> Vec<Chapter> {
            vec![$( Chapter {
                title: $title,
                settings: vec![$( Setting {
                    name: stringify!($name),
                    meaning: concat!($($meaning),+).trim_start(),
                    allowed: $kind.allowed(),
                    form: $kind.form(),
                    is_secret: !$kind.may_be_shown(),
                    unset: $unset,
                } ),+],
            } ),+]
        }
    };
}

settings! {
    "Where it listens and what it keeps" {
        /// Address and port to listen on; port 0 takes a free one.
        bind: SocketAddr = Address, Unset::Is("127.0.0.1:8080");
        /// Whether other machines may be served without TLS: right behind a proxy that speaks it, on a network where nobody else is.
        bind_allow_unencrypted: bool = Switch, Unset::Is("false");
        /// Directory of everything that is kept; made with mode 0700, refused if others may look into it.
        data_dir: PathBuf = FilePath, Unset::Is("./doorward-data");
        /// Directory of the keys that sign tokens; a first key is made in it for a new database. Every node needs the same.
        keys_dir: Option<PathBuf> = Maybe(FilePath), Unset::Means("`keys` in `data_dir`");
        /// File of the secret that is mixed into every password; made for a new database. Without it no password works, and every node needs the same.
        pepper_file: Option<PathBuf> = Maybe(FilePath), Unset::Means("`pepper` in `data_dir`");
    }
    "The database" {
        /// Where accounts and sessions are kept.
        database_url: Option<Database> = Maybe(DatabaseUrl), Unset::Means("`doorward.db` in `data_dir`");
        /// File that holds the password for a `postgresql://` URL, which wins over one in the URL; one line break at its end does not count. Refused if others may read it; its group may if it belongs to root.
        database_password_file: Option<PathBuf> = Maybe(FilePath), Unset::Means("none");
        /// Whether a database on another machine may be used without checking its certificate (`sslmode=require`) or without TLS (`sslmode=disable`).
        database_allow_unverified: bool = Switch, Unset::Is("false");
        /// Most connections of this node to PostgreSQL or CockroachDB; all nodes together should have at most 4 for each core of the database.
        database_pool_size: usize = Count(1, 1000), Unset::Is("16");
        /// How long one operation of PostgreSQL or CockroachDB may take with all its tries; then the answer is 503.
        database_timeout: Duration = Between(MILLISECOND.saturating_mul(100), MINUTE), Unset::Is("2500ms");
        /// How long a start waits for PostgreSQL or CockroachDB to be within reach.
        database_start_timeout: Duration = Between(Duration::ZERO, MINUTE.saturating_mul(10)), Unset::Is("30s");
        /// Whether a start brings the tables of an embedded database up to date; those of PostgreSQL and CockroachDB change by `doorward migrate apply` alone.
        migrate_at_start: bool = Switch, Unset::Is("true");
    }
    "Redis" {
        /// Where copies are kept that make many nodes quick: revoked tokens and throttles. Without it every node has copies of its own where it is alone with an embedded database, and asks the database otherwise.
        redis_url: Option<RedisUrl> = Maybe(Redis), Unset::Means("none");
        /// Where documents of accounts are kept.
        redis_documents_url: Option<RedisUrl> = Maybe(Redis), Unset::Means("database 1 beside `redis_url`, or the same cluster");
        /// File that holds the password for both URLs, which wins over one in them; one line break at its end does not count. Refused if others may read it; its group may if it belongs to root.
        redis_password_file: Option<PathBuf> = Maybe(FilePath), Unset::Means("none");
        /// Certificates of the authorities to trust, in PEM.
        redis_ca_file: Option<PathBuf> = Maybe(FilePath), Unset::Means("those that this machine trusts");
        /// Certificate to show, in PEM.
        redis_certificate_file: Option<PathBuf> = Maybe(FilePath), Unset::Means("none");
        /// Key of this certificate, in PEM. Refused if others than its owner may read it; the group may where it belongs to root and the service is somebody else.
        redis_key_file: Option<PathBuf> = Maybe(FilePath), Unset::Means("none");
        /// Whether Redis on another machine may be used without TLS or without a password.
        redis_allow_unverified: bool = Switch, Unset::Is("false");
        /// How long one answer of Redis may take; then the database is asked.
        redis_timeout: Duration = Between(MILLISECOND.saturating_mul(50), MILLISECOND.saturating_mul(500)), Unset::Is("250ms");
        /// Whether a node remembers what it has read as long as Redis tells it of every change.
        redis_client_caching: bool = Switch, Unset::Is("false");
    }
    "The first admin" {
        /// Address of the admin that a start without any active admin makes.
        admin_email: Option<Email> = Maybe(MailAddress), Unset::Means("`admin@doorward.example`, with a random password");
        /// File that holds this admin's password; one line break at its end does not count.
        admin_password_file: Option<PathBuf> = Maybe(FilePath), Unset::Means("a random password, printed once");
    }
    "Accounts and passwords" {
        /// Whether anyone may open an account.
        registration: bool = Switch, Unset::Is("true");
        /// Who may list accounts: every member (who sees public fields only), or admins alone.
        directory: Directory = OneOf(&[("members", Directory::Members), ("admins", Directory::Admins)]), Unset::Is("members");
        /// How long after a login somebody counts as active.
        active_window: Duration = Between(SECOND, YEAR), Unset::Is("5h");
        // The first admin's random password, of 27 characters, has to pass.
        /// Fewest characters of a new password; NIST SP 800-63B-4 asks for 15 where there is no second factor.
        password_min: usize = Count(8, 24), Unset::Is("8");
        /// Most characters of a new password; NIST SP 800-63B-4 wants 64 to be allowed.
        password_max: usize = Count(64, 1024), Unset::Is("256");
        /// Cost of a password hash; each step doubles the work. A hash of lower cost is replaced at the next login.
        bcrypt_cost: u32 = BcryptCost, Unset::Is("12");
        /// Threads that hash passwords.
        hash_threads: Option<usize> = Maybe(Count(1, 1024)), Unset::Means("the number of CPU cores");
        // At 250 ms each and on two cores the last one waits 4 s.
        /// Passwords that may wait for such a thread, at most three quarters of them from one network; whoever finds no place is told 503 at once.
        hash_queue: usize = Count(1, 100_000), Unset::Is("32");
    }
    "Tokens and sessions" {
        /// The `iss` claim of every token.
        issuer: String = Name, Unset::Is("doorward");
        /// The `aud` claim of every token.
        audience: String = Name, Unset::Is("doorward");
        /// How the next key signs that a first start or `doorward keys generate` makes; those that are there stay as they are. A key of `HS256` is never published, so no other service can check its tokens.
        token_algorithm: TokenAlgorithm = OneOf(&[
            ("EdDSA", TokenAlgorithm::EdDsa),
            ("ES256", TokenAlgorithm::Es256),
            ("HS256", TokenAlgorithm::Hs256),
        ]), Unset::Is("EdDSA");
        /// How long an access token lasts.
        access_ttl: Duration = Between(SECOND, YEAR), Unset::Is("15m");
        /// How long a session lasts from its login on, whatever the refreshes.
        refresh_ttl: Duration = Between(SECOND, YEAR.saturating_mul(10)), Unset::Is("30days");
        /// How long a session may go without a refresh before it ends; 0 for as long as it lasts.
        idle_ttl: Duration = Between(Duration::ZERO, YEAR), Unset::Is("0");
        /// How far another machine's clock may differ when a token's times are checked.
        leeway: Duration = Between(Duration::ZERO, MINUTE), Unset::Is("5s");
        /// How long the refresh token just spent is answered with the same successor once more; 0 for not at all.
        replay_window: Duration = Between(Duration::ZERO, MINUTE), Unset::Is("10s");
        // They are listed on one page.
        /// Most live sessions of one account; a login beyond ends the oldest.
        max_sessions: usize = Count(1, doorward_http::LARGEST_PAGE.into()), Unset::Is("32");
    }
    "The audit log" {
        /// How long it is kept who did what; 0 for ever.
        audit_retention: Duration = NoneOr(Between(DAY, YEAR.saturating_mul(10))), Unset::Is("365days");
    }
    "Throttles" {
        /// Logins from one network, whether they succeed or not. A network is an IPv4 address, or 64 bits of IPv6.
        throttle_login_network: Vec<Rate> = Rates, Unset::Is("120 per 1m");
        /// Wrong passwords for one account from one network, and four times as many where somebody has logged in to it from there within 30 days; also wrong current passwords of somebody who is logged in.
        throttle_login_guesses: Vec<Rate> = Rates, Unset::Is("10 per 5m, 20 per 1day");
        /// Wrong passwords for one account from all networks together from which nobody has logged in to it for 30 days.
        throttle_login_account: Vec<Rate> = Rates, Unset::Is("30 per 15m, 50 per 1day");
        /// Whether other machines may guess passwords without end, as they can where the two above are off.
        throttle_login_allow_unlimited: bool = Switch, Unset::Is("false");
        /// Registrations from one network, whether they succeed or not.
        throttle_registration: Vec<Rate> = Rates, Unset::Is("300 per 1h");
        /// Refreshes from one network, whether they succeed or not.
        throttle_refresh: Vec<Rate> = Rates, Unset::Is("6000 per 1m");
        /// Changes of one account's fields by its owner. What admins do to others is not counted.
        throttle_changes: Vec<Rate> = Rates, Unset::Is("600 per 1m, 10000 per 1day");
        /// Proxies that tell in `X-Forwarded-For` where a request comes from; nobody is believed unless listed. In the environment with commas between.
        trusted_proxies: Vec<IpNet> = Networks, Unset::Is("");
    }
    "HTTP" {
        /// Largest request body.
        body_limit: usize = Bytes(KIB, 16 * MIB), Unset::Is("64KiB");
        /// Largest request head: request line and headers together.
        head_limit: usize = Bytes(KIB, 64 * KIB), Unset::Is("16KiB");
        /// Longest request target.
        url_limit: usize = Bytes(256, 64 * KIB), Unset::Is("8KiB");
        /// Time for a request's head to arrive, and for the handshake of TLS before the first one.
        head_timeout: Duration = Between(MILLISECOND, MINUTE.saturating_mul(10)), Unset::Is("5s");
        /// Time for a request's body to arrive.
        body_timeout: Duration = Between(MILLISECOND, MINUTE.saturating_mul(10)), Unset::Is("10s");
        /// How long a connection may wait for its next request.
        keep_alive: Duration = Between(MILLISECOND, MINUTE.saturating_mul(10)), Unset::Is("15s");
        /// Time for a client to take an answer.
        write_timeout: Duration = Between(MILLISECOND, MINUTE.saturating_mul(10)), Unset::Is("30s");
        /// How long the service goes on once it is told to stop, not ready and closing each connection with its next answer, before it takes no more connections; longer than a proxy takes to notice (5s where there is one).
        shutdown_delay: Duration = Between(Duration::ZERO, MINUTE.saturating_mul(10)), Unset::Is("0");
        /// Time that requests in flight have to finish once the service is told to stop.
        shutdown_timeout: Duration = Between(SECOND, MINUTE.saturating_mul(10)), Unset::Is("25s");
        /// Most connections at a time.
        max_connections: usize = Count(1, 1_000_000), Unset::Is("10000");
        /// Threads that serve requests.
        workers: Option<usize> = Maybe(Count(1, 1024)), Unset::Means("the number of CPU cores");
        /// Web origins whose pages may call the API (CORS); none unless listed. In the environment with commas between.
        cors_origins: Vec<String> = Origins, Unset::Is("");
        /// Whether pages may call the API that other machines serve without TLS.
        cors_allow_unencrypted: bool = Switch, Unset::Is("false");
        /// Whether `/docs/` and `/api/openapi.json` are served.
        docs: bool = Switch, Unset::Is("true");
    }
    "TLS" {
        /// Certificate to show to clients, in PEM, with those that lead to an authority behind it. With it and its key Doorward speaks TLS, and nothing else; a change is followed without a restart.
        tls_certificate_file: Option<PathBuf> = Maybe(FilePath), Unset::Means("none: plain HTTP");
        /// Key of this certificate, in PEM. Refused if others than its owner may read it; the group may where it belongs to root and the service is somebody else.
        tls_key_file: Option<PathBuf> = Maybe(FilePath), Unset::Means("none: plain HTTP");
        /// The oldest version of TLS that is spoken.
        tls_min_version: ProtocolVersion = OneOf(&[("1.2", ProtocolVersion::Tls12), ("1.3", ProtocolVersion::Tls13)]), Unset::Is("1.2");
        /// For how long browsers are to insist on TLS (`Strict-Transport-Security`, with every answer under TLS); 0 takes back what they were told.
        hsts_max_age: Duration = NoneOr(Between(SECOND, YEAR.saturating_mul(10))), Unset::Is("730days");
    }
    "Logs, metrics and traces" {
        /// How log lines on stderr look: for people, or one JSON object a line.
        log_format: LogFormat = OneOf(&[("text", LogFormat::Text), ("json", LogFormat::Json)]), Unset::Is("text");
        /// The least important events that are logged.
        log_level: LevelFilter = OneOf(&[
            ("off", LevelFilter::OFF),
            ("error", LevelFilter::ERROR),
            ("warn", LevelFilter::WARN),
            ("info", LevelFilter::INFO),
            ("debug", LevelFilter::DEBUG),
            ("trace", LevelFilter::TRACE),
        ]), Unset::Is("info");
        /// Most lines a second that tell of a request each; what comes beyond is counted, and 0 tells of none. Refusals and failures of the service have up to 100 lines a second of their own.
        log_requests: usize = Count(0, 1_000_000), Unset::Is("1000");
        /// Whether these lines tell the client's address.
        log_addresses: bool = Switch, Unset::Is("false");
        /// Address and port of a listener of its own for `GET /metrics`, in the format of Prometheus. It tells no secrets, and asks for none.
        metrics_bind: Option<SocketAddr> = Maybe(Address), Unset::Means("none");
        /// OpenTelemetry collector that traces are sent to, by OTLP over HTTP; without a path, `/v1/traces` is its own.
        otlp_endpoint: Option<Url> = Maybe(Collector), Unset::Means("none");
        /// Headers that prove to the collector who sends, as name=value with commas between.
        otlp_headers: Option<HeaderList> = Maybe(Headers), Unset::Means("none");
        /// Whether a collector on another machine may be used without TLS.
        otlp_allow_unencrypted: bool = Switch, Unset::Is("false");
        /// The part of all traces that is sent, from 0 to 1. What a trusted proxy has decided about a request's trace counts first.
        trace_sample_ratio: f64 = Part, Unset::Is("1");
    }
}
