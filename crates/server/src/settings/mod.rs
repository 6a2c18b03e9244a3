//! Settings: typed, from a file, the environment and the command line, checked as a whole before anything starts.

mod database;
mod environment;
mod exposure;
mod fault;
mod given;
mod kind;
#[cfg(test)]
mod page;
mod reader;
mod redis;
mod secret_files;
mod sourced;
mod sources;
mod table;
#[cfg(test)]
mod tests;
mod written;

pub(crate) use database::{Database, DatabaseError, absolute};
pub(crate) use environment::{TRANSFER_FROM, TRANSFER_FROM_FILE, TRANSFER_TO, TRANSFER_TO_FILE};
pub(crate) use fault::Faults;
pub(crate) use given::Origin;
pub(crate) use kind::{Form, HeaderList, REDACTED};
pub(crate) use secret_files::file_name;
pub(crate) use sourced::{SettingValue, Sourced};
pub(crate) use sources::Flags;
pub(crate) use table::{Setting, Settings, Unset, chapters};
pub(crate) use written::Written;

use std::ffi::OsString;
use std::path::PathBuf;
use std::thread::available_parallelism;

use doorward_tls::PairFiles;

use reader::Reader;

const PREFIX: &str = "DOORWARD_";

/// The environment variable of a setting.
pub(crate) fn environment_name(name: &str) -> String {
    format!("{PREFIX}{}", name.to_uppercase())
}

/// What settings are read for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To serve: what would be open to others without anybody meaning it is refused.
    Serving,
    /// For a command that nobody reaches.
    Command,
}

impl Settings {
    /// Reads the settings of this process; everything that is wrong is told at once.
    pub(crate) fn load(flags: &Flags, purpose: Purpose) -> Result<Self, Faults> {
        Ok(Self::load_sourced(flags, purpose)?.settings)
    }

    /// The same, with where each of them comes from.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub(crate) fn load_sourced(flags: &Flags, purpose: Purpose) -> Result<Sourced, Faults> {
        Self::sourced(flags, std::env::vars_os(), purpose)
    }

    #[cfg(test)]
    pub(crate) fn from_sources(
        flags: &Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Faults> {
        Ok(Self::sourced(flags, environment, Purpose::Serving)?.settings)
    }

    pub(crate) fn sourced(
        flags: &Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        purpose: Purpose,
    ) -> Result<Sourced, Faults> {
        let gathered = sources::gather(flags, environment);
        let file = gathered.file.clone();
        let mut reader = Reader::new(gathered);
        let settings = Self::read(&mut reader);
        if let Some(settings) = &settings {
            settings.check_together(&mut reader);
            if purpose == Purpose::Serving {
                settings.check_exposure(&mut reader);
            }
        }
        let (values, faults) = reader.finish();
        match settings.filter(|_| faults.0.is_empty()) {
            Some(settings) => Ok(Sourced { settings, values, file }),
            None => Err(faults),
        }
    }

    fn check_together(&self, reader: &mut Reader) {
        let idle = self.idle_ttl;
        reader.agree(self.access_ttl < self.refresh_ttl, "access_ttl", "be shorter than", "refresh_ttl");
        reader.agree(
            idle.is_zero() || idle > self.access_ttl,
            "idle_ttl",
            "be 0 or longer than",
            "access_ttl",
        );
        reader.agree(idle <= self.refresh_ttl, "idle_ttl", "not be longer than", "refresh_ttl");
        reader.agree(!self.metrics_take_the_port(), "metrics_bind", "be another address than", "bind");
        reader.agree(self.url_limit <= self.head_limit, "url_limit", "not be above", "head_limit");
        let (email, password) = (self.admin_email.is_some(), self.admin_password_file.is_some());
        reader.agree(!email || password, "admin_email", "come with", "admin_password_file");
        reader.agree(!password || email, "admin_password_file", "come with", "admin_email");
        let (certificate, key) = (self.tls_certificate_file.is_some(), self.tls_key_file.is_some());
        reader.agree(!certificate || key, "tls_certificate_file", "come with", "tls_key_file");
        reader.agree(!key || certificate, "tls_key_file", "come with", "tls_certificate_file");
        self.check_database(reader);
        self.check_redis(reader);
        self.check_traces(reader);
    }

    /// Whether nobody could listen at both addresses.
    fn metrics_take_the_port(&self) -> bool {
        self.metrics_bind.is_some_and(|metrics| {
            let any = metrics.ip().is_unspecified() || self.bind.ip().is_unspecified();
            metrics.port() != 0
                && metrics.port() == self.bind.port()
                && (any || metrics.ip() == self.bind.ip())
        })
    }

    fn check_database(&self, reader: &mut Reader) {
        let database = self.database();
        if let Some(error) = database.needs_leave().filter(|_| !self.database_allow_unverified) {
            let problem = format!("cannot be used: {error}");
            reader.refuse("database_url", &problem, "database_allow_unverified");
        }
        let has_password = matches!(database, Database::Postgres { .. });
        reader.agree(
            has_password || self.database_password_file.is_none(),
            "database_password_file",
            "come with a postgresql:// URL as",
            "database_url",
        );
    }

    /// Traces name users and requests, and headers are secrets.
    fn check_traces(&self, reader: &mut Reader) {
        let Some(collector) = &self.otlp_endpoint else {
            let given = self.otlp_headers.is_some();
            return reader.agree(!given, "otlp_headers", "come with", "otlp_endpoint");
        };
        if !exposure::is_encrypted_or_local(collector) && !self.otlp_allow_unencrypted {
            let problem = "cannot be used: it is on another machine, and what is sent would not be encrypted; \
                           begin it with https, or set otlp_allow_unencrypted";
            reader.refuse("otlp_endpoint", problem, "otlp_allow_unencrypted");
        }
    }

    /// The database, without the password of `database_password_file`.
    pub(crate) fn database(&self) -> Database {
        self.database_url.clone().unwrap_or_else(|| Database::Sqlite(self.data_dir.join("doorward.db")))
    }

    /// The certificate to show to clients; `None` where they are served in the clear.
    pub(crate) fn tls_files(&self) -> Option<PairFiles> {
        let (certificate, key) = (self.tls_certificate_file.clone()?, self.tls_key_file.clone()?);
        Some(PairFiles { certificate, key })
    }

    /// Whether clients are served under TLS, and no other way.
    pub(crate) fn speaks_tls(&self) -> bool {
        self.tls_files().is_some()
    }

    /// Whether anything is kept in the data directory.
    pub(crate) fn uses_data_dir(&self) -> bool {
        self.database_url.is_none() || self.keys_dir.is_none() || self.pepper_file.is_none()
    }

    /// Where signing keys are kept.
    pub(crate) fn keys_path(&self) -> PathBuf {
        self.keys_dir.clone().unwrap_or_else(|| self.data_dir.join("keys"))
    }

    /// Where the pepper is kept.
    pub(crate) fn pepper_path(&self) -> PathBuf {
        self.pepper_file.clone().unwrap_or_else(|| self.data_dir.join("pepper"))
    }

    /// How many threads serve requests.
    pub(crate) fn worker_count(&self) -> usize {
        self.workers.unwrap_or_else(cores)
    }

    /// How many threads hash passwords.
    pub(crate) fn hash_thread_count(&self) -> usize {
        self.hash_threads.unwrap_or_else(cores)
    }
}

#[cfg(test)]
impl Default for Settings {
    /// What nobody has given anything for.
    fn default() -> Self {
        Self::from_sources(&Flags::default(), []).unwrap()
    }
}

fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}
