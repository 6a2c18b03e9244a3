//! Files for their owner alone that take nobody's place, and are on disk when they are said to be: keys, backups, and
//! whatever else not everybody may read.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::random::random;

/// Makes a file where there is nothing. What root makes in somebody's directory is theirs: whoever the directory is for
/// could not read it otherwise.
pub fn create(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    give_away(&file, directory_of(path))?;
    Ok(file)
}

/// Makes a file with this in it, on disk.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Makes a directory likewise.
pub fn create_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)?;
    // Whoever the directory above belongs to could have put a link in its place.
    let itself = (OFlags::DIRECTORY | OFlags::NOFOLLOW).bits().cast_signed();
    let made = OpenOptions::new().read(true).custom_flags(itself).open(path)?;
    give_away(&made, directory_of(path))
}

/// A name beside `path` that nobody else thinks of, hidden, for what is to get that one when it is whole.
pub fn draft_of(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".partial-{:032x}", u128::from_le_bytes(random())));
    path.with_file_name(name)
}

/// Renames, and takes nobody's place: where there is something, the error is `AlreadyExists`.
pub fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system can.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => rename_in_steps(from, to),
        done => Ok(done?),
    }
}

/// A second name takes nobody's place either, where there are such. A directory has none: one that is made in this moment
/// is replaced, as long as it is empty.
fn rename_in_steps(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => fs::rename(from, to),
    }
}

/// Sees the names in a directory to the disk.
pub fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Sees the names in the directory of `path` to the disk.
pub fn sync_directory_of(path: &Path) -> io::Result<()> {
    sync_directory(directory_of(path))
}

/// The directory that `path` is in.
pub fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn give_away(file: &File, directory: &Path) -> io::Result<()> {
    let (ours, theirs) = (file.metadata()?, fs::metadata(directory)?);
    if ours.uid() != 0 || theirs.uid() == 0 {
        return Ok(());
    }
    fchown(file, Some(theirs.uid()), Some(theirs.gid()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, chown};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn what_is_made_is_for_its_owner_alone_and_takes_nobodys_place() {
        let directory = tempfile::tempdir().unwrap();
        let [file, inner] = ["file", "inner"].map(|name| directory.path().join(name));
        create(&file).unwrap();
        create_directory(&inner).unwrap();
        assert_eq!((mode(&file), mode(&inner)), (0o600, 0o700));
        std::os::unix::fs::symlink("nowhere", directory.path().join("link")).unwrap();
        for there in [&file, &inner, &directory.path().join("link")] {
            assert_eq!(create(there).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(create_directory(there).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        }
    }

    /// Only root can give anything away.
    #[test]
    fn what_root_makes_in_somebodys_directory_is_theirs() {
        const ADA: u32 = 1_000;
        let directory = tempfile::tempdir().unwrap();
        if chown(directory.path(), Some(ADA), Some(ADA)).is_err() {
            return;
        }
        let [file, inner] = ["file", "inner"].map(|name| directory.path().join(name));
        create(&file).unwrap();
        create_directory(&inner).unwrap();
        create(&inner.join("deep")).unwrap();
        for made in [file, inner.clone(), inner.join("deep")] {
            let found = fs::metadata(&made).unwrap();
            assert_eq!((found.uid(), found.gid()), (ADA, ADA), "{}", made.display());
        }
    }

    #[test]
    fn nothing_is_replaced_by_a_new_name_whatever_the_file_system_can() {
        for rename in [rename_to_new, rename_in_steps] {
            let directory = tempfile::tempdir().unwrap();
            let [one, other, free, inner] =
                ["one", "other", "free", "inner"].map(|name| directory.path().join(name));
            fs::write(&one, "one").unwrap();
            fs::write(&other, "other").unwrap();
            fs::create_dir(&inner).unwrap();
            for from in [&one, &inner] {
                assert_eq!(rename(from, &other).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            }
            assert_eq!(fs::read_to_string(&other).unwrap(), "other");
            rename(&one, &free).unwrap();
            assert!(!one.exists() && fs::read_to_string(&free).unwrap() == "one");
            rename(&inner, &one).unwrap();
            assert!(one.is_dir() && !inner.exists());
        }
    }

    #[test]
    fn drafts_are_hidden_beside_what_they_become_and_no_two_are_alike() {
        let [one, other] = [draft_of(Path::new("/a/b.csv")), draft_of(Path::new("/a/b.csv"))];
        assert!(one.to_str().unwrap().starts_with("/a/.b.csv.partial-") && one != other);
    }
}
