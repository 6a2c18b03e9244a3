//! Whether anything has changed, without reading a key.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::KeyDirectory;

/// What a directory of keys looks like from outside. Two that are equal belong to the same keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    directory: Seen<Stamp>,
    files: Seen<Vec<(PathBuf, Seen<Stamp>)>>,
}

/// What the system tells, or why it does not.
type Seen<T> = Result<T, io::ErrorKind>;

/// Tells one state of a file from every other. A new content has a new time of change, and a file that was put in the
/// place of another has a new number.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    number: u64,
    mode: u32,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl KeyDirectory {
    /// Looks at the directory: a few system calls, and nothing of a key is read.
    pub fn glance(&self) -> Glance {
        let files = self.others().map(|others| {
            let paths = [vec![self.leading()], others].concat();
            paths.into_iter().map(|path| (path.clone(), stamp(&path))).collect()
        });
        // What else happens in the directory is of no interest.
        let directory =
            stamp(&self.path).map(|stamp| Stamp { size: 0, modified: (0, 0), changed: (0, 0), ..stamp });
        Glance { directory, files: files.map_err(|error| error.kind()) }
    }
}

/// Of the file itself, where the path is that of a link, as in a volume of Kubernetes.
fn stamp(path: &Path) -> Seen<Stamp> {
    fs::metadata(path).map(|metadata| Stamp::from(&metadata)).map_err(|error| error.kind())
}

impl From<&Metadata> for Stamp {
    fn from(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            number: metadata.ino(),
            mode: metadata.mode(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}
