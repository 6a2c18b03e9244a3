//! The files that settings name, as far as they can be looked at without changing anything.

use std::error::Error;
use std::fs;
use std::path::Path;

use doorward_crypto::{KeyDirectory, KeyFileError, Pepper, SystemClock};
use doorward_domain::Timestamp;
use doorward_domain::port::Clock as _;
use doorward_tls::{Certificate, Standing, Validity};

use crate::causes::with_causes;
use crate::data_dir;
use crate::password_file::{self, Shown};
use crate::settings::{Database, Settings};
use crate::shared_keys::Date;

/// What was seen.
#[derive(Default)]
pub(super) struct Look {
    /// What stops a start.
    pub(super) faults: Vec<String>,
    /// What does not.
    pub(super) remarks: Vec<String>,
}

/// Looks at every file and directory that the settings name.
pub(super) fn look(settings: &Settings) -> Look {
    let mut look = Look::default();
    if settings.uses_data_dir() {
        match data_dir::is_there(&settings.data_dir) {
            Ok(true) => {}
            Ok(false) => look.missing("data_dir", &settings.data_dir),
            Err(error) => look.fault("data_dir", &error),
        }
    }
    look.database(settings);
    look.redis(settings);
    if let Some(files) = settings.tls_files() {
        match files.read().and_then(|pair| Certificate::of(&pair)) {
            Ok(certificate) => {
                look.standing(&files.certificate, certificate.validity(), SystemClock.now().seconds());
            }
            Err(error) => look.fault("tls_certificate_file", &error),
        }
    }
    look.secret("pepper_file", &settings.pepper_path(), Pepper::load(&settings.pepper_path()));
    look.secret("keys_dir", &settings.keys_path(), KeyDirectory::at(settings.keys_path()).read());
    if let Some(file) = &settings.admin_password_file
        && let Err(error) = password_file::read(file)
    {
        look.file_fault("admin_password_file", file, &error);
    }
    look
}

impl Look {
    fn database(&mut self, settings: &Settings) {
        match settings.database() {
            Database::Sqlite(file) => self.database_file(settings, &file),
            Database::Postgres { url, .. } => {
                if let Err(error) = url.check_files() {
                    self.fault("database_url", &error);
                }
            }
        }
        self.password("database_password_file", settings.database_password_file.as_deref());
    }

    fn database_file(&mut self, settings: &Settings, file: &Path) {
        let directory =
            file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let is_made = settings.uses_data_dir() && directory == settings.data_dir;
        match fs::metadata(file) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => self.faults.push(format!("database_url: {} is no file", file.display())),
            Err(_) if is_made || directory.is_dir() => self.missing("database_url", file),
            Err(_) => {
                self.faults.push(format!("database_url: the directory {} is not there", directory.display()));
            }
        }
    }

    fn redis(&mut self, settings: &Settings) {
        let Some(redis) = settings.redis() else { return };
        let is_encrypted = redis.url.is_encrypted() || redis.documents_url.is_encrypted();
        if is_encrypted && let Err(error) = redis.tls.check(true) {
            self.fault("redis_url", &error);
        }
        self.password("redis_password_file", settings.redis_password_file.as_deref());
    }

    fn password(&mut self, name: &str, file: Option<&Path>) {
        let Some(file) = file else { return };
        if let Err(error) = password_file::read_private(file) {
            self.file_fault(name, file, &error);
        }
    }

    /// What a first start makes.
    fn secret<T>(&mut self, name: &str, path: &Path, loaded: Result<T, KeyFileError>) {
        match loaded {
            Ok(_) => {}
            Err(error) if error.is_not_found() => self.missing(name, path),
            Err(error) => self.fault(name, &error),
        }
    }

    /// What clients think of a certificate because of its time. It does not stop a start.
    fn standing(&mut self, file: &Path, validity: Validity, now: i64) {
        let date = |seconds| Date(Timestamp::from_seconds(seconds));
        let (from, until) = (date(validity.not_before), date(validity.not_after));
        let remark = match validity.standing(now) {
            Standing::Good => return,
            Standing::NotYet => format!("is not good before {from}: clients refuse it"),
            Standing::EndsSoon => format!("ends on {until} and has not been renewed"),
            Standing::Expired => format!("has expired on {until}: clients refuse it"),
        };
        self.remarks.push(format!("tls_certificate_file: {} {remark}", file.display()));
    }

    fn fault(&mut self, name: &str, error: &dyn Error) {
        self.faults.push(format!("{name}: {}", with_causes(error)));
    }

    fn file_fault(&mut self, name: &str, file: &Path, error: &dyn Error) {
        self.faults.push(format!("{name} = {} cannot be used: {}", Shown(file), with_causes(error)));
    }

    fn missing(&mut self, name: &str, path: &Path) {
        self.remarks.push(format!("{name}: {} is not there; a first start makes it", path.display()));
    }
}
