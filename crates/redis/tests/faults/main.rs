//! What goes wrong between the service and Redis, one fault at a time, on real servers.
//!
//! A test's name begins with the case in the list of those that Redis makes a client live with:
//!
//! | | what goes wrong | where |
//! | --- | --- | --- |
//! | F31, F33 | a server comes back with nothing, or with what it had before | `lost` |
//! | F33 | another server takes its place, and lacks the last writes | `failover` |
//! | F32 | the connection on which a server tells of changes is lost | `caching` |
//! | F34 | keys are thrown away | `eviction` |
//! | F35, F39 | which keys there are, for how long, and what operators set by hand | `keys`, `operators` |
//! | F36 | the same on a cluster | `cluster` |
//! | F37 | scripts are forgotten | `scripts` |
//! | D9 | every error that a server may answer: real ones, and those that a proxy brings about | `real`, `errors`, `stamps` |
//! | R02 to R06, SES-15 | many sessions end while a server is killed, hangs, is emptied, replaced, refuses | `crowds` |
//! | R06 | it refuses, and the database does so too | `refused` |
//!
//! F38, two rotations of one token at once, is decided in the database and tested there. Whatever the fault, the same
//! must hold (`Stage::endure`): whose session has ended is refused everywhere from then on, in whichever way it ended, who
//! has not left is served, nobody waits for ever, and afterwards Redis is in use again.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a surprise fails the test that met it"
)]

mod caching;
mod cluster;
mod crowds;
mod cut_off;
mod databases;
mod disk;
mod documents;
mod errors;
mod eviction;
mod failover;
mod keys;
mod lost;
mod operators;
mod real;
mod refused;
mod scripts;
mod stage;
mod stamps;
#[path = "../support/mod.rs"]
mod support;
mod wire;
mod without;
