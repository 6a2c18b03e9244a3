//! Page positions that a client carries without reading them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use doorward_domain::port::CursorSeal;

use crate::Pepper;
use crate::random::random;

/// Bytes of a nonce: so many that random ones never meet.
const NONCE: usize = 24;

/// Seals with XChaCha20-Poly1305 under a key that comes from the pepper, so that every node unseals what any node
/// sealed. The text is base64url of nonce, ciphertext and tag.
pub struct ChaChaCursorSeal(XChaCha20Poly1305);

impl ChaChaCursorSeal {
    /// A seal whose key is derived from the pepper.
    pub fn new(pepper: &Pepper) -> Self {
        Self(XChaCha20Poly1305::new((&*pepper.derive_key("doorward cursor v1")).into()))
    }
}

impl CursorSeal for ChaChaCursorSeal {
    fn seal(&self, plain: &[u8], context: &[u8]) -> String {
        let nonce = random::<NONCE>();
        // Sealing fails beyond 256 GiB only; what would be left then is text that unseals to nothing.
        let sealed = self.0.encrypt(&nonce.into(), Payload { msg: plain, aad: context }).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())
    }

    fn unseal(&self, sealed: &str, context: &[u8]) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        self.0.decrypt(nonce.into(), Payload { msg: sealed, aad: context }).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seal() -> ChaChaCursorSeal {
        ChaChaCursorSeal::new(&Pepper::from_bytes([7; 32]))
    }

    #[test]
    fn what_was_sealed_is_read_back_by_another_node_with_the_same_pepper() {
        for plain in [&b""[..], b"ada@example.com", &[0; 1_000]] {
            assert_eq!(seal().unseal(&seal().seal(plain, b"list"), b"list").as_deref(), Some(plain));
        }
    }

    #[test]
    fn nothing_of_the_position_shows_and_no_two_seals_are_alike() {
        let (one, two) = (seal().seal(b"ada@example.com", b""), seal().seal(b"ada@example.com", b""));
        assert_ne!(one, two);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert!(!String::from_utf8_lossy(&URL_SAFE_NO_PAD.decode(one).unwrap()).contains("ada"));
    }

    #[test]
    fn another_context_or_pepper_unseals_nothing() {
        let sealed = seal().seal(b"position", b"sort=username");
        assert_eq!(seal().unseal(&sealed, b"sort=created_at"), None);
        assert_eq!(
            ChaChaCursorSeal::new(&Pepper::from_bytes([8; 32])).unseal(&sealed, b"sort=username"),
            None
        );
    }

    #[test]
    fn every_bit_of_a_cursor_is_protected() {
        let sealed = seal().seal(b"position", b"");
        for index in 0..sealed.len() * 8 {
            let mut bytes = sealed.clone().into_bytes();
            bytes[index / 8] ^= 1 << (index % 8);
            if let Ok(text) = String::from_utf8(bytes) {
                assert_eq!(seal().unseal(&text, b""), None, "bit {index}");
            }
        }
        for length in 0..sealed.len() {
            assert_eq!(seal().unseal(&sealed[..length], b""), None);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}", context: Vec<u8>) {
            prop_assert_eq!(seal().unseal(&text, &context), None);
        }
    }
}
