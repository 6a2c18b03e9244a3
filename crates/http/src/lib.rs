//! The REST API: routes, permissions, errors and their description, over the use cases of `doorward-domain`.

mod app;
#[cfg(feature = "bench")]
pub mod bench;
mod bodies;
mod cursor;
mod description;
mod edge;
mod error;
pub mod exchange;
mod extract;
#[cfg(test)]
mod fuzzing;
mod handlers;
mod metrics_page;
mod read;
mod routes;
mod server;
mod settings;
mod views;

pub use app::{RequestTraces, Service};
pub use bodies::LARGEST_PAGE;
pub use description::description;
pub use error::{ApiError, Code, FieldFault, with_causes};
pub use metrics_page::{Scrape, serve_metrics};
pub use server::serve;
pub use settings::HttpSettings;
pub use views::audit_entry_as_json;
