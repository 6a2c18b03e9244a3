//! One thing that is wrong.

use std::fmt;

use doorward_sql::{Extent, SchemaStatus};

/// One thing that is wrong with a file. It prints as a sentence, without anybody's address in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// `SQLite` finds a page, a row or an index damaged; this is what it says.
    Damaged(String),
    /// Rows refer to others that are not there.
    Dangling {
        /// Whose rows.
        table: String,
        /// What they refer to.
        parent: String,
        /// How many.
        rows: i64,
    },
    /// A migration was not carried out.
    Pending(String),
    /// A newer version was here.
    Newer(String),
    /// A table or an index that the migrations make is not there, or not as they make it.
    NotThere(String),
    /// There is a table, an index or a trigger that no migration makes.
    NotOurs(String),
    /// A row is nothing that this version could have written.
    Illegible {
        /// Which table.
        table: &'static str,
        /// Which row.
        id: String,
        /// Why.
        why: String,
    },
    /// There are more such rows than were told.
    More {
        /// Which table.
        table: &'static str,
        /// How many more.
        rows: usize,
    },
    /// Accounts that are not found by one of their addresses.
    Unreachable {
        /// How many.
        accounts: i64,
    },
    /// Addresses that are kept for accounts that do not have them.
    Stray {
        /// How many.
        addresses: i64,
    },
    /// Nobody could look after the service.
    NoAdmin,
    /// A transfer into this database was not finished.
    Unfinished(String),
}

impl Finding {
    /// What a status of the tables says. What a newer version has only added, and what may be taken away once no older
    /// version runs, is as it should be.
    pub(super) fn of_schema(status: &SchemaStatus) -> impl Iterator<Item = Self> {
        let missing = status.to_do(Extent::WithoutContract).map(|name| Self::Pending(name.to_owned()));
        missing.chain(status.refused().map(|version| Self::Newer(version.to_owned())))
    }

    /// Whether a copy of such a file is no good: its pages are damaged, or this version does not know its tables.
    /// Anything else can be put right in a copy as well as in the file.
    pub fn spoils_a_copy(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::Dangling { .. } | Self::Newer(_))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(said) => write!(formatter, "damaged: {said}"),
            Self::Dangling { table, parent, rows } => {
                write!(formatter, "{rows} rows of {table} refer to rows of {parent} that are not there")
            }
            Self::Pending(name) => {
                write!(
                    formatter,
                    "the migration {name} is missing: `doorward migrate apply`, or the next start"
                )
            }
            Self::Newer(version) => {
                write!(formatter, "a newer version was here, with the migration {version}: use that version")
            }
            Self::NotThere(made) => write!(formatter, "not there, or not as it was made: {}", line(made)),
            Self::NotOurs(made) => write!(formatter, "made by nobody known: {}", line(made)),
            Self::Illegible { table, id, why } => write!(formatter, "the row {id} of {table}: {why}"),
            Self::More { table, rows } => write!(formatter, "and {rows} more rows of {table}"),
            Self::Unreachable { accounts } => {
                write!(formatter, "{accounts} accounts are not found by an address that they have")
            }
            Self::Stray { addresses } => {
                write!(formatter, "{addresses} addresses are kept for accounts that have others")
            }
            Self::NoAdmin => formatter
                .write_str("there are accounts, and no active admin: `doorward admin create` makes one"),
            Self::Unfinished(from) => write!(
                formatter,
                "a transfer from {from} was not finished: run `doorward transfer --from {from}` again"
            ),
        }
    }
}

/// The first line of a statement, which names what it makes.
fn line(statement: &str) -> &str {
    statement.lines().next().unwrap_or_default()
}
