//! E-mail addresses: kept as written, compared by one normal form.

use std::fmt;
use std::hash::{Hash, Hasher};

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

const MAX_BYTES: usize = 254;
const MAX_LOCAL_BYTES: usize = 64;

/// An e-mail address.
///
/// The local part is an ASCII dot-atom (RFC 5321 §4.1.2 without quoted strings), the domain a host name of two
/// labels or more, also an internationalised one (UTS 46). Two addresses are equal when their normal forms are:
/// local part in lower case, domain as A-labels. Unicode in the local part is refused rather than folded, because
/// case mappings outside ASCII join addresses of different people.
#[derive(Clone)]
pub struct Email {
    written: String,
    normal: String,
}

/// Why a text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// There is no text before or after an `@`, or more than one `@`.
    #[error("must be an e-mail address such as name@example.com")]
    NotAnAddress,
    /// More than 254 bytes, or more than 64 before the `@` (RFC 5321 §4.5.3.1).
    #[error("is too long for an e-mail address")]
    TooLong,
    /// A character that the part before the `@` cannot hold.
    #[error("has a character before the @ that is not supported")]
    LocalPart,
    /// The part after the `@` is no host name.
    #[error("has no valid domain after the @")]
    Domain,
}

impl Email {
    /// Reads an address; nothing is trimmed or repaired.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        if text.len() > MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailError::NotAnAddress)?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(EmailError::NotAnAddress);
        }
        if local.len() > MAX_LOCAL_BYTES {
            return Err(EmailError::TooLong);
        }
        if !is_dot_atom(local) {
            return Err(EmailError::LocalPart);
        }
        let normal = format!("{}@{}", local.to_ascii_lowercase(), ascii_domain(domain)?);
        if normal.len() > MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        Ok(Self { written: text.to_owned(), normal })
    }

    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The one form that every spelling of the address shares; parsing it again gives itself.
    pub fn normal(&self) -> &str {
        &self.normal
    }

    /// The part before the `@`, in lower case.
    pub fn local(&self) -> &str {
        self.normal.split_once('@').map_or("", |(local, _)| local)
    }
}

/// RFC 5322 §3.2.3 `dot-atom-text`.
fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| {
        !atom.is_empty()
            && atom.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
    })
}

fn ascii_domain(domain: &str) -> Result<String, EmailError> {
    let ascii = Uts46::new()
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map_err(|_| EmailError::Domain)?;
    let top = match ascii.rsplit_once('.') {
        Some((rest, top)) if !rest.is_empty() => top,
        _ => return Err(EmailError::Domain),
    };
    // A top label of digits alone would be an IPv4 address (RFC 3696 §2).
    if top.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(EmailError::Domain);
    }
    Ok(ascii.into_owned())
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.normal == other.normal
    }
}

impl Eq for Email {}

impl Hash for Email {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.normal.hash(state);
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Addresses are personal: they stay out of logs.
        formatter.write_str("Email([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usual_addresses_are_kept_as_written() {
        for text in [
            "ada@example.com",
            "Ada.Lovelace+news@Example.COM",
            "o'neil@sub.example.co.uk",
            "a@b.co",
            "x_y-z@xn--bcher-kva.example",
            "user@bücher.example",
        ] {
            assert_eq!(Email::parse(text).map(|email| email.as_str().to_owned()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "me",
            "all",
            "@",
            "a@",
            "@b.co",
            "a@b",
            "a@@b.co",
            "a@b@c.co",
            "a b@c.co",
            " a@b.co",
            "a@b.co ",
            ".a@b.co",
            "a.@b.co",
            "a..b@c.co",
            "\"a b\"@c.co",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@-b.co",
            "a@b-.co",
            "a@b..co",
            "a@.co",
            "a@b.co.",
            "a@b_c.co",
            "a\r\n@b.co",
            "a\0@b.co",
            "a@b.co\0",
            "a,b@c.co",
            "a@b,co",
            "<a@b.co>",
            "а@b.co",
            "ａ@b.co",
            "\u{212a}@b.co",
            "ſ@b.co",
            "ß@b.co",
            "a\u{200d}b@c.co",
            "a\u{202e}@b.co",
            "a@b\u{202e}.co",
        ] {
            assert!(Email::parse(text).is_err(), "accepted {text:?}");
        }
    }

    #[test]
    fn lengths_follow_rfc_5321() {
        let local = "l".repeat(64);
        assert!(Email::parse(&format!("{local}@example.com")).is_ok());
        assert_eq!(Email::parse(&format!("{local}l@example.com")), Err(EmailError::TooLong));
        let domain = format!("{}.{}.{}.com", "d".repeat(63), "d".repeat(63), "d".repeat(57));
        assert_eq!(local.len() + 1 + domain.len(), 254);
        assert!(Email::parse(&format!("{local}@{domain}")).is_ok());
        assert_eq!(Email::parse(&format!("{local}@d{domain}")), Err(EmailError::TooLong));
    }

    #[test]
    fn every_spelling_of_one_address_is_equal() {
        let one = Email::parse("Ada@BÜCHER.example").unwrap();
        for other in ["ada@bücher.example", "ADA@xn--bcher-kva.example", "ada@XN--BCHER-KVA.EXAMPLE"] {
            assert_eq!(one, Email::parse(other).unwrap());
        }
        assert_eq!(one.as_str(), "Ada@BÜCHER.example");
        assert_eq!(one.local(), "ada");
    }

    #[test]
    fn an_address_is_not_printed_by_debug() {
        assert!(!format!("{:?}", Email::parse("ada@example.com").unwrap()).contains("ada"));
    }

    proptest! {
        #[test]
        fn the_normal_form_is_its_own_normal_form(text in "[ -~]{0,12}@[a-zA-Z0-9ü.-]{0,12}\\.[a-z0-9]{1,5}|\\PC{0,30}") {
            if let Ok(email) = Email::parse(&text) {
                let again = Email::parse(email.normal()).unwrap();
                prop_assert_eq!(email.normal(), again.normal());
                prop_assert!(email.normal().is_ascii());
                prop_assert!(email.normal().len() <= MAX_BYTES);
            }
        }
    }
}
