//! The promises of `SessionRepository`.

mod ending;
mod ending_several;
mod listing_ended;
mod listing_live;
mod living;
mod opening;
mod rotating;
mod rotating_at_once;

pub use ending::*;
pub use ending_several::*;
pub use listing_ended::*;
pub use listing_live::*;
pub use living::*;
pub use opening::*;
pub use rotating::*;
pub use rotating_at_once::*;
