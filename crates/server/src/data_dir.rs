//! The data directory: ours alone, or not used.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;

/// Why the data directory is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataDirError {
    /// It is not there and cannot be made, or is no directory.
    #[error("the data directory {} cannot be used", .0.display())]
    Unusable(PathBuf, #[source] io::Error),
    /// Others may look into it.
    #[error("others may look into the data directory {path} (mode {mode:04o}); run: chmod 700 {path}", path = .path.display())]
    Open {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

/// Makes the directory with mode 0700 if it is not there, and refuses one that others may enter.
pub(crate) fn prepare(path: &Path) -> Result<(), DataDirError> {
    let mode = make(path).map_err(|error| DataDirError::Unusable(path.to_owned(), error))?;
    if mode & OTHERS == 0 { Ok(()) } else { Err(DataDirError::Open { path: path.to_owned(), mode }) }
}

/// Looks whether the directory is there and ours alone. Nothing is made.
pub(crate) fn is_there(path: &Path) -> Result<bool, DataDirError> {
    match fs::metadata(path) {
        Ok(_) => prepare(path).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(DataDirError::Unusable(path.to_owned(), error)),
    }
}

fn make(path: &Path) -> io::Result<u32> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    Ok(fs::metadata(path)?.permissions().mode() & 0o7777)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_directory_is_ours_alone_and_found_again() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("deep/down");
        for _ in 0..2 {
            prepare(&path).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_directory_that_others_may_enter_is_refused_with_the_command_that_helps() {
        let temporary = tempfile::tempdir().unwrap();
        fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o750)).unwrap();
        let message = prepare(temporary.path()).unwrap_err().to_string();
        assert!(message.contains("0750") && message.contains("chmod 700"), "{message}");
    }

    #[test]
    fn a_file_is_no_directory() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(prepare(file.path()), Err(DataDirError::Unusable(..))));
    }
}
