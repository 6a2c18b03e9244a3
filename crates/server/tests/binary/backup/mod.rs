//! `doorward backup` and `restore`: what is in a backup, and what it brings back.

mod check;
mod make;
mod page;
mod restore;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::{Doorward, Place};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse batt";

/// A backup in a place of its own.
struct Backups(tempfile::TempDir);

impl Backups {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Makes one, and answers what was said.
    fn make(&self, place: &Place, name: &str, options: &[&str]) -> String {
        place.ends_with(0, &[&["backup", &self.name(name)], options].concat()).0
    }

    fn restore(&self, place: &Place, name: &str, options: &[&str]) -> String {
        place.ends_with(0, &[&["restore", &self.name(name)], options].concat()).0
    }

    /// Restoring fails with this code; why.
    fn refuses(&self, code: i32, place: &Place, name: &str, options: &[&str]) -> String {
        place.ends_with(code, &[&["restore", &self.name(name)], options].concat()).1
    }

    fn count(&self) -> usize {
        fs::read_dir(&self.0).unwrap().count()
    }
}

/// A service in which Ada has an account.
async fn begun(place: &Place) -> Doorward {
    let service = place.start();
    service.banner();
    service.register(ADA, PASSWORD).await;
    service
}

fn stopped(service: Doorward) {
    let (status, _, stderr) = service.stop();
    assert!(status.success(), "{stderr}");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
