//! Passwords out of mounted secrets and pipes.

use std::fs::File;
use std::io::{self, Read};
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
}

/// Reads the password that is all the file holds, but for one line break at its end.
pub(crate) fn read(path: &Path) -> Result<Password, PasswordFileError> {
    read_from(File::open(path)?)
}

/// Reads the password that comes through standard input, likewise.
pub(crate) fn read_standard_input() -> Result<Password, PasswordFileError> {
    read_from(io::stdin())
}

fn read_from(source: impl Read) -> Result<Password, PasswordFileError> {
    // With room for all of it from the start, the text is never moved and leaves no copy in memory.
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES));
    source.take(MAX_BYTES as u64).read_to_string(&mut text)?;
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if line.is_empty() { Err(PasswordFileError::Empty) } else { Ok(Password::parse(line)?) }
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
    fn what_holds_no_password_is_refused() {
        for text in ["", "\n", "two\nlines", "word\n\n", "nul\0"] {
            assert!(read_from(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(read_from([0xff, 0xfe].as_slice()).is_err());
        assert!(read_from("x".repeat(100_000).as_bytes()).is_err());
    }
}
