//! Nodes of one service: they share a database that counts how often it is asked, and a Redis.

#![allow(dead_code, unused_imports, clippy::allow_attributes, reason = "each test binary uses its part")]

mod database;
mod leaver;
mod node;
mod nothing;
mod scene;
mod wait;

pub(crate) use database::Database;
pub(crate) use leaver::{Leaver, Way};
pub(crate) use node::{Answer, Node};
pub(crate) use nothing::Nothing;
pub(crate) use scene::{LEEWAY, Scene, on, settings};
pub(crate) use wait::{Patience, in_time, until};
