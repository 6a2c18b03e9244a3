//! Passwords, the rules for new ones, and what is kept of them.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::Email;

/// A longer text is no password of anybody's and is not worth normalising.
const MAX_BYTES: usize = 8 * 1024;

/// A password as somebody typed it, in NFC (RFC 8265 §4.2.1), wiped from memory when dropped.
///
/// Nothing is trimmed, folded or cut. Any text can be *tried*; what a *new* password must be like is said by
/// [`PasswordRules`].
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// Why a text cannot be a password at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// NUL or another control character.
    #[error("must not contain control characters")]
    Control,
    /// Far beyond every limit.
    #[error("is too long")]
    TooLong,
}

impl Password {
    /// Reads a password.
    pub fn parse(text: &str) -> Result<Self, PasswordError> {
        if text.len() > MAX_BYTES {
            return Err(PasswordError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(PasswordError::Control);
        }
        // NFC grows a text threefold at most (UAX #15): with that room the buffer never moves and leaves no copy.
        let mut composed = Zeroizing::new(String::with_capacity(text.len() * 3));
        composed.extend(text.nfc());
        Ok(Self(composed))
    }

    /// The password itself. Only a hasher has a use for it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn code_points(&self) -> usize {
        self.0.chars().count()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password([redacted])")
    }
}

/// Passwords are compared only with each other, to see that both entries of a form agree.
impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}

/// What a new password must be like. There are no composition rules (NIST SP 800-63B-4 §3.1.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordRules {
    /// Fewest code points. NIST asks for 15 where the password is the only factor.
    pub min: usize,
    /// Most code points.
    pub max: usize,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self { min: 8, max: 256 }
    }
}

/// Why a new password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordWeakness {
    /// Fewer code points than the rules ask for.
    #[error("must have at least {0} characters")]
    TooShort(usize),
    /// More code points than the rules allow.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// It is the account's own address, or the part before the `@`, perhaps with a few digits or signs around it.
    #[error("must not be your e-mail address")]
    IsTheAddress,
    /// It stands on the list of common passwords.
    #[error("is one of the most common passwords; choose another")]
    Common,
}

impl PasswordRules {
    /// Checks length and the account's own addresses; whether it is common is for a port to say.
    pub fn check(&self, password: &Password, addresses: &[&Email]) -> Result<(), PasswordWeakness> {
        let length = password.code_points();
        if length < self.min {
            return Err(PasswordWeakness::TooShort(self.min));
        }
        if length > self.max {
            return Err(PasswordWeakness::TooLong(self.max));
        }
        let lower = Zeroizing::new(password.reveal().to_lowercase());
        let is_part_of = |text: &str| {
            addresses.iter().any(|address| {
                text == address.as_str().to_lowercase() || text == address.normal() || text == address.local()
            })
        };
        if is_part_of(&lower) || adorned(&lower).any(is_part_of) {
            Err(PasswordWeakness::IsTheAddress)
        } else {
            Ok(())
        }
    }
}

/// So many characters around a word are a year, or what a rule elsewhere asked for.
const ADORNMENT: usize = 4;

/// What `text` may be made of by adding up to four ASCII digits or signs, before it, behind it or both.
pub fn adorned(text: &str) -> impl Iterator<Item = &str> {
    let is_adornment =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_punctuation());
    (0..=ADORNMENT).flat_map(move |before| {
        (0..=ADORNMENT - before).filter_map(move |behind| {
            let (front, rest) = text.split_at_checked(before)?;
            let (stem, back) = rest.split_at_checked(rest.len().checked_sub(behind)?)?;
            (before + behind > 0 && is_adornment(front) && is_adornment(back)).then_some(stem)
        })
    })
}

/// How the text of a hash was made from the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashScheme {
    /// `bcrypt(base64(HMAC-SHA-384(pepper, password)))`: what this service makes.
    Peppered,
    /// `bcrypt(password)`, brought along from another system; replaced at the next login.
    Imported,
}

/// What is stored instead of a password. Opaque here; only a hasher reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash {
    scheme: HashScheme,
    text: String,
}

impl PasswordHash {
    /// Wraps a hash; that it is well formed is the hasher's business.
    pub fn new(scheme: HashScheme, text: impl Into<String>) -> Self {
        Self { scheme, text: text.into() }
    }

    /// How the text was made.
    pub fn scheme(&self) -> HashScheme {
        self.scheme
    }

    /// The text to store. It must leave the process for nowhere but the store.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PasswordHash({:?}, [redacted])", self.scheme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), PasswordWeakness> {
        let address = Email::parse("Ada.Lovelace@example.com").unwrap();
        PasswordRules::default().check(&Password::parse(text).unwrap(), &[&address])
    }

    #[test]
    fn length_is_counted_in_code_points() {
        assert_eq!(check("1234567"), Err(PasswordWeakness::TooShort(8)));
        assert_eq!(check("äöüäöüä"), Err(PasswordWeakness::TooShort(8)));
        assert_eq!(check("🦀🦀🦀🦀🦀🦀🦀🦀"), Ok(()));
        assert_eq!(check(&"x".repeat(256)), Ok(()));
        assert_eq!(check(&"x".repeat(257)), Err(PasswordWeakness::TooLong(256)));
    }

    #[test]
    fn the_own_address_is_no_password() {
        for text in [
            "ada.lovelace@example.com",
            "ADA.LOVELACE@EXAMPLE.COM",
            "Ada.Lovelace",
            "ada.lovelace1815",
            "!Ada.Lovelace!!!",
        ] {
            assert_eq!(check(text), Err(PasswordWeakness::IsTheAddress));
        }
    }

    #[test]
    fn composed_and_decomposed_entries_are_one_password() {
        assert_eq!(Password::parse("re\u{301}sume\u{301}").unwrap(), Password::parse("résumé").unwrap());
    }

    #[test]
    fn control_characters_and_novels_are_refused() {
        assert_eq!(Password::parse("abc\0def").unwrap_err(), PasswordError::Control);
        assert_eq!(Password::parse(&"x".repeat(MAX_BYTES + 1)).unwrap_err(), PasswordError::TooLong);
    }

    #[test]
    fn neither_password_nor_hash_is_printed_by_debug() {
        let password = format!("{:?}", Password::parse("open sesame").unwrap());
        let hash = format!("{:?}", PasswordHash::new(HashScheme::Imported, "$2b$12$secret"));
        assert!(!password.contains("sesame") && !hash.contains("secret"));
    }
}
