//! Where rows come from, and how far it was read.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file, or standard input.
pub(crate) struct Source {
    bytes: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
    /// How many bytes there are, where that is known.
    pub(crate) length: Option<u64>,
    /// Which file they are in, if they are in one.
    pub(crate) file: Option<FileId>,
}

/// What tells a file from every other, whatever its names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    /// The one of an open file.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

impl Source {
    /// `-` is standard input.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            let metadata = File::from(io::stdin().as_fd().try_clone_to_owned()?).metadata()?;
            return Ok(Self { file: file_id(&metadata), ..Self::of(io::stdin(), None) });
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let length = metadata.is_file().then_some(metadata.len());
        Ok(Self { file: file_id(&metadata), ..Self::of(file, length) })
    }

    /// These bytes.
    pub(crate) fn of(bytes: impl Read + Send + 'static, length: Option<u64>) -> Self {
        Self { bytes: Box::new(bytes), read: Arc::default(), length, file: None }
    }

    /// How many bytes were read so far, also while somebody else reads.
    pub(crate) fn position(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.read)
    }
}

fn file_id(metadata: &Metadata) -> Option<FileId> {
    metadata.is_file().then(|| FileId::of(metadata))
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
