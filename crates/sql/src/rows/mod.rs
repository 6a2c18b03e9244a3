//! Rows as they stand in the tables, and the way between them and the domain's values.
//!
//! Reading a row parses it again: a value that came out of the database is as valid as one that came from a client.

mod address;
mod audit;
mod documents;
mod epoch;
mod fingerprint;
mod session;
mod user;
mod user_columns;

pub use address::AddressRow;
pub use audit::{AuditRow, audit_entries};
pub use epoch::EpochRow;
pub use fingerprint::FingerprintRow;
pub use session::{SessionRow, before_ended, ended_sessions, sessions};
pub use user::{CredentialColumns, UserFields, UserRow, last_login_at, users};
pub use user_columns::{AddressColumns, UserColumns};
