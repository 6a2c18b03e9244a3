//! One key as PEM text (RFC 7468, RFC 8410, RFC 5915), taken only if it is worth something.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jwt_simple::prelude::{ES256KeyPair, ES256PublicKey, Ed25519KeyPair, Ed25519PublicKey, HS256Key};
use zeroize::Zeroizing;

use super::signing_key::{EdDsaKey, HS256_LABEL, SigningKey};
use super::verifying_key::VerifyingKey;
use crate::key_file::{self, KeyFileError};

const EXPECTED: &str = "one key of Ed25519 or P-256 as PEM, or of HS256 (`doorward keys generate` makes one, and so \
                        does `openssl genpkey -algorithm ed25519`)";

/// RFC 7518 §3.2 wants as many bytes as a signature has. Beyond a block of SHA-256 more would count for nothing.
const EXPECTED_HS256: &str = "an HS256 key of 32 to 64 random bytes";

/// Keys that stand in a document that everybody can read: of each what [`VerifyingKey::telling_bytes`] are.
const PUBLISHED: [&str; 15] = [
    "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", // RFC 8037 appendix A, RFC 8032 §7.1 test 1
    "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw", // RFC 8032 §7.1 test 2
    "_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU", // RFC 8032 §7.1 test 3
    "J4EX_BRMcjQPZ9DyMW6Dhs7_vyskKMnFH-98WX8dQm4", // RFC 8032 §7.1 test 1024
    "7Bcrk61eVjv0kyxw4SRQNMNUZ-8u_U1k6_gZaDRn4r8", // RFC 8032 §7.1 test SHA(abc)
    "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE", // RFC 8410 §10.3
    "yrRjJfTnhMcW5igzYvPirFW5eUgMdKeClGzQhd4qw-Y", // the documentation of ed25519-compact
    "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", // RFC 7515 appendix A.3
    "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", // RFC 7517 appendix A.1
    "YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y", // RFC 6979 appendix A.2.5
    "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0", // RFC 7518 appendix C, Alice
    "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", // RFC 7518 appendix C, Bob
    "EVs_o5-uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf84", // the page of jwt.io
    "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg", // RFC 7520 §3.5
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", // RFC 7515 appendix A.1
];

/// What a key file holds.
pub(super) struct KeyPem {
    /// What verifies.
    pub(super) verifying: VerifyingKey,
    /// What signs, unless the file holds the public half only.
    pub(super) signing: Option<SigningKey>,
}

impl KeyPem {
    /// Reads the text of `path`, which is one PEM block with nothing around it.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self, KeyFileError> {
        let (label, content) = block(text).ok_or_else(|| malformed(path, EXPECTED))?;
        // Most forms end with 32 bytes of the key. Some made up ones are no keys at all: this says more.
        if content.last_chunk::<32>().is_some_and(|key| key_file::looks_made_up(key)) {
            return Err(weak(path));
        }
        let key = match label {
            "PRIVATE KEY" => Self::private(&content),
            "PUBLIC KEY" => Self::public(&content),
            HS256_LABEL => {
                if !(32..=64).contains(&content.len()) {
                    return Err(malformed(path, EXPECTED_HS256));
                }
                Some(SigningKey::Hs256(HS256Key::from_bytes(&content)).into())
            }
            _ => None,
        };
        let key = key.ok_or_else(|| malformed(path, EXPECTED))?;
        if key.is_weak() { Err(weak(path)) } else { Ok(key) }
    }

    /// PKCS#8 of either curve.
    fn private(der: &[u8]) -> Option<Self> {
        let edwards = Ed25519KeyPair::from_der(der).ok().and_then(EdDsaKey::new).map(SigningKey::EdDsa);
        let key = edwards.or_else(|| ES256KeyPair::from_der(der).ok().map(SigningKey::Es256));
        key.map(Self::from)
    }

    /// SPKI of either curve.
    fn public(der: &[u8]) -> Option<Self> {
        let edwards = Ed25519PublicKey::from_der(der).map(VerifyingKey::from);
        let verifying = edwards.or_else(|_| ES256PublicKey::from_der(der).map(VerifyingKey::from));
        verifying.ok().map(|verifying| Self { verifying, signing: None })
    }

    fn is_weak(&self) -> bool {
        let telling = URL_SAFE_NO_PAD.encode(&*self.verifying.telling_bytes());
        let thought_of = self.signing.as_ref().is_some_and(SigningKey::looks_thought_of);
        thought_of || PUBLISHED.contains(&telling.as_str())
    }
}

impl From<SigningKey> for KeyPem {
    fn from(signing: SigningKey) -> Self {
        Self { verifying: signing.verifying(), signing: Some(signing) }
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

fn malformed(path: &Path, expected: &'static str) -> KeyFileError {
    KeyFileError::Malformed { path: path.to_owned(), expected }
}

fn weak(path: &Path) -> KeyFileError {
    KeyFileError::Weak { path: path.to_owned() }
}

#[cfg(test)]
mod tests {
    use jwt_simple::prelude::{ES256kKeyPair, ES384KeyPair};
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::jwt::TokenAlgorithm;

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
        let Some(SigningKey::EdDsa(read_pair)) = read(&private(seed)).unwrap().signing else {
            unreachable!()
        };
        assert_eq!(read_pair.pair.to_bytes(), pair.to_bytes());
        let text = pair.public_key().to_pem().replace('\n', "\r\n");
        let key = read(&text).unwrap();
        assert_eq!(*key.verifying.telling_bytes(), pair.public_key().to_bytes());
        assert!(key.signing.is_none());

        // With its public half behind it, as openssl has it.
        let pair = ES256KeyPair::generate();
        let Some(SigningKey::Es256(read_pair)) = read(&pair.to_pem().unwrap()).unwrap().signing else {
            unreachable!()
        };
        assert_eq!(read_pair.to_bytes(), pair.to_bytes());
        let key = read(&pair.public_key().to_pem().unwrap()).unwrap();
        assert_eq!((key.verifying.kid, key.signing.is_none()), (pair.jwk_thumbprint(), true));
    }

    #[test]
    fn what_is_written_is_read_back() {
        for algorithm in TokenAlgorithm::ALL {
            let key = SigningKey::generate(algorithm);
            let text = key.to_pem();
            let again = read(&text).unwrap();
            assert_eq!(again.verifying.algorithm(), algorithm);
            assert_eq!(again.signing.unwrap().sign(b"text"), key.sign(b"text"));
            assert!(text.lines().all(|line| line.len() <= 64) && text.ends_with("-----\n"), "{algorithm}");
            if let Some(text) = key.verifying().to_pem() {
                let public = read(&text).unwrap();
                assert_eq!((public.verifying.kid, public.signing.is_none()), (key.verifying().kid, true));
            }
        }
    }

    /// The name stands in every token; what tells something of a secret must not (RFC 7638 §7).
    #[test]
    fn the_name_of_a_secret_is_no_digest_of_it() {
        let secret: [u8; 32] = crate::random::random();
        let key = read(&pem(HS256_LABEL, &secret)).unwrap();
        let jwk = format!(r#"{{"k":"{}","kty":"oct"}}"#, URL_SAFE_NO_PAD.encode(secret));
        assert_ne!(key.verifying.kid, URL_SAFE_NO_PAD.encode(Sha256::digest(jwk)));
        assert_ne!(key.verifying.kid, URL_SAFE_NO_PAD.encode(Sha256::digest(secret)));
        assert_eq!(key.verifying.kid.len(), 43);
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
        // Anything may be a secret; and each is what it was published as, of P-256 with a point for it.
        let keys = PUBLISHED.map(|key| URL_SAFE_NO_PAD.decode(key).unwrap());
        let (edwards, others) = keys.split_at(7);
        let (p_256, secrets) = others.split_at(6);
        let edwards = edwards.iter().map(|key| public(key.clone().try_into().unwrap()));
        let p_256 = p_256.iter().map(|key| ES256PublicKey::from_bytes(&[&[2], &**key].concat()).unwrap());
        let as_published = edwards.chain(p_256.map(|key| key.to_pem().unwrap()));
        for text in as_published.chain(keys.iter().map(|key| pem(HS256_LABEL, key))) {
            assert!(matches!(read(&text), Err(KeyFileError::Weak { .. })), "{text}");
        }
        assert_eq!(secrets.len(), 2);
    }

    #[test]
    fn tok_15_text_is_no_key_in_any_language_and_with_any_end_of_line() {
        for text in [
            "thirty-one signs and a newline.\n",
            "thirty signs and an end of line\r\n",
            "Übung macht den Meister, überall",
            "пароль, который кто-то",
            "tabs\tand\u{85}next lines are text too",
        ] {
            let secret = &text.as_bytes()[..text.len().min(64)];
            assert!(matches!(read(&pem(HS256_LABEL, secret)), Err(KeyFileError::Weak { .. })), "{text:?}");
            let Some(secret) = secret.first_chunk::<32>().filter(|bytes| str::from_utf8(*bytes).is_ok())
            else {
                continue;
            };
            assert!(matches!(read(&private(*secret)), Err(KeyFileError::Weak { .. })), "{text:?}");
            let scalar = SigningKey::Es256(ES256KeyPair::from_bytes(secret).unwrap());
            assert!(matches!(read(&scalar.to_pem()), Err(KeyFileError::Weak { .. })), "{text:?}");
        }
        // One control character, or a byte that begins nothing, is none of a text's.
        for odd in [0, 0x1b, 0x7f, 0xff] {
            let mut secret = *b"thirty-two signs, and one is odd";
            secret[9] = odd;
            assert!(read(&private(secret)).is_ok(), "{odd}");
            assert!(read(&pem(HS256_LABEL, &secret)).is_ok(), "{odd}");
        }
    }

    #[test]
    fn tok_15_weak_and_published_keys_of_p_256_are_refused() {
        let rfc_6979 = URL_SAFE_NO_PAD.decode("ya-p2EW6dRZrXCFXZ7HWk05Qw9s26JsSe4piKxIPZyE").unwrap();
        let rfc_7515 = URL_SAFE_NO_PAD.decode("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI").unwrap();
        let (mut one, counting): ([u8; 32], Vec<u8>) = ([0; 32], (0..32).collect());
        one[31] = 1;
        // The order less one: its public key is the same point upside down.
        let minus_one = URL_SAFE_NO_PAD.decode("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVA").unwrap();
        for scalar in [
            &one[..],
            &minus_one,
            &[7; 32],
            b"secretsecretsecretsecretsecretse",
            &counting,
            &rfc_6979,
            &rfc_7515,
        ] {
            let pair = ES256KeyPair::from_bytes(scalar).unwrap();
            for text in [pair.to_pem().unwrap(), SigningKey::Es256(pair).to_pem().to_string()] {
                assert!(matches!(read(&text), Err(KeyFileError::Weak { .. })), "{scalar:?}");
            }
        }
    }

    /// RFC 7518 §3.2 and RFC 8725 §3.5: at least as many bytes as the signature has, and none that somebody thought of.
    #[test]
    fn tok_15_weak_short_and_published_secrets_are_refused() {
        let random: [u8; 64] = std::array::from_fn(|_| crate::random::random::<1>()[0]);
        for length in [32, 33, 63, 64] {
            assert!(read(&pem(HS256_LABEL, &random[..length])).is_ok(), "{length}");
        }
        for secret in [&random[..31], &random[..16], &[], b"secret", &[&random[..], &[1]].concat()] {
            let error = read(&pem(HS256_LABEL, secret)).err().unwrap();
            assert!(error.to_string().contains("32 to 64 random bytes"), "{error}");
        }
        let counting: Vec<u8> = (0..64).collect();
        for secret in [
            &[0; 32][..],
            &[0xa5; 64],
            &counting,
            b"your-256-bit-secret-your-256-bit",
            b"a-string-secret-at-least-256-bits-long",
            // Random it may be, but it is as easily a word of somebody's.
            b"b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184",
            &URL_SAFE_NO_PAD.decode(PUBLISHED[13]).unwrap(),
            &URL_SAFE_NO_PAD.decode(PUBLISHED[14]).unwrap(),
        ] {
            assert!(matches!(read(&pem(HS256_LABEL, secret)), Err(KeyFileError::Weak { .. })), "{secret:?}");
        }
    }

    #[test]
    fn tok_15_what_is_no_single_key_is_refused_by_name() {
        let good = private(crate::random::random());
        let encrypted = good.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let mut ec = STANDARD.decode(good.lines().nth(1).unwrap()).unwrap();
        ec[11] = 110;
        let random = crate::random::random::<32>();
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
            &pem("HS512 KEY", &random),
            &pem("KEY", &random),
            // Keys of other curves.
            &ES384KeyPair::generate().to_pem().unwrap(),
            &ES384KeyPair::generate().public_key().to_pem().unwrap(),
            &ES256kKeyPair::generate().to_pem().unwrap(),
            &ES256kKeyPair::generate().public_key().to_pem().unwrap(),
        ] {
            let error = read(text).err().unwrap();
            assert!(matches!(error, KeyFileError::Malformed { .. }), "{text}");
            assert!(error.to_string().starts_with("some/key.pem does not hold"));
        }
    }

    /// A point beside the curve would give parts of a private key away to whoever sends one (RFC 8725 §2.4).
    #[test]
    fn tok_15_a_point_that_is_not_on_the_curve_is_no_key() {
        let text = ES256KeyPair::generate().public_key().to_der().unwrap();
        let mut other = text.clone();
        other[90] ^= 1;
        assert!(read(&pem("PUBLIC KEY", &text)).is_ok());
        assert!(matches!(read(&pem("PUBLIC KEY", &other)), Err(KeyFileError::Malformed { .. })));
    }
}
