//! Which server it is, and which of its lives.

use std::fmt;

use super::ConnectError;
use super::report::{Report, Told};

/// What a witness is made of.
pub(super) const SECTIONS: &[&str] = &["server", "replication"];

/// Names the servers behind a connection, each in one of its lives. A restart changes it, and so does whatever makes
/// another server the primary, or this one a primary again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Witness(String);

impl Witness {
    /// From the reports of all primaries, with where they are. None of them may be a replica. The database counts: who is
    /// in another one does not see what is told here, nor does whoever names keys as in a cluster.
    pub(super) fn of(database: Option<i64>, reports: &[(String, Report)]) -> Result<Self, ConnectError> {
        let all = reports.iter().map(|(place, report)| name(place, &report.of(place)));
        let mut names = all.collect::<Result<Vec<_>, _>>()?;
        names.sort_unstable();
        let database = database.map_or_else(|| "cluster".to_owned(), |database| database.to_string());
        Ok(Self(format!("{database}@{}", names.join(","))))
    }
}

/// The run, which a restart ends, and the history of the data, which a promotion begins anew.
fn name(place: &str, told: &Told<'_>) -> Result<String, ConnectError> {
    if !told.is_primary()? {
        return Err(ConnectError::Replica { place: place.to_owned() });
    }
    Ok(format!("{}:{}", told.get("run_id")?, told.get("master_replid")?))
}

impl fmt::Display for Witness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
