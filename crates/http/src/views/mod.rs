//! What responses show.

mod document;
mod envelope;
mod service;
mod tokens;

pub(crate) use document::{UserEntry, UserView, user_path};
pub(crate) use envelope::{Answer, Created, Listed, Page, View};
pub(crate) use service::{Deleted, LoginStatus, Nothing, Readiness, StoreState};
pub(crate) use tokens::Tokens;
