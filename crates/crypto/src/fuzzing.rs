//! What holds of tokens and cursors, whatever somebody sends. The tests try it on the inputs that are kept in
//! `crates/fuzz/corpus`, libFuzzer on those that it makes up. In no build but these.

use doorward_domain::port::CursorSeal as _;

use crate::{ChaChaCursorSeal, Pepper};

/// Tries a token.
pub fn tokens(bytes: &[u8]) {
    crate::jwt::fuzzing::hold(bytes);
}

/// Tries a cursor. The input is five lines: the context, a place in the sealed text, how much goes, what comes instead,
/// and what is sealed.
pub fn cursor_seal(bytes: &[u8]) {
    let seal = ChaChaCursorSeal::new(&Pepper::from_bytes([7; 32]));
    let context = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if let Ok(text) = str::from_utf8(bytes) {
        assert_eq!(seal.unseal(text, b""), None, "somebody can seal");
    }
    let sealed = seal.seal(bytes, context);
    assert!(sealed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    assert_eq!(seal.unseal(&sealed, context).as_deref(), Some(bytes));
    assert_eq!(seal.unseal(&sealed, &[context, b"."].concat()), None, "the context does not count");
    let other = ChaChaCursorSeal::new(&Pepper::from_bytes([8; 32]));
    assert_eq!(other.unseal(&sealed, context), None, "the key does not count");

    let lines: Vec<_> = str::from_utf8(bytes).unwrap_or_default().splitn(5, '\n').collect();
    let [_, place, count, instead, _] = lines.as_slice() else { return };
    let (Ok(place), Ok(count)) = (place.parse::<u16>(), count.parse::<u16>()) else { return };
    let (before, rest) = sealed.split_at(usize::from(place) % sealed.len());
    let (_, behind) = rest.split_at(usize::from(count) % (rest.len() + 1));
    let changed = [before, instead, behind].concat();
    assert_eq!(seal.unseal(&changed, context).is_some(), changed == sealed, "{changed}");
}

#[cfg(test)]
mod tests {
    use doorward_testkit::corpus::each_input_of;

    #[test]
    fn every_token_in_the_corpus_is_what_was_signed_or_nothing() {
        each_input_of("tokens", super::tokens);
    }

    #[test]
    fn every_cursor_in_the_corpus_is_what_was_sealed_or_nothing() {
        each_input_of("cursor_seal", super::cursor_seal);
    }
}
