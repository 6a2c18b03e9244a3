//! E-mail addresses: one normal form for every spelling, and one account wherever they are written.

use doorward_domain::user::Email;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::edge::{decode_path, decode_query};

const MAX_BYTES: usize = 254;

/// Reads an address.
pub(crate) fn hold(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(address) = Email::parse(text) else { return };
    let normal = address.normal();

    assert_eq!(address.as_str(), text, "an address is repaired");
    assert_eq!(format!("{address:?}"), "Email([redacted])");
    assert!(normal.is_ascii() && normal.len() <= MAX_BYTES);
    assert!(!normal.contains(|c: char| c.is_ascii_uppercase() || c.is_ascii_control() || c == ' '));
    let parts: Vec<_> = normal.split('@').collect();
    assert!(parts.len() == 2 && parts.first() == Some(&address.local()));

    let spellings = [normal.to_owned(), text.to_ascii_uppercase(), text.to_ascii_lowercase()];
    for spelling in spellings {
        let other = Email::parse(&spelling);
        assert_eq!(other.as_ref().map(Email::normal), Ok(normal), "{text:?} and {spelling:?}");
        assert_eq!(other.as_ref(), Ok(&address));
    }

    let encoded = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    assert_eq!(decode_path(&encoded).as_deref(), Some(text));
    assert_eq!(decode_query(&encoded).as_deref(), Some(text));
}
