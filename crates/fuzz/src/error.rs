//! What `doorward-http` says of a field that is wrong.

#[path = "../../http/src/error/fault.rs"]
mod fault;

pub(crate) use fault::FieldFault;
