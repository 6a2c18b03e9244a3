//! Pseudonyms that anybody could make.

use std::hash::{DefaultHasher, Hash, Hasher};

use doorward_domain::port::Pseudonyms;
use doorward_domain::throttle::Pseudonym;

/// Digests without a secret: the same everywhere and every time.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainPseudonyms;

impl Pseudonyms for PlainPseudonyms {
    fn of(&self, text: &str) -> Pseudonym {
        let half = |number: u8| {
            let mut hasher = DefaultHasher::new();
            (number, text).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        Pseudonym::new((half(0) << 64 | half(1)).to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_pseudonym_and_other_texts_have_others() {
        assert_eq!(PlainPseudonyms.of("ada"), PlainPseudonyms.of("ada"));
        for other in ["", "adb", "192.0.2.1\nada"] {
            assert_ne!(PlainPseudonyms.of(other), PlainPseudonyms.of("ada"));
        }
    }
}
