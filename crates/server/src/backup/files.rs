//! Files that nobody else may read, and that are on disk when they are said to be.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::manifest::FilePart;

const BUFFER: usize = 128 * 1024;

/// Makes a directory for its owner alone, where there is nothing.
pub(crate) fn make_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Copies a file to a new one for its owner alone, and sees it to the disk. Answers what the manifest says of it.
pub(crate) fn copy_private(from: &Path, to: &Path, path: &str) -> io::Result<FilePart> {
    let mut source = File::open(from)?;
    let mut target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let part = digest_of(&mut source, path, |some| target.write_all(some))?;
    target.sync_all()?;
    Ok(part)
}

/// What the manifest says of a file.
pub(crate) fn describe(file: &Path, path: &str) -> io::Result<FilePart> {
    digest_of(&mut File::open(file)?, path, |_| Ok(()))
}

/// Sees a file that others wrote to the disk.
pub(crate) fn sync_file(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Sees the names in a directory to the disk.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path)?.sync_all()
}

/// Writes a new file for its owner alone, and sees it to the disk.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Renames, and takes nobody's place.
pub(crate) fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system can.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            if fs::symlink_metadata(to).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(from, to)
        }
        done => Ok(done?),
    }
}

fn digest_of(
    source: &mut File,
    path: &str,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<FilePart> {
    // It may be a key that passes through.
    let mut buffer = Zeroizing::new(vec![0; BUFFER]);
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    loop {
        let count = match source.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            count => count?,
        };
        let some = buffer.get(..count).unwrap_or_default();
        if some.is_empty() {
            break;
        }
        digest.update(some);
        take(some)?;
        bytes += some.len() as u64;
    }
    let mut sha256 = String::with_capacity(64);
    for byte in digest.finalize() {
        // Writing to a text cannot fail.
        let _ = write!(sha256, "{byte:02x}");
    }
    Ok(FilePart { path: path.to_owned(), bytes, sha256 })
}
