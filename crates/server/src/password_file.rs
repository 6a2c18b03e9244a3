//! Passwords out of mounted secrets and pipes.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use doorward_domain::user::{Password, PasswordError};
use zeroize::Zeroizing;

use crate::settings::REDACTED;

/// No password is longer; a larger file is not one.
const MAX_BYTES: usize = 16 * 1024;

/// Why a file holds no password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordFileError {
    /// It cannot be read, or is no UTF-8.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// What it holds is no password.
    #[error("what it holds {0}")]
    NoPassword(#[from] PasswordError),
    /// No database takes such a password.
    #[error("what it holds must not contain a zero byte")]
    Zero,
    /// Somebody gave the password itself.
    #[error("it must be a path, and not the value itself")]
    NoPath,
    /// Others than its owner may read or replace it.
    #[error("it has mode {0:04o}, which lets others in; it must be 0600")]
    Exposed(u32),
}

/// Reads the password that is all the file holds, but for one line break at its end.
pub(crate) fn read(path: &Path) -> Result<Password, PasswordFileError> {
    read_from(open(path)?)
}

/// Reads the password that comes through standard input, likewise.
pub(crate) fn read_standard_input() -> Result<Password, PasswordFileError> {
    read_from(io::stdin())
}

/// Reads a password that we show to others: likewise, but as it is written, and from a file that is for its
/// owner alone, or that root gives us.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<String>, PasswordFileError> {
    let file = open(path)?;
    let metadata = file.metadata()?;
    if !doorward_crypto::is_private(&metadata) {
        return Err(PasswordFileError::Exposed(metadata.permissions().mode() & 0o7777));
    }
    let text = text_of(file)?;
    if text.contains('\0') { Err(PasswordFileError::Zero) } else { Ok(text) }
}

/// A path as a message may tell it: what is no path may be a secret that somebody gave in its place.
pub(crate) struct Shown<'a>(pub(crate) &'a Path);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if may_be_a_value(self.0) { formatter.write_str(REDACTED) } else { self.0.display().fmt(formatter) }
    }
}

/// Whether nothing is there, and it is not written as paths are that settings name.
pub(crate) fn may_be_a_value(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let is_written_so = ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start))
        && !text.contains("://")
        && !text.contains('=');
    !is_written_so && path.symlink_metadata().is_err()
}

fn open(path: &Path) -> Result<File, PasswordFileError> {
    File::open(path).map_err(|error| {
        if may_be_a_value(path) { PasswordFileError::NoPath } else { PasswordFileError::Unreadable(error) }
    })
}

fn read_from(source: impl Read) -> Result<Password, PasswordFileError> {
    Ok(Password::parse(&text_of(source)?)?)
}

fn text_of(source: impl Read) -> Result<Zeroizing<String>, PasswordFileError> {
    // With room for all of it from the start, the text is never moved and leaves no copy in memory.
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES));
    source.take(MAX_BYTES as u64).read_to_string(&mut text)?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() { Err(PasswordFileError::Empty) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_break_at_the_end_is_not_part_of_the_password() {
        for text in ["pass word", "pass word\n", "pass word\r\n"] {
            assert_eq!(read_from(text.as_bytes()).unwrap().reveal(), "pass word");
        }
        assert_eq!(read_from(" pass word ".as_bytes()).unwrap().reveal(), " pass word ");
    }

    #[test]
    fn a_private_password_is_taken_as_it_is_from_a_file_of_its_owner() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let written = |text: &str, mode: u32| {
            std::fs::write(file.path(), text).unwrap();
            std::fs::set_permissions(file.path(), PermissionsExt::from_mode(mode)).unwrap();
            read_private(file.path())
        };
        assert_eq!(*written("e\u{301}: p@ss/word\n", 0o600).unwrap(), "e\u{301}: p@ss/word");
        assert_eq!(*written("two\n\n", 0o400).unwrap(), "two\n");
        for mode in [0o640, 0o604, 0o620, 0o644] {
            let refused = written("open sesame", mode).unwrap_err().to_string();
            assert!(refused.contains(&format!("{mode:04o}")) && !refused.contains("sesame"), "{refused}");
        }
        assert!(matches!(written("\n", 0o600), Err(PasswordFileError::Empty)));
        assert!(matches!(written("a\0b", 0o600), Err(PasswordFileError::Zero)));
    }

    #[test]
    fn cfg_01_a_password_in_the_place_of_its_path_is_not_repeated() {
        for value in ["open-sesame", "redis://:open-sesame@h", "/open/sesame=", "sesame/open", "=", ""] {
            let refused = read_private(Path::new(value)).unwrap_err();
            assert!(matches!(refused, PasswordFileError::NoPath), "{value}: {refused}");
            assert_eq!(Shown(Path::new(value)).to_string(), "[redacted]");
        }
        for path in ["/nowhere/password", "./nowhere", "../nowhere/at all"] {
            assert!(matches!(read_private(Path::new(path)), Err(PasswordFileError::Unreadable(_))));
            assert_eq!(Shown(Path::new(path)).to_string(), path);
        }
        let directory = tempfile::tempdir().unwrap();
        let odd = directory.path().join("a=b");
        std::fs::write(&odd, "").unwrap();
        assert_eq!(Shown(&odd).to_string(), odd.display().to_string());
    }

    #[test]
    fn what_holds_no_password_is_refused() {
        for text in ["", "\n", "two\nlines", "word\n\n", "nul\0"] {
            assert!(read_from(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(read_from([0xff, 0xfe].as_slice()).is_err());
        assert!(read_from("x".repeat(100_000).as_bytes()).is_err());
    }
}
