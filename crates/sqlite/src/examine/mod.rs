//! Whatever is wrong with a file: what `SQLite` sees in its pages, and what this service promises of its rows.

mod finding;
mod rows;
#[cfg(test)]
mod tests;

pub use finding::Finding;

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::{QueryableByName, SqliteConnection, sql_query};
use doorward_domain::port::KeyFingerprint;
use doorward_sql::SchemaStatus;

use crate::keys;
use crate::open::{self, DatabaseFile, OpenError};
use crate::store::{SqliteSettings, SqliteStore};

/// The tables whose rows are counted.
const TABLES: [&str; 3] = ["users", "sessions", "audit_log"];

/// More of a kind than this tell nothing new.
const MOST_OF_A_KIND: usize = 20;

/// A file as it was at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// What is wrong. Where pages are damaged nothing else is looked for, and in tables of another version not for what
    /// rows say.
    pub findings: Vec<Finding>,
    /// Which migrations were carried out.
    pub schema: SchemaStatus,
    /// How many rows the tables have that grow.
    pub rows: Vec<(&'static str, i64)>,
    /// Which secrets the database was set up with.
    pub registered: Vec<KeyFingerprint>,
    /// How commits are kept: `wal` where the file was served, `delete` in a snapshot.
    pub journal: String,
    /// The size of the file in bytes, without its log.
    pub bytes: u64,
    /// How many of them are free for new rows.
    pub unused: u64,
}

impl SqliteStore {
    /// Looks the file at `path` through, every page and every row of accounts and sessions. Others may read and write
    /// meanwhile: all of it is one view, and nothing is changed.
    ///
    /// This blocks, for about as long as reading the file takes.
    pub fn examine(path: &Path, settings: SqliteSettings) -> Result<Examination, OpenError> {
        in_one_view(&mut DatabaseFile::connect_as_it_is(path, settings.busy_timeout)?)
    }

    /// Looks a copy through that has no log and that nobody changes, such as one that [`snapshot`](Self::snapshot) made.
    ///
    /// This blocks.
    pub fn examine_copy(path: &Path) -> Result<Examination, OpenError> {
        in_one_view(&mut DatabaseFile::connect_to_copy(path)?)
    }
}

impl Examination {
    fn of_damage(findings: Vec<Finding>) -> Self {
        Self { findings, ..Self::default() }
    }
}

fn in_one_view(connection: &mut SqliteConnection) -> Result<Examination, OpenError> {
    let mut look = || -> Result<Examination, OpenError> {
        connection.batch_execute("PRAGMA query_only = ON; PRAGMA cell_size_check = ON; BEGIN")?;
        let examination = examine(connection)?;
        connection.batch_execute("COMMIT")?;
        Ok(examination)
    };
    match look() {
        // So badly that not even the list of tables can be read.
        Err(OpenError::Damaged(said)) => Ok(Examination::of_damage(vec![Finding::Damaged(said)])),
        examination => examination,
    }
}

fn examine(connection: &mut SqliteConnection) -> Result<Examination, OpenError> {
    let damage = damage(connection)?;
    if !damage.is_empty() {
        return Ok(Examination::of_damage(damage));
    }
    let page = size(open::number(connection, "page_size")?);
    let schema = open::look_at(connection)?;
    let mut found = Examination {
        findings: dangling(connection)?,
        journal: sql::<Text>("PRAGMA journal_mode").get_result(connection)?,
        bytes: page * size(open::number(connection, "page_count")?),
        unused: page * size(open::number(connection, "freelist_count")?),
        rows: rows(connection)?,
        ..Examination::default()
    };
    found.findings.extend(Finding::of_schema(&schema));
    if has_table(connection, "key_fingerprints")? {
        found.registered = keys::registered(connection)?;
    }
    if schema.is_current() {
        found.findings.extend(altered(connection)?);
    }
    if schema.missing().is_none() && schema.refused().is_none() {
        found.findings.extend(rows::examine(connection)?);
    }
    found.schema = schema;
    Ok(found)
}

/// What `SQLite` itself finds.
fn damage(connection: &mut SqliteConnection) -> Result<Vec<Finding>, OpenError> {
    let check = format!("PRAGMA integrity_check({MOST_OF_A_KIND})");
    let said: Vec<String> = sql::<Text>(&check).load(connection)?;
    Ok(said.into_iter().filter(|line| line != "ok").map(Finding::Damaged).collect())
}

fn dangling(connection: &mut SqliteConnection) -> Result<Vec<Finding>, OpenError> {
    let rows: Vec<Dangling> = sql_query(
        "SELECT \"table\" AS name, parent, count(*) AS count FROM pragma_foreign_key_check GROUP BY 1, 2",
    )
    .load(connection)?;
    let told = |row: Dangling| Finding::Dangling { table: row.name, parent: row.parent, rows: row.count };
    Ok(rows.into_iter().map(told).collect())
}

#[derive(QueryableByName)]
struct Dangling {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Where the tables are not those that the migrations make.
fn altered(connection: &mut SqliteConnection) -> Result<Vec<Finding>, OpenError> {
    let (expected, found) = (open::complete_schema()?, open::schema(connection)?);
    let missing = expected.iter().filter(|one| !found.contains(one)).cloned().map(Finding::NotThere);
    let foreign = found.iter().filter(|one| !expected.contains(one)).cloned().map(Finding::NotOurs);
    Ok(missing.chain(foreign).collect())
}

/// How many rows there are, of the tables that there are.
fn rows(connection: &mut SqliteConnection) -> Result<Vec<(&'static str, i64)>, OpenError> {
    let mut counts = Vec::new();
    for table in TABLES {
        if has_table(connection, table)? {
            counts.push((
                table,
                sql::<BigInt>(&format!("SELECT count(*) FROM {table}")).get_result(connection)?,
            ));
        }
    }
    Ok(counts)
}

pub(crate) fn has_table(connection: &mut SqliteConnection, name: &str) -> QueryResult<bool> {
    sql::<Bool>("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ")
        .bind::<Text, _>(name)
        .sql(")")
        .get_result(connection)
}

fn size(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
