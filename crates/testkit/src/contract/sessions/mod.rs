//! The promises of `SessionRepository`.

mod ending;
mod listing_ended;
mod living;
mod opening;
mod rotating;
mod rotating_at_once;

pub use ending::*;
pub use listing_ended::*;
pub use living::*;
pub use opening::*;
pub use rotating::*;
pub use rotating_at_once::*;
