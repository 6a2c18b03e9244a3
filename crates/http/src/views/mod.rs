//! What responses show.

mod audit;
mod document;
mod envelope;
mod envelope_schema;
mod own_document;
mod service;
mod session;
mod tokens;
mod user_entry;
mod user_path;

pub(crate) use audit::AuditEntryView;
pub use audit::audit_entry_as_json;
pub(crate) use document::{FavoritesView, UserView};
pub(crate) use envelope::{Answer, Created, Listed, Page, View};
pub(crate) use own_document::OwnDocument;
pub(crate) use service::{
    DEGRADED, Deleted, LoginStatus, Nothing, READY, Readiness, STORE_STATES, StoreState, UNAVAILABLE,
};
pub(crate) use session::{Ended, SessionView};
pub(crate) use tokens::Tokens;
pub(crate) use user_entry::UserEntry;
pub(crate) use user_path::user_path;
