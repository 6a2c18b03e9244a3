//! Handlers: extract, parse, call, wrap. Their doc comments are the API's documentation.

pub(crate) mod audit;
pub(crate) mod auth;
mod docs;
pub(crate) mod lists;
pub(crate) mod service;
pub(crate) mod sessions;
pub(crate) mod users;

pub(crate) use docs::{DescriptionText, serve_docs};
