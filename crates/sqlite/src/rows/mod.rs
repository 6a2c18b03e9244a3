//! Rows as they stand in the file, and the way between them and the domain's values.
//!
//! Reading a row parses it again: a value that came out of the file is as valid as one that came from a client.

mod address;
mod documents;
mod id;
mod session;
mod user;

pub(crate) use address::AddressRow;
pub(crate) use id::Id;
pub(crate) use session::SessionRow;
pub(crate) use user::{UserFields, UserRow, last_login_at, scheme_name};

use std::error::Error;

use crate::error::BadColumn;

/// Names the column that a value could not be read from, or written to.
fn column<T, E: Into<Box<dyn Error + Send + Sync>>>(
    column: &'static str,
    value: Result<T, E>,
) -> Result<T, BadColumn> {
    value.map_err(|error| BadColumn { column, source: error.into() })
}
