//! Who did what to whom: what is written down of it, in the same step as what is done.

mod action;
mod deed;
mod entry;
mod trail;
mod writer;

pub use action::{Action, Outcome, Word};
pub use deed::{Authority, Deed, Denied};
pub use entry::{AuditEntry, AuditId, Party, PartyName};
pub use trail::{AuditError, AuditPage, AuditPorts, AuditRequest, AuditTrail};
pub(crate) use writer::AuditWriter;
