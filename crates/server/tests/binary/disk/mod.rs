//! The disk under an embedded store: what is on it before an answer, and what happens when it is full or fails.
//!
//! A library that is loaded before all others stands between the service and the disk. It is compiled here, by the
//! compiler that Rust itself links with.

mod tests;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Doorward, Place};

/// What stands between a service and its disk.
pub(crate) struct Disk {
    directory: TempDir,
    place: Place,
}

impl Disk {
    /// Under the data directory of a new place.
    pub(crate) fn new(place: Place) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/binary/disk/shim.c");
        let library = directory.path().join("shim.so");
        let compiler =
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).output();
        let compiler = compiler.unwrap();
        assert!(compiler.status.success(), "{}", String::from_utf8_lossy(&compiler.stderr));
        Self { directory, place }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Starts a service on this disk.
    pub(crate) fn start(&self) -> Doorward {
        let mut command = self.place.command();
        command
            .env("LD_PRELOAD", self.path("shim.so"))
            .env("TEST_DISK", self.directory.path())
            .env("TEST_DISK_OF", self.place.data_dir());
        let service = Doorward::spawn(&mut command);
        service.banner();
        service
    }

    /// From now on.
    pub(crate) fn order(&self, what: &str) {
        fs::write(self.path(what), "").unwrap();
    }

    /// From now on no more.
    pub(crate) fn take_back(&self, what: &str) {
        fs::remove_file(self.path(what)).unwrap();
    }

    /// What happened, in order.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}
