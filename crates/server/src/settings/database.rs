//! The database that an operator names.

use std::fmt;
use std::path::{Path, PathBuf};

use doorward_cockroach::{ConnectionUrl, UrlError};

use super::kind::{DatabaseUrl, Kind};

/// Where accounts and sessions are kept. It is printed without any secret.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    /// In a file.
    Sqlite(PathBuf),
    /// On a server that speaks the protocol of `PostgreSQL`, as `CockroachDB` does.
    Postgres {
        /// Where it is.
        url: Box<ConnectionUrl>,
        /// Why this needs `database_allow_unverified`, if it does.
        unverified: Option<UrlError>,
    },
}

/// Why a text names no database. It repeats nothing of the text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct DatabaseError(String);

impl Database {
    /// Reads a URL like that of the setting `database_url`.
    pub(crate) fn parse(text: &str, allow_unverified: bool) -> Result<Self, DatabaseError> {
        let kind = DatabaseUrl;
        let database = kind.read(text).ok_or_else(|| {
            DatabaseError(kind.reason(text).unwrap_or_else(|| format!("must be {}", kind.allowed())))
        })?;
        match database.needs_leave() {
            Some(error) if !allow_unverified => Err(DatabaseError(error.to_string())),
            _ => Ok(database),
        }
    }

    /// Why this needs `database_allow_unverified`, if it does.
    pub(super) fn needs_leave(&self) -> Option<&UrlError> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres { unverified, .. } => unverified.as_ref(),
        }
    }

    /// The same with this password, where there is anybody to tell it.
    pub(crate) fn with_password(self, password: &str) -> Self {
        match self {
            Self::Sqlite(_) => self,
            Self::Postgres { url, unverified } => {
                Self::Postgres { url: Box::new(url.with_password(password)), unverified }
            }
        }
    }
}

/// The URL, without user, password and parameters.
impl fmt::Display for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(formatter, "sqlite://{}", absolute(file).display()),
            Self::Postgres { url, .. } => formatter.write_str(&url.describe()),
        }
    }
}

/// One file has one name, as far as its directory is there already.
pub(crate) fn absolute(file: &Path) -> PathBuf {
    if let Ok(path) = file.canonicalize() {
        return path;
    }
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (directory.canonicalize(), file.file_name()) {
        (Ok(directory), Some(name)) => directory.join(name),
        _ => std::path::absolute(file).unwrap_or_else(|_| file.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_without_its_secrets() {
        let url = "postgresql://doorward:open-sesame@db1:26257,db2/accounts?application_name=x";
        let database = Database::parse(url, false).unwrap();
        assert_eq!(database.to_string(), "postgresql://db1:26257,db2:5432/accounts");
        let told = format!("{database:?}");
        assert!(!told.contains("open-sesame"), "{told}");
    }

    #[test]
    fn a_file_has_one_name_whether_or_not_it_is_there() {
        let directory = tempfile::tempdir().unwrap();
        let named = |text: &str| Database::Sqlite(directory.path().join(text)).to_string();
        let before = named("a/../doorward.db");
        std::fs::create_dir(directory.path().join("a")).unwrap();
        assert_ne!(before, named("other.db"));
        let before = named("a/../doorward.db");
        std::fs::write(directory.path().join("doorward.db"), "").unwrap();
        assert_eq!([before, named("./doorward.db")], [named("doorward.db"), named("a/../doorward.db")]);
        assert!(named("doorward.db").starts_with("sqlite:///"));
    }

    #[test]
    fn a_server_that_may_be_anybody_needs_leave() {
        let url = "postgresql://doorward:open-sesame@db.internal/doorward?sslmode=require";
        let refused = Database::parse(url, false).unwrap_err().to_string();
        assert!(refused.contains("database_allow_unverified") && !refused.contains("sesame"), "{refused}");
        assert!(Database::parse(url, true).is_ok());
    }
}
