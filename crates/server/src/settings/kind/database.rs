//! Where a database is.

use std::path::PathBuf;

use doorward_cockroach::{ConnectionUrl, Policy, UrlError};

use super::masked::{self, Alone};
use super::{Form, Kind};
use crate::settings::Database;

/// A database, as a URL.
pub(in crate::settings) struct DatabaseUrl;

impl Kind for DatabaseUrl {
    type Value = Database;

    fn allowed(&self) -> String {
        "sqlite: and a file, such as sqlite:///var/lib/doorward/doorward.db, or postgresql://user@host:port/database \
         for PostgreSQL and CockroachDB"
            .to_owned()
    }

    fn form(&self) -> Form {
        Form::Text("^(sqlite:|postgres(ql)?://).+$")
    }

    fn read(&self, text: &str) -> Option<Database> {
        parse(text).ok()
    }

    fn reason(&self, text: &str) -> Option<String> {
        parse(text).err().flatten().map(|error| error.to_string())
    }

    fn may_be_shown(&self) -> bool {
        false
    }

    fn masked(&self, text: &str) -> String {
        if text.starts_with("sqlite:") { text.to_owned() } else { masked::url(text, Alone::User) }
    }
}

/// What is wrong, where more can be said than what a URL should look like.
fn parse(text: &str) -> Result<Database, Option<UrlError>> {
    match text.strip_prefix("sqlite:") {
        Some(rest) => file(rest).map(Database::Sqlite).ok_or(None),
        None => match server(text) {
            Err(UrlError::Scheme) => Err(None),
            server => Ok(server?),
        },
    }
}

fn file(rest: &str) -> Option<PathBuf> {
    let file = rest.strip_prefix("//").unwrap_or(rest);
    // Parameters would become part of the file's name, and a database in memory would not outlive the process.
    let plain = !file.contains(['?', '#', '\0']) && !file.starts_with(':');
    (plain && !file.is_empty() && !file.ends_with('/')).then(|| PathBuf::from(file))
}

/// Whether the other side may be anybody is decided by another setting, which may not be read yet.
fn server(text: &str) -> Result<Database, UrlError> {
    let (url, unverified) = match ConnectionUrl::parse(text, Policy { allow_unverified: false }) {
        Err(error @ UrlError::Unverified { .. }) => {
            (ConnectionUrl::parse(text, Policy { allow_unverified: true })?, Some(error))
        }
        url => (url?, None),
    };
    Ok(Database::Postgres { url: Box::new(url), unverified })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::kind::taken;

    #[test]
    fn a_file_is_a_database() {
        let files = ["sqlite:///var/lib/d.db", "sqlite:d.db", "sqlite://d.db", "sqlite:/d.db"];
        let read = files.map(|text| match DatabaseUrl.read(text) {
            Some(Database::Sqlite(file)) => file,
            other => panic!("{other:?}"),
        });
        assert_eq!(read, ["/var/lib/d.db", "d.db", "d.db", "/d.db"].map(PathBuf::from));
    }

    #[test]
    fn a_database_of_a_server_is_one() {
        for (text, verified) in [
            ("postgres://doorward@localhost/doorward", true),
            ("postgresql://u:p@db1:26257,db2:26257/d?sslrootcert=/ca.crt", true),
            ("postgresql://u:p@db1/d?sslmode=require", false),
            ("postgresql://u:p@db1/d?sslmode=disable", false),
        ] {
            let Some(Database::Postgres { unverified, .. }) = DatabaseUrl.read(text) else {
                panic!("{text}")
            };
            assert_eq!(unverified.is_none(), verified, "{text}");
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        let wrong = [
            "",
            "d.db",
            "sqlite:",
            "sqlite://",
            "sqlite:///",
            "sqlite::memory:",
            "sqlite://d.db?mode=ro",
            "mysql://u:p@h/d",
            "postgresql://h",
        ];
        assert_eq!(taken(&DatabaseUrl, &wrong), Vec::<String>::new());
    }

    #[test]
    fn where_more_can_be_said_it_is_and_nothing_is_repeated() {
        let reason = |text: &str| DatabaseUrl.reason(text);
        assert_eq!(reason("mysql://u:p@h/d"), None);
        assert_eq!(reason("sqlite:"), None);
        let said = reason("postgresql://u:sesame@h:port/d").unwrap();
        assert!(said.contains("the port of host number 1") && !said.contains("sesame"), "{said}");
        let said = reason("postgresql://u:sesame@h/d?sslmode=prefer").unwrap();
        assert!(said.contains("sslmode=prefer is not offered") && !said.contains("sesame"), "{said}");
    }
}
