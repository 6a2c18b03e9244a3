//! How often somebody may try a password, register, refresh or change what is theirs.

mod guard;
mod key;
mod limits;
mod rate;

pub use guard::{Guard, TooMany};
pub use key::{Network, Pseudonym, Scope, ThrottleKey};
pub use limits::Limits;
pub use rate::Rate;
