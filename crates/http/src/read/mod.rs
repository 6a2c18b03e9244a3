//! Reading what a client sends: strict JSON, then fields, then values of the domain.
//!
//! A body is described once, by the function that reads it. Run on a request it gives the value and *every* fault;
//! run on nothing it gives the schema that the API description shows.

mod fields;
mod json;
mod kind;
mod query;

pub(crate) use fields::{Fields, Schema};
pub(crate) use json::Json;
pub(crate) use kind::{
    Kind, NO_CONTROL, email, flag, link, new_password, number, one_of, password, text, timestamp, written,
    written_time,
};
pub(crate) use query::{QueryError, with_cursor};
