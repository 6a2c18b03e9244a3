//! Which Redis may be believed, and for how long.
//!
//! An epoch in the database says which server, in which of its lives, all nodes believe. A node believes it for a
//! second from the moment it began to read the epoch, and reads it again four times a second. Whoever finds that it
//! cannot tell this server of a change ends the epoch and waits for that second: then no node believes the server any
//! more. A new epoch begins no earlier, and with new keys, so that nothing is believed that was known before.

mod keeper;
mod lease;
#[cfg(test)]
mod tests;

pub(crate) use keeper::{Health, Keeper, KeeperParts};
pub(crate) use lease::Trust;

use std::time::Duration;

/// How long an epoch is believed from the moment at which somebody began to read it.
const LEASE: Duration = Duration::from_secs(1);

/// How long to wait until nobody believes an epoch any more that has ended: clocks of other machines run a little
/// slower than ours.
const LAPSE: Duration = Duration::from_millis(1_100);
