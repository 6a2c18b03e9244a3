//! What goes wrong between the service and its database, one fault at a time, on a real database behind the fault proxy.
//!
//! A test's name begins with the fault's number in the list of those that `CockroachDB` makes a client live with:
//!
//! | | what goes wrong | where |
//! | --- | --- | --- |
//! | F1 to F3 | the database asks for a transaction again: at a statement, at COMMIT, for ever | `again` |
//! | F4 to F7 | COMMIT gets no answer, or one that says nothing; it was carried out or not | `unheard` |
//! | F8 to F12 | connections are lost: in use, at rest, new ones, all of them | `lost` |
//! | F13, F18, F19, F28 | what is never said to the database, and whose clock counts | `saying` |
//! | F14 to F17, F23 | errors that are no invitation to try again, or to do so once | `refused` |
//! | F20 to F22 | migrations, interrupted or at once | `migrations` |
//! | F24 | nobody answers | `silence` |
//! | F25 | callers leave | `leaving` |
//! | F27, F29 | rows that somebody holds, connections that are all in use | `waiting` |
//! | F26 | real transactions that get into each other's way | `clashes` |
//!
//! F30, encryption that fails, is what `tests/connect` is about. Whatever the fault, `Scene::finish` looks at the same
//! things: what was acknowledged is there, and once; what has ended stays so; the connections are as before, no session
//! of the database is left in a transaction, and nothing that was said has a secret in it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a surprise fails the test that met it")]

mod again;
mod clashes;
mod finish;
mod leaving;
mod lists;
mod lost;
mod migrations;
mod refused;
mod rows;
mod said;
mod saying;
mod scene;
mod silence;
#[path = "../support/mod.rs"]
mod support;
mod unheard;
mod waiting;
mod writes;
