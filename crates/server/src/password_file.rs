//! Passwords out of mounted secrets and pipes.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use doorward_domain::user::{Password, PasswordError};
use zeroize::Zeroizing;

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
    /// Others than its owner may read or replace it.
    #[error("it has mode {0:04o}, which lets others in; it must be 0600")]
    Exposed(u32),
}

/// Reads the password that is all the file holds, but for one line break at its end.
pub(crate) fn read(path: &Path) -> Result<Password, PasswordFileError> {
    read_from(File::open(path)?)
}

/// Reads the password that comes through standard input, likewise.
pub(crate) fn read_standard_input() -> Result<Password, PasswordFileError> {
    read_from(io::stdin())
}

/// Reads a password that we show to others: likewise, but as it is written, and from a file that is for its
/// owner alone, or that root gives us.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<String>, PasswordFileError> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !doorward_crypto::is_private(&metadata) {
        return Err(PasswordFileError::Exposed(metadata.permissions().mode() & 0o7777));
    }
    let text = text_of(file)?;
    if text.contains('\0') { Err(PasswordFileError::Zero) } else { Ok(text) }
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
    fn what_holds_no_password_is_refused() {
        for text in ["", "\n", "two\nlines", "word\n\n", "nul\0"] {
            assert!(read_from(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(read_from([0xff, 0xfe].as_slice()).is_err());
        assert!(read_from("x".repeat(100_000).as_bytes()).is_err());
    }
}
