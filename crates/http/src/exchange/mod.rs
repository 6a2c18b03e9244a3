//! Accounts in files: how a row is read and written, for taking accounts in and handing them out by the thousand.
//!
//! A row is read by what reads a registration, so that what that one refuses is refused here in the same words.

mod cells;
mod read;
mod time;
mod write;

pub use cells::{COLUMNS, Columns, UnknownColumns};
pub use read::{RowKind, RowReader};
pub use write::{HashesShown, account_as_cells, account_as_json, document_as_json};
