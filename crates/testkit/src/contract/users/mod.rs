//! The promises of `UserRepository`.

mod deleting;
mod filtering;
mod finding;
mod inserting;
mod last_admin;
mod listing;
mod passwords;
mod setting_passwords;
mod updating;
mod walking;

pub use deleting::*;
pub use filtering::*;
pub use finding::*;
pub use inserting::*;
pub use last_admin::*;
pub use listing::*;
pub use passwords::*;
pub use setting_passwords::*;
pub use updating::*;
pub use walking::*;
