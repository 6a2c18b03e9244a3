//! An error as one line.

pub(crate) use doorward_http::with_causes;
