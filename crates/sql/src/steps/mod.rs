//! Business events that read and write several rows: a file an event.
//!
//! Each runs inside of one transaction that a store opened, and may run again from its beginning: whatever it writes
//! was chosen before. A step that was carried out already, but nobody heard of it, changes nothing and answers the
//! same.

mod authorize;
mod change_password;
mod delete;
mod end;
mod insert;
mod open;
mod rotate;
mod set_password;
mod transaction;
mod update;

pub use change_password::change_password;
pub use delete::delete;
pub use end::end;
pub use insert::insert;
pub use open::open;
pub use rotate::rotate;
pub use set_password::set_password;
pub use transaction::{Account, Transaction};
pub use update::update;

use doorward_domain::audit::AuditEntry;

use crate::error::Failure;

/// Whether what is written down of a step is there already: then it was carried out. What writes nothing down cannot
/// be told.
async fn is_recorded(transaction: &mut impl Transaction, entries: &[AuditEntry]) -> Result<bool, Failure> {
    match entries.first() {
        Some(entry) => transaction.is_recorded(entry.id).await,
        None => Ok(false),
    }
}

/// Whether a step may have been carried out before, unheard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// It certainly was not.
    First,
    /// An earlier try ended without an answer to its `COMMIT`.
    PerhapsDoneBefore,
}
