//! Places where two names could lead to one file, or where locks mean nothing: `SQLite` would damage such a file, so it
//! is not opened.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::statfs;

use super::OpenError;

/// File systems of the network, by what Linux calls them in `statfs`. Their locks depend on servers and options, and no
/// two machines share the memory that a write-ahead log needs (<https://sqlite.org/wal.html>).
const NETWORK: [(u32, &str); 6] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x5346_414f, "AFS"),
    (0x00c3_6400, "Ceph"),
];

/// Refuses a file that has a second name, or is on another machine. `path` leads through no link.
pub(super) fn check(path: &Path) -> Result<(), OpenError> {
    if fs::metadata(path).map_err(OpenError::File)?.nlink() > 1 {
        return Err(OpenError::SeveralNames);
    }
    if is_mounted_alone(path) {
        return Err(OpenError::MountedAlone);
    }
    check_directory_of(path)
}

/// Refuses a place on another machine, before a file is made in it.
pub(super) fn check_directory_of(path: &Path) -> Result<(), OpenError> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let found = statfs(directory).map_err(|error| OpenError::File(io::Error::from(error)))?;
    match network(found.f_type) {
        Some(kind) => Err(OpenError::Network(kind)),
        None => Ok(()),
    }
}

fn network(kind: impl TryInto<i64>) -> Option<&'static str> {
    // The kernel's number has 32 bits; some machines hand it on with a sign.
    let kind = kind.try_into().ok()? & 0xffff_ffff;
    NETWORK.into_iter().find(|(number, _)| i64::from(*number) == kind).map(|(_, name)| name)
}

/// Whether the file itself is mounted where it is: its log would lie beside another name of it. A system that does not
/// know says no.
#[cfg(target_os = "linux")]
fn is_mounted_alone(path: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    statx(CWD, path, AtFlags::empty(), StatxFlags::empty())
        .is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
fn is_mounted_alone(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_systems_of_the_network_are_known_with_and_without_a_sign() {
        assert_eq!(network(0x6969_i64), Some("NFS"));
        assert_eq!(network(i64::from(0xff53_4d42_u32.cast_signed())), Some("CIFS"));
        assert_eq!(network(0xff53_4d42_u64), Some("CIFS"));
        for local in [0xef53_i64, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630] {
            assert_eq!(network(local), None, "{local:#x}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_mounted_where_it_is_is_told_from_what_is_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(is_mounted_alone(Path::new("/proc")) && !is_mounted_alone(file.path()));
    }

    #[test]
    fn a_file_with_a_second_name_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("one");
        fs::write(&path, "").unwrap();
        check(&path).unwrap();
        fs::hard_link(&path, directory.path().join("two")).unwrap();
        assert!(matches!(check(&path), Err(OpenError::SeveralNames)));
    }
}
