//! Percent-encoding (RFC 3986 §2.1), refused where lenient readers repair it.

use percent_encoding::percent_decode_str;

/// The text of a path segment; `None` when it is not UTF-8 or not properly encoded.
pub(crate) fn decode_path(segment: &str) -> Option<String> {
    if !is_well_formed(segment) {
        return None;
    }
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    Some(text.into_owned()).filter(|text| !text.chars().any(char::is_control))
}

/// The text of a query's name or value, where `+` stands for a space.
pub(crate) fn decode_query(part: &str) -> Option<String> {
    decode_path(&part.replace('+', " "))
}

/// Whether a path or query can be decoded, and has no control character in it.
pub(super) fn is_clean(text: &str) -> bool {
    // Most have nothing in them that could be decoded.
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'%');
    is_plain || decode_path(text).is_some()
}

/// Whether every `%` is followed by two hexadecimal digits.
fn is_well_formed(text: &str) -> bool {
    let mut parts = text.split('%');
    parts.next();
    parts.all(|part| {
        let mut digits = part.bytes();
        digits.next().is_some_and(|byte| byte.is_ascii_hexdigit())
            && digits.next().is_some_and(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn inp_05_what_is_not_utf_8_is_refused_and_not_repaired() {
        for text in
            ["%ff", "%c3", "%c3%28", "%ed%a0%80", "%", "%4", "%zz", "a%2", "%00", "%07", "%7f", "%c2%85"]
        {
            assert_eq!(decode_path(text), None, "{text}");
            assert_eq!(decode_query(text), None, "{text}");
        }
    }

    #[test]
    fn both_spellings_of_an_address_are_one() {
        assert_eq!(decode_path("ada%2Bnews%40example.com").as_deref(), Some("ada+news@example.com"));
        assert_eq!(decode_path("ada+news@example.com").as_deref(), Some("ada+news@example.com"));
        assert_eq!(decode_query("ada+lovelace%2B").as_deref(), Some("ada lovelace+"));
    }

    proptest! {
        #[test]
        fn what_is_clean_is_what_can_be_decoded(text in "\\PC{0,40}|[%0-9a-f\\x00-\\x7f]{0,4}") {
            prop_assert_eq!(is_clean(&text), decode_path(&text).is_some());
        }

        #[test]
        fn no_text_makes_the_decoder_panic(text in "\\PC{0,40}|[%0-9a-f]{0,40}") {
            let _ = decode_path(&text);
        }
    }
}
