//! A directory with everything that it takes to serve again: a copy of an embedded store, the keys, the pepper, and a
//! manifest by which all of it is checked.

mod files;
mod make;
mod manifest;
#[cfg(test)]
mod tests;
mod verify;

pub(crate) use files::copy_private;
pub(crate) use make::{BackupFailed, Content, Made, PartialBackup, Step, key_files};
pub(crate) use manifest::Manifest;
pub(crate) use verify::{Backup, Unusable};

/// What the copy of the database is called.
pub(crate) const DATABASE: &str = "doorward.db";
/// What the directory of the keys is called.
pub(crate) const KEYS: &str = "keys";
/// What the pepper is called.
pub(crate) const PEPPER: &str = "pepper";
/// What says what there is. It is written last.
const MANIFEST: &str = "manifest.json";
