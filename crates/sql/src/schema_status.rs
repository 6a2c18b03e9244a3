//! Which migrations a database has, beside those that this version knows.

use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource, Result};

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

    /// Whether the tables are just those that this version reads and writes.
    pub fn is_current(&self) -> bool {
        self.pending.is_empty() && self.unknown.is_empty()
    }
}

/// The migrations of a source, in the order in which they are carried out.
pub fn in_order<DB: Backend>(source: &impl MigrationSource<DB>) -> Result<Vec<Box<dyn Migration<DB>>>> {
    let mut migrations = source.migrations()?;
    migrations.sort_unstable_by_key(|migration| migration.name().version().as_owned());
    Ok(migrations)
}
