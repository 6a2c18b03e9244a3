//! Which migrations a database has, beside those that this version knows, and whether this version may use it so.

use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource, Result};

use crate::MigrationKind;

/// The migrations of a database, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaStatus {
    /// Known, and carried out.
    pub applied: Vec<String>,
    /// Known, and not carried out yet.
    pub pending: Vec<String>,
    /// Carried out by a newer version.
    pub unknown: Vec<String>,
}

/// Which migrations are to be carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// All.
    #[default]
    Everything,
    /// Those that this version needs. What it only takes away from older ones stays until nobody needs it.
    WithoutContract,
}

impl Extent {
    /// Whether a migration is one of them.
    pub fn includes(self, migration: &str) -> bool {
        self == Self::Everything || MigrationKind::of(migration) != MigrationKind::Contract
    }
}

impl SchemaStatus {
    /// Compares what is known with the versions that a database says were carried out.
    pub fn compare<DB: Backend>(known: &[Box<dyn Migration<DB>>], carried_out: &[String]) -> Self {
        let mut status = Self::default();
        for migration in known {
            let name = migration.name().to_string();
            let version = migration.name().version().to_string();
            if carried_out.contains(&version) { &mut status.applied } else { &mut status.pending }.push(name);
        }
        let is_known =
            |version: &String| known.iter().any(|one| one.name().version().to_string() == *version);
        status.unknown = carried_out.iter().filter(|version| !is_known(version)).cloned().collect();
        status.unknown.sort_unstable();
        status
    }

    /// Whether the tables are just those that this version makes.
    pub fn is_current(&self) -> bool {
        self.pending.is_empty() && self.unknown.is_empty()
    }

    /// The first migration of a newer version with which this one must not use the tables. One that only adds is no
    /// hindrance.
    pub fn refused(&self) -> Option<&str> {
        self.unknown
            .iter()
            .map(String::as_str)
            .find(|version| MigrationKind::of(version) != MigrationKind::Expand)
    }

    /// The first migration without which this version cannot use the tables. What one takes away does not matter to
    /// whoever no longer uses it.
    pub fn missing(&self) -> Option<&str> {
        self.to_do(Extent::WithoutContract).next()
    }

    /// What is to be carried out, in order.
    pub fn to_do(&self, extent: Extent) -> impl Iterator<Item = &str> {
        self.pending.iter().map(String::as_str).filter(move |name| extent.includes(name))
    }

    /// The first migration of a newer version because of which this one must not change the tables: one with which it
    /// must not use them, or any where something else is to be done, which was not meant to come later.
    pub fn obstacle(&self, extent: Extent) -> Option<&str> {
        let any = self.unknown.first().filter(|_| self.to_do(extent).next().is_some());
        self.refused().or(any.map(String::as_str))
    }

    /// What should be said once by whoever uses the tables as they are, if anything.
    pub fn remark(&self) -> Option<String> {
        if let (Some(first), Some(last)) = (self.unknown.first(), self.unknown.last()) {
            return Some(format!(
                "a newer version has added to the tables ({first} to {last}); this one goes on without"
            ));
        }
        let waiting = self.pending.first().filter(|_| self.missing().is_none())?;
        Some(format!(
            "{waiting} waits: once no older version runs, `doorward migrate apply` takes away what only those need"
        ))
    }
}

/// The migrations of a source, in the order in which they are carried out.
pub fn in_order<DB: Backend>(source: &impl MigrationSource<DB>) -> Result<Vec<Box<dyn Migration<DB>>>> {
    let mut migrations = source.migrations()?;
    migrations.sort_unstable_by_key(|migration| migration.name().version().as_owned());
    Ok(migrations)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(pending: &[&str], unknown: &[&str]) -> SchemaStatus {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        SchemaStatus { applied: Vec::new(), pending: owned(pending), unknown: owned(unknown) }
    }

    #[test]
    fn r31_what_a_newer_version_has_only_added_is_no_hindrance() {
        let added = status(&[], &["0034expand", "0036expand"]);
        assert_eq!(
            (added.refused(), added.missing(), added.obstacle(Extent::Everything)),
            (None, None, None)
        );
        assert!(added.remark().unwrap().contains("0036expand"));
        for refused in ["0035contract", "9999", "0035"] {
            let newer = status(&[], &["0034expand", refused]);
            assert_eq!(newer.refused(), Some(refused));
            assert_eq!(newer.obstacle(Extent::WithoutContract), Some(refused));
        }
        assert_eq!(status(&[], &[]).remark(), None);
    }

    #[test]
    fn whoever_lacks_something_changes_nothing_beside_what_a_newer_version_has_added() {
        let odd = status(&["0033_sessions"], &["0034expand"]);
        assert_eq!(odd.missing(), Some("0033_sessions"));
        assert_eq!(odd.obstacle(Extent::Everything), Some("0034expand"));
    }

    #[test]
    fn what_only_takes_away_may_wait_until_nobody_needs_it() {
        let pending = status(&["0035contract_users_nickname"], &[]);
        assert_eq!(pending.missing(), None);
        assert!(pending.remark().unwrap().contains("0035contract_users_nickname waits"));
        assert_eq!(pending.to_do(Extent::Everything).count(), 1);
        assert_eq!(pending.to_do(Extent::WithoutContract).count(), 0);
        let more = status(&["0035contract_users_nickname", "0036expand_users_name"], &[]);
        assert_eq!(more.missing(), Some("0036expand_users_name"));
    }
}
