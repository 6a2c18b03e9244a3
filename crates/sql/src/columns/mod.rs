//! Columns whose type has another name in each database.

mod id;
mod json;
mod time;

pub use id::{Id, IdColumn};
pub use json::{Json, JsonColumn};
pub use time::{Time, TimeColumn};
