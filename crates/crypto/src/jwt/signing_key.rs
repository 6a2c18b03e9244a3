//! A key that signs. The same text always gets the same signature: a refresh that is answered once more must give the
//! same token, bit for bit. jwt-simple's own ways of signing mix noise into `EdDSA` and ES256.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jwt_simple::prelude::{
    ECDSAP256KeyPairLike as _, ES256KeyPair, Ed25519KeyPair, EdDSAKeyPairLike as _, HS256Key, MACLike as _,
};
use zeroize::Zeroizing;

use super::algorithm::TokenAlgorithm;
use super::verifying_key::VerifyingKey;
use crate::key_file;
use crate::random::random;

/// The label of the PEM block that holds an HS256 key: its bytes alone would not say what they are for.
pub(super) const HS256_LABEL: &str = "HS256 KEY";

/// What stands before the scalar in the shortest PKCS#8 form of a P-256 key (RFC 5915, RFC 5958).
const P256_PKCS8: [u8; 35] = [
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04,
    0x20,
];

/// The private half of a key, or a secret.
pub(super) enum SigningKey {
    EdDsa(EdDsaKey),
    Es256(ES256KeyPair),
    Hs256(HS256Key),
}

/// An Ed25519 key, and the same once more for `ring`, which signs in a third of the time (RFC 8032 §5.1.6 leaves no
/// choice in what comes out). `ring` does not wipe its copy: what is left of a key that is gone stays in memory that was
/// given back until it is written over.
pub(super) struct EdDsaKey {
    pub(super) pair: Ed25519KeyPair,
    quick: ring::signature::Ed25519KeyPair,
}

impl EdDsaKey {
    /// `None` where the two halves of the pair do not belong together.
    pub(super) fn new(pair: Ed25519KeyPair) -> Option<Self> {
        let bytes = Zeroizing::new(pair.to_bytes());
        let (seed, public) = bytes.split_at_checked(32)?;
        let quick = ring::signature::Ed25519KeyPair::from_seed_and_public_key(seed, public).ok()?;
        Some(Self { pair, quick })
    }

    fn generate() -> Self {
        loop {
            if let Some(key) = Self::new(Ed25519KeyPair::generate()) {
                return key;
            }
        }
    }
}

impl SigningKey {
    /// A new key.
    pub(super) fn generate(algorithm: TokenAlgorithm) -> Self {
        Self::first_good(|| Self::draw(algorithm))
    }

    /// Random bytes may look like a text by chance, and would be refused when they are read.
    fn first_good(mut draw: impl FnMut() -> Self) -> Self {
        loop {
            let key = draw();
            if !key.looks_thought_of() {
                return key;
            }
        }
    }

    /// Whether somebody thought of the key rather than drew it.
    pub(super) fn looks_thought_of(&self) -> bool {
        let secret = self.secret();
        let looks = |secret: &[u8]| key_file::looks_made_up(secret) || key_file::looks_like_text(secret);
        // A scalar and its negative have the same public coordinate: whoever guesses one has the other.
        looks(&secret) || (matches!(self, Self::Es256(_)) && looks(&negative(&secret)))
    }

    /// The bytes that nobody else may know, as somebody would choose them.
    fn secret(&self) -> Zeroizing<Vec<u8>> {
        let mut secret = Zeroizing::new(match self {
            Self::EdDsa(key) => key.pair.to_bytes(),
            Self::Es256(pair) => pair.to_bytes(),
            Self::Hs256(key) => key.to_bytes(),
        });
        if matches!(self, Self::EdDsa(_)) {
            // After the seed stands the public key.
            secret.truncate(32);
        }
        secret
    }

    fn draw(algorithm: TokenAlgorithm) -> Self {
        match algorithm {
            TokenAlgorithm::EdDsa => Self::EdDsa(EdDsaKey::generate()),
            TokenAlgorithm::Es256 => Self::Es256(ES256KeyPair::generate()),
            TokenAlgorithm::Hs256 => Self::Hs256(HS256Key::from_bytes(&*Zeroizing::new(random::<32>()))),
        }
    }

    /// What it is for.
    pub(super) fn algorithm(&self) -> TokenAlgorithm {
        match self {
            Self::EdDsa(_) => TokenAlgorithm::EdDsa,
            Self::Es256(_) => TokenAlgorithm::Es256,
            Self::Hs256(_) => TokenAlgorithm::Hs256,
        }
    }

    /// Signs as RFC 8032, RFC 6979 and RFC 2104 say.
    ///
    /// Of the two values of `s` that ECDSA allows it is the lower one: the other would be a second spelling of the
    /// same token.
    pub(super) fn sign(&self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::EdDsa(key) => key.quick.sign(text).as_ref().to_vec(),
            Self::Es256(pair) => {
                let (signature, _) = pair.key_pair().as_ref().sign_recoverable(text);
                signature.normalize_s().to_vec()
            }
            Self::Hs256(key) => key.authentication_tag(text),
        }
    }

    /// What checks these signatures.
    pub(super) fn verifying(&self) -> VerifyingKey {
        match self {
            Self::EdDsa(key) => key.pair.public_key().into(),
            Self::Es256(pair) => pair.public_key().into(),
            Self::Hs256(key) => key.clone().into(),
        }
    }

    /// The whole key as the text of a file.
    pub(super) fn to_pem(&self) -> Zeroizing<String> {
        match self {
            Self::EdDsa(key) => Zeroizing::new(key.pair.key_pair().as_ref().sk.to_pem()),
            Self::Es256(pair) => {
                let scalar = Zeroizing::new(pair.to_bytes());
                // With all the room it needs it never moves and leaves no copy.
                let mut der = Zeroizing::new(Vec::with_capacity(P256_PKCS8.len() + scalar.len()));
                der.extend_from_slice(&P256_PKCS8);
                der.extend_from_slice(&scalar);
                block("PRIVATE KEY", &der)
            }
            Self::Hs256(key) => block(HS256_LABEL, &Zeroizing::new(key.to_bytes())),
        }
    }
}

/// A PEM block (RFC 7468).
fn block(label: &str, content: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2 * (label.len() + content.len()) + 64));
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    for line in Zeroizing::new(STANDARD.encode(content)).as_bytes().chunks(64) {
        text.extend(line.iter().copied().map(char::from));
        text.push('\n');
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

/// The order of P-256 (FIPS 186-5, SP 800-186 §3.2.1.3), the first byte first.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The order less a scalar below it.
fn negative(scalar: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut difference = Zeroizing::new(Vec::with_capacity(ORDER.len()));
    let mut borrowed = false;
    for (order, byte) in ORDER.iter().zip(scalar).rev() {
        let (less, under) = order.overflowing_sub(*byte);
        let (less, under_again) = less.overflowing_sub(u8::from(borrowed));
        difference.push(less);
        borrowed = under || under_again;
    }
    difference.reverse();
    difference
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_ways_of_signing_agree(seed: [u8; 32], text: Vec<u8>) {
            let pair = ed25519_of(seed);
            let slow = pair.key_pair().as_ref().sk.sign(&text, None).to_vec();
            let key = SigningKey::EdDsa(EdDsaKey::new(pair).unwrap());
            prop_assert_eq!(key.sign(&text), slow);
        }
    }

    fn ed25519_of(seed: [u8; 32]) -> Ed25519KeyPair {
        let prefix = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
        Ed25519KeyPair::from_der(&[&prefix[..], &seed].concat()).unwrap()
    }

    #[test]
    fn halves_that_do_not_belong_together_are_no_key() {
        let [one, other] = [1, 2].map(|byte| ed25519_of([byte; 32]).to_bytes());
        let mixed = [&one[..32], &other[32..]].concat();
        // Whoever notices first.
        assert!(Ed25519KeyPair::from_bytes(&mixed).ok().and_then(EdDsaKey::new).is_none());
    }

    #[test]
    fn tok_15_what_looks_thought_of_is_drawn_again() {
        let good = random::<32>();
        let mut drawn = [&b"a secret that ends with a newline\n"[..], &[7; 32], &good].into_iter();
        let key = SigningKey::first_good(|| SigningKey::Hs256(HS256Key::from_bytes(drawn.next().unwrap())));
        assert_eq!(**key.secret(), good);
        for algorithm in TokenAlgorithm::ALL {
            assert!(!SigningKey::generate(algorithm).looks_thought_of());
        }
    }
}
