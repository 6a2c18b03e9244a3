//! Who else could read a key.

use std::fs::File;
use std::path::Path;

use crate::TlsError;

/// Refuses a key that others than its owner can read or write. One that belongs to root, and not to us, may be for its
/// group to read: that is how root gives a key to a service, in a volume of Kubernetes as in Debian's `ssl-cert`.
///
/// It looks at what is open, not at the path, which may have become another file in between.
#[cfg(unix)]
pub(crate) fn must_be_private(file: &Path, opened: &File) -> Result<(), TlsError> {
    use std::os::unix::fs::MetadataExt;

    let metadata = opened.metadata().map_err(|source| TlsError::File { file: file.to_owned(), source })?;
    let mode = metadata.mode() & 0o777;
    if is_private(metadata.uid(), mode, rustix::process::geteuid().as_raw()) {
        return Ok(());
    }
    Err(TlsError::OpenKey { file: file.to_owned(), mode })
}

#[cfg(not(unix))]
pub(crate) fn must_be_private(_: &Path, _: &File) -> Result<(), TlsError> {
    Ok(())
}

#[cfg(unix)]
fn is_private(owner: u32, mode: u32, ours: u32) -> bool {
    let is_given = owner == 0 && ours != 0;
    mode & if is_given { 0o037 } else { 0o077 } == 0
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_group_may_read_what_root_gives_it_and_nothing_else() {
        const ADA: u32 = 1_000;
        for (mode, own, given) in [
            (0o600, true, true),
            (0o400, true, true),
            (0o440, false, true),
            (0o640, false, true),
            (0o660, false, false),
            (0o604, false, false),
            (0o644, false, false),
            (0o777, false, false),
        ] {
            assert_eq!(is_private(ADA, mode, ADA), own, "{mode:o}");
            assert_eq!(is_private(0, mode, 0), own, "{mode:o}");
            assert_eq!(is_private(0, mode, ADA), given, "{mode:o}");
            assert_eq!(is_private(ADA, mode, ADA + 1), own, "{mode:o}");
        }
    }
}
