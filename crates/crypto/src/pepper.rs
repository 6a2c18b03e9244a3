//! The secret that keeps a stolen table of password hashes from being guessed at.

use std::fmt::{self, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Sha256, Sha384};
use zeroize::Zeroizing;

use crate::key_file::{self, KeyFileError};
use crate::random::random;

/// Bytes of a new pepper, and the fewest that one may have.
const BYTES: usize = 32;
/// The most that one may have: a block of SHA-256.
const MAX_BYTES: usize = 64;
/// Bytes of a fingerprint: so many that no two peppers share one by chance.
const FINGERPRINT_BYTES: usize = 16;

/// A key of 32 to 64 bytes that is kept outside of the store.
///
/// Whoever loses it loses every password hash with it: all users would need a new password.
pub struct Pepper(
    // Filled up with zeros, which is what HMAC does to a key that is shorter than a block (RFC 2104 §2).
    Zeroizing<[u8; MAX_BYTES]>,
);

impl Pepper {
    /// Reads the pepper from `path`. Where there is no such file, it is made with 32 random bytes as base64 and mode
    /// 0600; two processes that start at once agree on one.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyFileError> {
        let text = key_file::load_or_create(path, || {
            let mut text = Zeroizing::new(STANDARD.encode(*Zeroizing::new(random::<BYTES>())));
            text.push('\n');
            text
        })?;
        Self::read(path, &text)
    }

    /// Reads the pepper from `path`, which must exist.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        Self::read(path, &key_file::load(path)?)
    }

    /// Tells this pepper from every other one: 32 hexadecimal digits that give nothing of it away.
    pub fn fingerprint(&self) -> String {
        let derived = self.derive_key("doorward pepper fingerprint v1");
        let mut digits = String::with_capacity(2 * FINGERPRINT_BYTES);
        for byte in derived.iter().take(FINGERPRINT_BYTES) {
            // Writing to a text cannot fail.
            let _ = write!(digits, "{byte:02x}");
        }
        digits
    }

    /// A pepper that comes from no file. Meant for tests: nothing is checked.
    pub fn from_bytes(bytes: [u8; BYTES]) -> Self {
        Self::fill_up(Zeroizing::new(bytes).as_slice())
    }

    fn read(path: &Path, text: &str) -> Result<Self, KeyFileError> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim_end()).unwrap_or_default());
        if !(BYTES..=MAX_BYTES).contains(&bytes.len()) {
            return Err(KeyFileError::Malformed {
                path: path.to_owned(),
                expected: "32 to 64 bytes as base64 (`openssl rand -base64 32` makes some)",
            });
        }
        if key_file::looks_made_up(&bytes) {
            return Err(KeyFileError::Weak { path: path.to_owned() });
        }
        Ok(Self::fill_up(&bytes))
    }

    fn fill_up(bytes: &[u8]) -> Self {
        let mut block = Zeroizing::new([0; MAX_BYTES]);
        for (slot, byte) in block.iter_mut().zip(bytes) {
            *slot = *byte;
        }
        Self(block)
    }

    /// HMAC-SHA-384 of `message` under the pepper.
    pub(crate) fn hmac_sha384(&self, message: &[u8]) -> Zeroizing<[u8; 48]> {
        let mut block = Zeroizing::new([0; 128]);
        for (slot, byte) in block.iter_mut().zip(*self.0) {
            *slot = byte;
        }
        let mac = Hmac::<Sha384>::new((&*block).into()).chain_update(message);
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    /// A key for another purpose: HMAC-SHA-256 of its name under the pepper.
    pub(crate) fn derive_key(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mac = Hmac::<Sha256>::new((&*self.0).into()).chain_update(purpose);
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pepper([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn load(text: &str) -> Result<Pepper, KeyFileError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pepper");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        Pepper::load(&path)
    }

    #[test]
    fn a_pepper_is_made_once_as_text_that_it_is_read_back_from() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pepper");
        assert!(Pepper::load(&path).is_err());
        let made = Pepper::load_or_create(&path).unwrap();
        for again in [Pepper::load_or_create(&path).unwrap(), Pepper::load(&path).unwrap()] {
            assert_eq!(made.0, again.0);
        }
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(STANDARD.decode(fs::read_to_string(&path).unwrap().trim_end()).unwrap().len(), BYTES);
        assert_ne!(Pepper::load_or_create(&directory.path().join("other")).unwrap().0, made.0);
    }

    #[test]
    fn tok_15_what_is_no_pepper_or_a_weak_one_is_refused() {
        for text in ["", "secret", "not base64 at all!", &STANDARD.encode(random::<31>()), &"A".repeat(200)] {
            assert!(matches!(load(text), Err(KeyFileError::Malformed { .. })), "{text:?}");
        }
        for key in [[0; 32], [0xab; 32], *b"doorwarddoorwarddoorwarddoorward"] {
            assert!(matches!(load(&STANDARD.encode(key)), Err(KeyFileError::Weak { .. })));
        }
        load(&STANDARD.encode(random::<64>())).unwrap();
    }

    #[test]
    fn a_pepper_that_others_can_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pepper");
        Pepper::load_or_create(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Pepper::load_or_create(&path), Err(KeyFileError::Exposed { mode: 0o644, .. })));
    }

    #[test]
    fn its_hmacs_are_those_of_rfc_4231() {
        // Test case 2 has a shorter key than a pepper may have; zeros at its end change nothing.
        let jefe = Pepper::fill_up(b"Jefe");
        let bytes = |hex: &str| -> Vec<u8> {
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
        };
        assert_eq!(
            jefe.hmac_sha384(b"what do ya want for nothing?").to_vec(),
            bytes(
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
            )
        );
        assert_eq!(
            jefe.derive_key("what do ya want for nothing?").to_vec(),
            bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        );
    }

    #[test]
    fn a_fingerprint_is_the_same_everywhere_and_no_other_peppers() {
        let fingerprint = Pepper::from_bytes([7; 32]).fingerprint();
        assert_eq!(fingerprint, "48c28262aa645678b85e767d517e17b1");
        assert_ne!(Pepper::from_bytes([8; 32]).fingerprint(), fingerprint);
        assert!(fingerprint.len() == 32 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }

    #[test]
    fn a_pepper_is_not_printed_by_debug() {
        assert_eq!(format!("{:?}", Pepper::from_bytes([42; 32])), "Pepper([redacted])");
    }
}
