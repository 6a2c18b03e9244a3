//! Who else could read a key, or put another one in its place.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::StatVfsMountFlags;

use super::KeyFileError;

/// What others may do in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// It was made by the system, as a volume with a secret is. Its files are root's, and a group may be let read them.
    is_mounted: bool,
    /// Others may write there, as the mode says; what is not theirs they cannot exchange.
    is_open: bool,
}

/// Owner and permissions.
#[derive(Clone, Copy)]
struct Owned {
    owner: u32,
    mode: u32,
}

impl Owned {
    /// Whether nothing of this is permitted.
    fn lacks(self, permissions: u32) -> bool {
        self.mode & permissions == 0
    }
}

impl From<&Metadata> for Owned {
    fn from(metadata: &Metadata) -> Self {
        Self { owner: metadata.uid(), mode: metadata.mode() & 0o7777 }
    }
}

impl Place {
    /// Refuses a directory in which others could exchange a file.
    ///
    /// A volume of Kubernetes with a secret has the mode `drwxrwxrwt`, whatever one asks for. It is mounted read-only;
    /// and where it is not, nobody but root can exchange there what belongs to root.
    pub(crate) fn of(directory: &Path) -> Result<Self, KeyFileError> {
        let known = fs::metadata(directory).and_then(|metadata| Ok((metadata, is_read_only(directory)?)));
        let (metadata, is_read_only) = known.map_err(|source| KeyFileError::io(directory, source))?;
        let owned = Owned::from(&metadata);
        let exposed =
            || KeyFileError::Exposed { path: directory.to_owned(), mode: owned.mode, needed: 0o700 };
        Self::with(owned, is_read_only).ok_or_else(exposed)
    }

    fn with(directory: Owned, is_read_only: bool) -> Option<Self> {
        let is_mounted = is_read_only || (directory.owner == 0 && !directory.lacks(0o1000));
        let is_open = !directory.lacks(0o022);
        (is_mounted || !is_open).then_some(Self { is_mounted, is_open })
    }

    /// Refuses a private key that others can read or exchange.
    pub(crate) fn require_private(self, path: &Path, metadata: &Metadata) -> Result<(), KeyFileError> {
        self.require(path, metadata, 0o600, |file| {
            file.lacks(0o077) || (self.is_mounted && file.owner == 0 && file.lacks(0o037))
        })
    }

    /// Refuses a public key that others can exchange.
    pub(crate) fn require_unwritable(self, path: &Path, metadata: &Metadata) -> Result<(), KeyFileError> {
        self.require(path, metadata, 0o644, |file| file.lacks(0o022))
    }

    fn require(
        self,
        path: &Path,
        metadata: &Metadata,
        needed: u32,
        is_fine: impl Fn(Owned) -> bool,
    ) -> Result<(), KeyFileError> {
        let file = Owned::from(metadata);
        if !self.may_hold(file, rustix::process::geteuid().as_raw()) {
            return Err(KeyFileError::Foreign { path: path.to_owned(), owner: file.owner });
        }
        if is_fine(file) {
            return Ok(());
        }
        Err(KeyFileError::Exposed { path: path.to_owned(), mode: file.mode, needed })
    }

    /// Whoever may write there could have put a file of their own there.
    fn may_hold(self, file: Owned, ours: u32) -> bool {
        !self.is_open || [0, ours].contains(&file.owner)
    }
}

fn is_read_only(directory: &Path) -> io::Result<bool> {
    Ok(rustix::fs::statvfs(directory)?.f_flag.contains(StatVfsMountFlags::RDONLY))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const ADA: u32 = 1_000;

    fn owned(owner: u32, mode: u32) -> Owned {
        Owned { owner, mode }
    }

    #[test]
    fn a_directory_in_which_others_could_exchange_a_file_is_refused() {
        for mode in [0o777, 0o770, 0o702, 0o720, 0o2770] {
            assert_eq!(Place::with(owned(0, mode), false), None, "{mode:o}");
            assert_eq!(Place::with(owned(ADA, mode | 0o1000), false), None, "{mode:o}");
            let open = Some(Place { is_mounted: true, is_open: true });
            assert_eq!(Place::with(owned(0, mode | 0o1000), false), open, "{mode:o}");
            assert_eq!(Place::with(owned(ADA, mode), true), open, "{mode:o}");
        }
        for mode in [0o700, 0o755, 0o500] {
            let own = Some(Place { is_mounted: false, is_open: false });
            assert_eq!(Place::with(owned(ADA, mode), false), own, "{mode:o}");
        }
        let temporary = tempfile::tempdir().unwrap();
        assert!(!is_read_only(temporary.path()).unwrap());
    }

    #[test]
    fn where_others_may_write_a_file_has_to_be_of_root_or_of_the_service() {
        let open = Place { is_mounted: true, is_open: true };
        let found = [0, ADA, ADA + 1].map(|owner| open.may_hold(owned(owner, 0o400), ADA));
        assert_eq!(found, [true, true, false]);
        let closed = Place { is_mounted: true, is_open: false };
        assert!(closed.may_hold(owned(ADA + 1, 0o400), ADA));
    }

    /// What can be tried depends on who runs the tests.
    #[test]
    fn a_group_may_read_what_root_has_mounted_for_it_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        fs::write(&path, "key").unwrap();
        let is_root = fs::metadata(&path).unwrap().uid() == 0;
        let mounted = Place { is_mounted: true, is_open: true };
        let own = Place { is_mounted: false, is_open: false };
        for (mode, private, public) in
            [(0o400, true, true), (0o440, is_root, true), (0o640, is_root, true), (0o444, false, true)]
                .into_iter()
                .chain([(0o460, false, false), (0o446, false, false), (0o442, false, false)])
        {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let metadata = fs::metadata(&path).unwrap();
            assert_eq!(mounted.require_private(&path, &metadata).is_ok(), private, "{mode:o}");
            assert_eq!(mounted.require_unwritable(&path, &metadata).is_ok(), public, "{mode:o}");
            assert_eq!(own.require_private(&path, &metadata).is_ok(), mode == 0o400, "{mode:o}");
        }
    }
}
