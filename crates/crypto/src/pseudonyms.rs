//! Names for people and networks in places where their addresses should not be.

use doorward_domain::port::Pseudonyms;
use doorward_domain::throttle::Pseudonym;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Pepper;

/// Bytes of a pseudonym: so many that no two texts share one by chance.
const BYTES: usize = 16;

/// The first half of HMAC-SHA-256 under a key that comes from the pepper, so that every node makes the same ones, and
/// nobody else can try out which address is behind one.
pub struct HmacPseudonyms(Hmac<Sha256>);

impl HmacPseudonyms {
    /// Pseudonyms whose key is derived from the pepper.
    pub fn new(pepper: &Pepper) -> Self {
        let key = pepper.derive_key("doorward pseudonym v1");
        // Filled up with zeros, which is what HMAC does to a key that is shorter than a block (RFC 2104 §2).
        let mut block = Zeroizing::new([0; 64]);
        for (slot, byte) in block.iter_mut().zip(*key) {
            *slot = byte;
        }
        Self(Hmac::new((&*block).into()))
    }
}

impl Pseudonyms for HmacPseudonyms {
    fn of(&self, text: &str) -> Pseudonym {
        let digest: [u8; 32] = self.0.clone().chain_update(text).finalize().into_bytes().into();
        let mut bytes = [0; BYTES];
        for (slot, byte) in bytes.iter_mut().zip(digest) {
            *slot = byte;
        }
        Pseudonym::new(bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pseudonyms(pepper: u8) -> HmacPseudonyms {
        HmacPseudonyms::new(&Pepper::from_bytes([pepper; 32]))
    }

    #[test]
    fn a_pseudonym_is_the_one_that_every_version_makes() {
        // Made with Python's hmac module: a change would start every count anew.
        assert_eq!(pseudonyms(7).of("ada@example.com").to_string(), "40d1ec039ee85128b774e746bf2a95e7");
    }

    #[test]
    fn another_pepper_makes_another_pseudonym() {
        assert_ne!(pseudonyms(7).of("ada@example.com"), pseudonyms(8).of("ada@example.com"));
    }

    proptest! {
        #[test]
        fn texts_are_told_apart(one in "\\PC{0,60}", other in "\\PC{0,60}") {
            let pseudonyms = pseudonyms(7);
            prop_assert_eq!(pseudonyms.of(&one), pseudonyms.of(&one));
            prop_assert_eq!(pseudonyms.of(&one) == pseudonyms.of(&other), one == other);
        }
    }
}
