//! Files that are copied and looked at for a manifest.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use doorward_crypto::private_file;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::manifest::FilePart;

const BUFFER: usize = 128 * 1024;

/// Copies a file to a new one for its owner alone, and sees it to the disk. Answers what the manifest says of it.
pub(crate) fn copy_private(from: &Path, to: &Path, path: &str) -> io::Result<FilePart> {
    let mut source = File::open(from)?;
    let mut target = private_file::create(to)?;
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
