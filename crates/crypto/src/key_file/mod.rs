//! Files that hold one secret: made once, readable by their owner alone, never half written.

mod access;

pub(crate) use access::Place;

use std::fs::{self, DirBuilder, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;
use zeroize::Zeroizing;

use crate::private_file::{self, directory_of, sync_directory_of};
use crate::random::random;

/// A key file is a few lines; what is longer is something else.
const MAX_BYTES: usize = 16 * 1024;

/// Why a secret could not be had from its file. Every message names the file; none holds anything of its content.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It can be neither read nor made.
    #[error("the key file {} cannot be used", path.display())]
    Io {
        /// The file or its directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Others than its owner can read or replace it.
    #[error("{} has mode {mode:04o}, which lets others in; it must be {needed:04o}", path.display())]
    Exposed {
        /// The file or its directory.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
        /// What they should be.
        needed: u32,
    },
    /// It stands where everybody may write, and belongs to somebody who should not have a say.
    #[error("{} belongs to user {owner}; where others may write it must belong to root or to this user", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// It cannot be changed where it is.
    #[error("{} is a link, and what it leads to would stay as it is; exchange that file", path.display())]
    Linked {
        /// The link.
        path: PathBuf,
    },
    /// Its content is no such key.
    #[error("{} does not hold {expected}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// The key is all zero, follows a pattern, or has been published as an example.
    #[error("{} holds a weak or published key; make a new one", path.display())]
    Weak {
        /// The file.
        path: PathBuf,
    },
    /// The same key is in two files, so removing one would not retire it.
    #[error("{} holds the same key as {}", path.display(), other.display())]
    Duplicate {
        /// The file.
        path: PathBuf,
        /// The other file.
        other: PathBuf,
    },
}

impl KeyFileError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    /// Whether there is no such file, or no such directory.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

/// The text of a file that only its owner can read.
pub(crate) fn load(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let (text, metadata) = read(path)?;
    if is_private(&metadata) {
        return Ok(text);
    }
    Err(KeyFileError::Exposed { path: path.to_owned(), mode: permissions(&metadata), needed: 0o600 })
}

/// Whether a file with a secret is for its owner alone. One that belongs to root, and not to us, may be for its group to
/// read: that is how root gives a secret to a service, in a volume of Kubernetes as in the credentials of systemd.
pub fn is_private(metadata: &Metadata) -> bool {
    is_private_to(metadata.uid(), permissions(metadata), rustix::process::geteuid().as_raw())
}

fn is_private_to(owner: u32, mode: u32, ours: u32) -> bool {
    let is_given = owner == 0 && ours != 0;
    mode & if is_given { 0o037 } else { 0o077 } == 0
}

/// Makes a file with the text `fresh` unless there is one; of two processes that do this at once the first one does.
pub(crate) fn create_unless_there(
    path: &Path,
    fresh: impl FnOnce() -> Zeroizing<String>,
) -> Result<(), KeyFileError> {
    if fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        publish(path, &fresh()).map_err(|source| KeyFileError::io(path, source))?;
        // News where there was a key once: it is lost, and what was made with it is no longer good.
        tracing::info!(file = %path.display(), "there was no such key, so a new one was made");
    }
    Ok(())
}

/// The text of the file. Where there is none, one with the text `fresh` is made first; of two processes that do this
/// at once, both answer what the first one wrote.
pub(crate) fn load_or_create(
    path: &Path,
    fresh: impl FnOnce() -> Zeroizing<String>,
) -> Result<Zeroizing<String>, KeyFileError> {
    create_unless_there(path, fresh)?;
    load(path)
}

/// The text of a file and what else is known of it, all from the open file: nobody can swap it in between.
pub(crate) fn read(path: &Path) -> Result<(Zeroizing<String>, Metadata), KeyFileError> {
    let failed = |source| KeyFileError::io(path, source);
    // Who opens a pipe would wait for somebody to write to it.
    let without_waiting = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(without_waiting).open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES as u64 {
        return Err(KeyFileError::Malformed { path: path.to_owned(), expected: "a key" });
    }
    // With all the room it needs the buffer never moves and leaves no copy.
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES + 1));
    file.take(MAX_BYTES as u64).read_to_string(&mut text).map_err(failed)?;
    Ok((text, metadata))
}

fn permissions(metadata: &Metadata) -> u32 {
    metadata.permissions().mode() & 0o7777
}

/// Makes a directory, and those above it, for its owner alone; one that is there stays as it is.
pub(crate) fn create_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Whether key bytes were made up rather than drawn: hardly any distinct values, or all at one distance. Of 32 random
/// bytes some 30 are distinct; fewer than 16 happen to nobody.
pub(crate) fn looks_made_up(key: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in key {
        if let Some(slot) = seen.get_mut(usize::from(*byte)) {
            *slot = true;
        }
    }
    let distinct = seen.iter().filter(|seen| **seen).count();
    let mut steps = key.iter().zip(key.iter().skip(1)).map(|(one, next)| next.wrapping_sub(*one));
    let first = steps.next();
    distinct < 16 || steps.all(|step| Some(step) == first)
}

/// Whether key bytes are a text, with newlines or not: somebody thought of it. Of 32 random bytes that happens once in
/// 10^10 times.
pub(crate) fn looks_like_text(key: &[u8]) -> bool {
    let is_text = |sign: char| !sign.is_control() || sign.is_whitespace();
    str::from_utf8(key).is_ok_and(|text| text.chars().all(is_text))
}

/// Makes the file unless there is one. It appears whole or not at all: a link to a complete file is never half there,
/// and unlike a renaming it replaces nothing.
pub(crate) fn publish(path: &Path, text: &str) -> io::Result<()> {
    create_directory(directory_of(path))?;
    with_draft(path, text, |draft| match fs::hard_link(draft, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    })
}

/// Puts another text in the place of a file's, all at once.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    with_draft(path, text, |draft| fs::rename(draft, path))
}

/// Has each of two files take the name of the other, in one step: whatever they are by now, neither is lost. `false`
/// where the file system cannot do that, and nothing has changed.
pub(crate) fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn with_draft(path: &Path, text: &str, publish: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let directory = directory_of(path);
    let draft = directory.join(format!(".doorward-key-{:032x}.tmp", u128::from_le_bytes(random())));
    let outcome = private_file::write(&draft, text.as_bytes()).and_then(|()| publish(&draft));
    // A draft that stays behind after a crash is a key that nobody uses.
    let _ = fs::remove_file(&draft);
    outcome?;
    sync_directory_of(path)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn fresh() -> Zeroizing<String> {
        Zeroizing::new(format!("{:x}", u128::from_le_bytes(random())))
    }

    #[test]
    fn tok_17_a_file_is_made_once_for_its_owner_alone_and_then_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("made/for/it/key");
        let first = load_or_create(&path, fresh).unwrap();
        assert_eq!(load_or_create(&path, fresh).unwrap(), first);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        let parent = path.parent().unwrap();
        assert_eq!(fs::metadata(parent).unwrap().permissions().mode() & 0o7777, 0o700);
        assert_eq!(fs::read_dir(parent).unwrap().count(), 1, "a draft was left behind");
    }

    #[test]
    fn a_group_may_read_a_secret_that_root_gives_it_and_nobody_else_may() {
        const ADA: u32 = 1_000;
        for (mode, own, given) in
            [(0o600, true, true), (0o400, true, true), (0o440, false, true)].into_iter().chain([
                (0o640, false, true),
                (0o460, false, false),
                (0o444, false, false),
                (0o604, false, false),
            ])
        {
            assert_eq!(is_private_to(0, mode, ADA), given, "{mode:o}");
            assert_eq!(is_private_to(ADA, mode, ADA), own, "{mode:o}");
            assert_eq!(is_private_to(ADA, mode, ADA + 1), own, "{mode:o}");
            assert_eq!(is_private_to(0, mode, 0), own, "{mode:o}");
        }
    }

    #[test]
    fn tok_17_many_that_start_at_once_agree_on_one_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let start = Barrier::new(8);
        let texts: Vec<_> = thread::scope(|scope| {
            let starters: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        load_or_create(&path, fresh).unwrap()
                    })
                })
                .collect();
            starters.into_iter().map(|starter| starter.join().unwrap()).collect()
        });
        assert!(texts.iter().all(|text| *text == texts[0]));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_by_name_and_mode() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        load_or_create(&path, fresh).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o602, 0o644, 0o777] {
            set_mode(&path, mode);
            let message = load(&path).unwrap_err().to_string();
            assert!(message.contains(path.to_str().unwrap()) && message.contains(&format!("{mode:04o}")));
        }
        for mode in [0o600, 0o400] {
            set_mode(&path, mode);
            load(&path).unwrap();
        }
    }

    #[test]
    fn what_is_no_file_or_far_too_long_or_no_text_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        assert!(load(directory.path()).is_err());
        let path = directory.path().join("key");
        assert!(load(&path).unwrap_err().is_not_found());
        private_file::write(&path, &vec![b'x'; MAX_BYTES + 1]).unwrap();
        assert!(matches!(load(&path), Err(KeyFileError::Malformed { .. })));
        fs::write(&path, b"\xff\xfe").unwrap();
        assert!(matches!(load(&path), Err(KeyFileError::Io { .. })));
    }

    /// Nobody ever writes to it: whoever waited for that would wait for ever.
    #[test]
    fn a_pipe_is_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let (owner, pipe) = (rustix::fs::Mode::from_raw_mode(0o600), rustix::fs::FileType::Fifo);
        rustix::fs::mknodat(CWD, &path, pipe, owner, 0).unwrap();
        assert!(matches!(read(&path), Err(KeyFileError::Malformed { .. })));
    }

    #[test]
    fn neither_of_two_files_is_lost_when_they_change_places() {
        let directory = tempfile::tempdir().unwrap();
        let [one, other, free] = ["one", "other", "free"].map(|name| directory.path().join(name));
        for path in [&one, &other] {
            fs::write(path, path.file_name().unwrap().as_encoded_bytes()).unwrap();
        }
        if exchange(&one, &other).unwrap() {
            assert_eq!([&one, &other].map(|path| fs::read_to_string(path).unwrap()), ["other", "one"]);
        }
        assert!(exchange(&one, &free).is_err() && one.exists());
    }

    #[test]
    fn patterns_are_told_from_random_bytes() {
        let counting: Vec<u8> = (0..32).collect();
        let backwards: Vec<u8> = (0..64).rev().map(|byte| byte * 3).collect();
        for made_up in [&[0; 32][..], &[7; 64], b"password".repeat(4).as_slice(), &counting, &backwards, &[]]
        {
            assert!(looks_made_up(made_up));
        }
        for _ in 0..1_000 {
            assert!(!looks_made_up(&random::<32>()));
        }
    }
}
