//! Where rows come from, and how far it was read.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file, or standard input.
pub(crate) struct Source {
    bytes: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
    /// How many bytes there are, where that is known.
    pub(crate) length: Option<u64>,
}

impl Source {
    /// `-` is standard input.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::of(io::stdin(), None));
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let length = metadata.is_file().then_some(metadata.len());
        Ok(Self::of(file, length))
    }

    /// These bytes.
    pub(crate) fn of(bytes: impl Read + Send + 'static, length: Option<u64>) -> Self {
        Self { bytes: Box::new(bytes), read: Arc::default(), length }
    }

    /// How many bytes were read so far, also while somebody else reads.
    pub(crate) fn position(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.read)
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
