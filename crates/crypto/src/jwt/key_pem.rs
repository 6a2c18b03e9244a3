//! One Ed25519 key as PEM text (RFC 7468, RFC 8410), taken only if it is worth something.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jwt_simple::prelude::{Ed25519KeyPair, Ed25519PublicKey};
use zeroize::Zeroizing;

use crate::key_file::{self, KeyFileError};

const EXPECTED: &str = "one Ed25519 key as PEM (`openssl genpkey -algorithm ed25519` makes one)";

/// Public keys whose private half stands in a document that everybody can read.
const PUBLISHED: [&str; 7] = [
    "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", // RFC 8037 appendix A, RFC 8032 §7.1 test 1
    "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw", // RFC 8032 §7.1 test 2
    "_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU", // RFC 8032 §7.1 test 3
    "J4EX_BRMcjQPZ9DyMW6Dhs7_vyskKMnFH-98WX8dQm4", // RFC 8032 §7.1 test 1024
    "7Bcrk61eVjv0kyxw4SRQNMNUZ-8u_U1k6_gZaDRn4r8", // RFC 8032 §7.1 test SHA(abc)
    "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE", // RFC 8410 §10.3
    "yrRjJfTnhMcW5igzYvPirFW5eUgMdKeClGzQhd4qw-Y", // the documentation of ed25519-compact
];

/// What a key file holds.
pub(super) struct KeyPem {
    /// What verifies.
    pub(super) public: Ed25519PublicKey,
    /// What signs, unless the file holds the public half only.
    pub(super) private: Option<Ed25519KeyPair>,
}

impl KeyPem {
    /// Reads the text of `path`, which is one PEM block with nothing around it.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self, KeyFileError> {
        let (label, der) = block(text).ok_or_else(|| malformed(path))?;
        // Both forms end with the 32 bytes of the key.
        if der.last_chunk::<32>().is_some_and(|key| key_file::looks_made_up(key)) {
            return Err(weak(path));
        }
        let key = match label {
            "PRIVATE KEY" => Ed25519KeyPair::from_der(&der).map(Self::from),
            "PUBLIC KEY" => Ed25519PublicKey::from_der(&der).map(Self::from),
            _ => return Err(malformed(path)),
        };
        let key = key.map_err(|_| malformed(path))?;
        if PUBLISHED.contains(&URL_SAFE_NO_PAD.encode(key.public.to_bytes()).as_str()) {
            return Err(weak(path));
        }
        Ok(key)
    }
}

impl From<Ed25519KeyPair> for KeyPem {
    fn from(pair: Ed25519KeyPair) -> Self {
        Self { public: pair.public_key(), private: Some(pair) }
    }
}

impl From<Ed25519PublicKey> for KeyPem {
    fn from(public: Ed25519PublicKey) -> Self {
        Self { public, private: None }
    }
}

/// Label and content of the one block.
fn block(text: &str) -> Option<(&str, Zeroizing<Vec<u8>>)> {
    let (label, rest) = text.trim().strip_prefix("-----BEGIN ")?.split_once("-----")?;
    let body = rest.strip_suffix("-----")?.strip_suffix(label)?.strip_suffix("-----END ")?;
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    base64.extend(body.split_ascii_whitespace());
    Some((label, Zeroizing::new(STANDARD.decode(&*base64).ok()?)))
}

fn malformed(path: &Path) -> KeyFileError {
    KeyFileError::Malformed { path: path.to_owned(), expected: EXPECTED }
}

fn weak(path: &Path) -> KeyFileError {
    KeyFileError::Weak { path: path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(seed: [u8; 32]) -> String {
        let prefix = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
        pem("PRIVATE KEY", &[&prefix[..], &seed].concat())
    }

    fn public(key: [u8; 32]) -> String {
        pem("PUBLIC KEY", &[&[48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0][..], &key].concat())
    }

    fn pem(label: &str, der: &[u8]) -> String {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    }

    fn read(text: &str) -> Result<KeyPem, KeyFileError> {
        KeyPem::read(Path::new("some/key.pem"), text)
    }

    #[test]
    fn both_halves_of_a_key_are_read_as_openssl_writes_them() {
        let pair = Ed25519KeyPair::generate();
        let mut seed = [0; 32];
        seed.copy_from_slice(&pair.to_bytes()[..32]);
        assert_eq!(read(&private(seed)).unwrap().private.unwrap().to_bytes(), pair.to_bytes());
        let text = pair.public_key().to_pem().replace('\n', "\r\n");
        let key = read(&text).unwrap();
        assert_eq!(key.public.to_bytes(), pair.public_key().to_bytes());
        assert!(key.private.is_none());
    }

    #[test]
    fn tok_15_weak_and_published_keys_are_refused() {
        let rfc_8037 = STANDARD.decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").unwrap();
        let counting: Vec<u8> = (0..32).collect();
        for seed in [&[0; 32][..], &[255; 32], b"secretsecretsecretsecretsecretse", &counting, &rfc_8037] {
            let text = private(seed.try_into().unwrap());
            assert!(matches!(read(&text), Err(KeyFileError::Weak { .. })), "{seed:?}");
        }
        let mut one = [0; 32];
        one[0] = 1;
        assert!(matches!(read(&public(one)), Err(KeyFileError::Weak { .. })));
        for key in PUBLISHED {
            let key = URL_SAFE_NO_PAD.decode(key).unwrap().try_into().unwrap();
            assert!(matches!(read(&public(key)), Err(KeyFileError::Weak { .. })));
        }
    }

    #[test]
    fn tok_15_what_is_no_single_key_is_refused_by_name() {
        let good = private(crate::random::random());
        let encrypted = good.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let mut ec = STANDARD.decode(good.lines().nth(1).unwrap()).unwrap();
        ec[11] = 110;
        for text in [
            "",
            "secret",
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----",
            &good.repeat(2),
            &good.replace("MC4C", "MC4D"),
            &good.replacen('\n', "\n!", 1),
            &good.replace("END PRIVATE", "END PUBLIC"),
            &encrypted,
            &pem("PUBLIC KEY", &STANDARD.decode(good.lines().nth(1).unwrap()).unwrap()),
            &pem("PRIVATE KEY", &ec),
            &pem("PRIVATE KEY", &ec[..47]),
            &pem("RSA PRIVATE KEY", &ec),
        ] {
            let error = read(text).err().unwrap();
            assert!(matches!(error, KeyFileError::Malformed { .. }), "{text}");
            assert!(error.to_string().starts_with("some/key.pem does not hold"));
        }
    }
}
