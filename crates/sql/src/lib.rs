//! What both SQL stores say the same way: the tables, what a row of them is in the domain's words, and the steps that
//! read and write several rows.
//!
//! A store brings the statements ([`Transaction`](steps::Transaction)) and sees to it that what happens inside of one
//! transaction happens at once or not at all. Which statements a business event takes, in which order, and when it is
//! refused, stands in [`steps`], once for `SQLite` and once for `CockroachDB` and `PostgreSQL`.

pub mod audit;
pub mod columns;
pub mod intake;
pub mod rows;
pub mod schema;
pub mod steps;

mod asked;
mod asked_together;
mod error;
mod kept;
mod migration_kind;
mod prefix;
mod schema_status;
mod sessions_kept;

pub use asked::Asked;
pub use asked_together::AskedTogether;
pub use error::{Abort, BadColumn, Failure, no_transfer};
pub use kept::{KeptDocuments, Listed, PageOfHeads, UserHead};
pub use migration_kind::MigrationKind;
pub use prefix::Prefix;
pub use schema_status::{Extent, SchemaStatus, in_order};
pub use sessions_kept::SESSIONS_KEPT;
