//! What is relied on, asked of the server itself.

use diesel::QueryableByName;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;
use doorward_domain::port::StoreError;
use futures_util::FutureExt;

use super::OpenError;
use crate::operation::Operation;
use crate::store::CockroachStore;

/// The oldest that is tested with.
const OLDEST_POSTGRESQL: u32 = 15;
const OLDEST_COCKROACHDB: (u32, u32) = (23, 1);

/// Byte by byte capitals come before small letters, a tilde behind all letters of ASCII and an accent behind it; in the
/// order of any language none of this holds.
const QUESTION: &str = "SELECT version() AS version, \
     current_setting('default_transaction_isolation') AS isolation, \
     current_setting('server_encoding') AS encoding, \
     'Z'::TEXT < 'a'::TEXT AND 'a~'::TEXT > 'ab'::TEXT AND 'é'::TEXT > 'z'::TEXT AS compares_bytes";

/// What a server says of itself.
#[derive(Debug, QueryableByName)]
pub(super) struct Server {
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = Text)]
    isolation: String,
    #[diesel(sql_type = Text)]
    encoding: String,
    #[diesel(sql_type = Bool)]
    compares_bytes: bool,
}

impl CockroachStore {
    pub(super) async fn ask_for_server(&self) -> Result<Server, StoreError> {
        self.read(Operation::Probe, &(), |connection, ()| {
            async { Ok(diesel::sql_query(QUESTION).get_result(connection).await?) }.boxed()
        })
        .await
    }
}

impl Server {
    /// Refuses what would not do.
    pub(super) fn check(&self) -> Result<(), OpenError> {
        if !self.is_new_enough() {
            return Err(OpenError::TooOld { found: self.version.clone() });
        }
        if self.isolation != "serializable" {
            return Err(OpenError::Isolation { found: self.isolation.clone() });
        }
        if !["UTF8", "UTF-8"].contains(&self.encoding.to_uppercase().as_str()) {
            return Err(OpenError::Encoding { found: self.encoding.clone() });
        }
        if !self.compares_bytes {
            return Err(OpenError::Collation);
        }
        tracing::info!(version = self.version, "connected to the database");
        Ok(())
    }

    /// `PostgreSQL 15.4 (…)`, `CockroachDB CCL v25.4.1 (…)`. What speaks of itself in another way is given a chance.
    fn is_new_enough(&self) -> bool {
        let numbers = |text: &str| {
            let mut parts = text.split(|letter: char| !letter.is_ascii_digit()).map(str::parse::<u32>);
            Some((parts.next()?.ok()?, parts.next().and_then(Result::ok).unwrap_or_default()))
        };
        if let Some(rest) = self.version.strip_prefix("PostgreSQL ") {
            return numbers(rest).is_none_or(|(major, _)| major >= OLDEST_POSTGRESQL);
        }
        if self.version.starts_with("CockroachDB ") {
            let number = self.version.split(" v").nth(1).and_then(numbers);
            return number.is_none_or(|number| number >= OLDEST_COCKROACHDB);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(version: &str) -> Server {
        Server {
            version: version.to_owned(),
            isolation: "serializable".to_owned(),
            encoding: "UTF8".to_owned(),
            compares_bytes: true,
        }
    }

    #[test]
    fn old_servers_are_known_by_what_they_say() {
        for version in [
            "PostgreSQL 15.4 (Debian 15.4-1) on x86_64-pc-linux-gnu",
            "PostgreSQL 17beta1",
            "CockroachDB CCL v23.1.28 (x86_64-pc-linux-gnu, built …)",
            "CockroachDB CCL v26.2.0-beta.1 (x86_64)",
            "YugabyteDB",
        ] {
            assert!(server(version).check().is_ok(), "{version}");
        }
        for version in ["PostgreSQL 14.9", "PostgreSQL 9.6.24", "CockroachDB CCL v22.2.19 (…)"] {
            assert!(matches!(server(version).check(), Err(OpenError::TooOld { .. })), "{version}");
        }
    }

    #[test]
    fn what_every_promise_rests_on_is_demanded() {
        let lax = Server { isolation: "read committed".to_owned(), ..server("PostgreSQL 15.4") };
        assert!(matches!(lax.check(), Err(OpenError::Isolation { .. })));
        let narrow = Server { encoding: "LATIN1".to_owned(), ..server("PostgreSQL 15.4") };
        assert!(matches!(narrow.check(), Err(OpenError::Encoding { .. })));
        let collating = Server { compares_bytes: false, ..server("PostgreSQL 15.4") };
        assert!(matches!(collating.check(), Err(OpenError::Collation)));
    }
}
