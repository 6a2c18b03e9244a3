//! One key, one algorithm: what signatures of each kind must not get away with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_domain::port::{TokenError, TokenSigner as _};
use doorward_domain::token::TokenKind;
use doorward_testkit::sample::{self, NOW};
use jwt_simple::prelude::{
    ECDSAP256kKeyPairLike as _, ECDSAP384KeyPairLike as _, ES256KeyPair, ES256kKeyPair, ES384KeyPair,
    HS256Key, MACLike as _,
};
use serde_json::json;

use crate::jwt::forged::{claims, header, kid, payload, signed, signer_of, signing_input, with};
use crate::jwt::signing_key::SigningKey;
use crate::jwt::{JwtSigner, TokenAlgorithm};

/// The order of P-256, big-endian.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

fn access(signer: &JwtSigner) -> String {
    signer.sign(&claims(TokenKind::Access), &sample::user(1)).unwrap()
}

fn is_good(token: &str, signer: &JwtSigner) -> bool {
    match signer.verify(token, NOW) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error, TokenError::Invalid);
            false
        }
    }
}

/// The text that is signed, and the signature.
fn taken_apart(token: &str) -> (String, Vec<u8>) {
    let (text, signature) = token.rsplit_once('.').unwrap();
    (text.to_owned(), URL_SAFE_NO_PAD.decode(signature).unwrap())
}

fn joined(text: &str, signature: &[u8]) -> String {
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// `ORDER` less these 32 bytes.
fn order_less(bytes: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut difference: Vec<u8> = ORDER
        .iter()
        .zip(bytes)
        .rev()
        .map(|(from, byte)| {
            let digit = i16::from(*from) - i16::from(*byte) - borrow;
            borrow = i16::from(digit < 0);
            u8::try_from(digit + 256 * borrow).unwrap()
        })
        .collect();
    difference.reverse();
    difference
}

/// A header that says `alg`, with the name of the key that `signer` has.
fn header_saying(alg: &str, signer: &JwtSigner) -> String {
    with(header(signer, TokenKind::Access), "alg", json!(alg)).to_string()
}

#[test]
fn tok_03_the_key_decides_on_the_algorithm_and_not_the_token() {
    for algorithm in TokenAlgorithm::ALL {
        let signer = signer_of(algorithm);
        for alg in ["none", "EdDSA", "ES256", "HS256", "HS384", "HS512", "RS256", "PS256", "ES384", "ES256K"]
        {
            let token = signed(&signer, &header_saying(alg, &signer), &payload().to_string());
            assert_eq!(
                is_good(&token, &signer),
                alg == algorithm.as_str(),
                "{alg} with a key of {algorithm}"
            );
        }
    }
}

#[test]
fn tok_03_a_key_of_one_algorithm_signs_for_no_other_under_its_name() {
    for ours in TokenAlgorithm::ALL {
        let signer = signer_of(ours);
        for theirs in TokenAlgorithm::ALL {
            let forger = signer_of(theirs);
            for alg in [ours, theirs] {
                let token = signed(&forger, &header_saying(alg.as_str(), &signer), &payload().to_string());
                assert!(!is_good(&token, &signer), "{theirs} for {ours} as {alg}");
            }
        }
    }
}

#[test]
fn tok_03_a_public_key_of_p_256_is_no_hmac_secret() {
    let signer = signer_of(TokenAlgorithm::Es256);
    let keys = signer.keys();
    let key = keys.ring.find(&kid(&signer)).unwrap();
    let (pem, jwk) = (key.to_pem().unwrap(), key.to_jwk().unwrap());
    let SigningKey::Es256(pair) = &**keys.ring.signing() else { unreachable!() };
    let (compressed, der) = (pair.public_key().to_bytes(), pair.public_key().to_der().unwrap());
    for secret in [
        &compressed[..],
        &compressed[1..],
        &der,
        &der[26..],
        pem.as_bytes(),
        pem.trim().as_bytes(),
        jwk.as_bytes(),
    ] {
        for alg in ["HS256", "ES256"] {
            let text = signing_input(&header_saying(alg, &signer), &payload().to_string());
            let tag = HS256Key::from_bytes(secret).authentication_tag(text.as_bytes());
            assert!(!is_good(&joined(&text, &tag), &signer));
        }
    }
}

#[test]
fn tok_03_ecdsa_signatures_out_of_range_or_form_are_refused() {
    let signer = signer_of(TokenAlgorithm::Es256);
    let (text, signature) = taken_apart(&access(&signer));
    assert!(is_good(&joined(&text, &signature), &signer));
    let (r, s) = signature.split_at(32);
    let (zero, mut one) = ([0; 32], [0; 32]);
    one[31] = 1;
    let minus_one = order_less(&one);
    for [r, s] in [
        [&zero[..], &zero],
        [&zero, s],
        [r, &zero],
        [&zero, &one],
        [&one, &zero],
        [&one, &one],
        [&ORDER, &ORDER],
        [&ORDER, s],
        [r, &ORDER],
        [&ORDER, &one],
        [&minus_one, &minus_one],
        [&[0xff; 32], &[0xff; 32]],
        [s, r],
        [&order_less(r), s],
    ] {
        assert!(!is_good(&joined(&text, &[r, s].concat()), &signer), "{r:02x?} {s:02x?}");
    }
    for form in [
        vec![],
        vec![0; 64],
        signature[..63].to_vec(),
        signature[1..].to_vec(),
        [&[0], &*signature].concat(),
        [&*signature, &[0]].concat(),
        // Two numbers in DER, as X.509 has them.
        [&[0x30, 0x44, 0x02, 0x20], r, &[0x02, 0x20], s].concat(),
    ] {
        assert!(!is_good(&joined(&text, &form), &signer), "{form:02x?}");
    }
}

/// r and n − s make a good signature too, but then a token would have a twin.
#[test]
fn tok_02_an_ecdsa_signature_with_the_higher_s_is_refused_and_never_made() {
    let signer = signer_of(TokenAlgorithm::Es256);
    for _ in 0..8 {
        let keys = signer_of(TokenAlgorithm::Es256).keys();
        let signature = keys.ring.signing().sign(b"text");
        assert!(signature[32..] < order_less(&signature[32..])[..]);
    }
    let (text, signature) = taken_apart(&access(&signer));
    let twin = [&signature[..32], &order_less(&signature[32..])].concat();
    // What refuses it is nothing but the rule.
    let options = jwt_simple::prelude::VerificationOptions {
        artificial_time: Some(jwt_simple::prelude::UnixTimeStamp::from_secs(NOW.seconds().unsigned_abs())),
        ..Default::default()
    };
    let keys = signer.keys();
    let SigningKey::Es256(pair) = &**keys.ring.signing() else { unreachable!() };
    let library = jwt_simple::prelude::ECDSAP256PublicKeyLike::verify_token::<
        jwt_simple::prelude::NoCustomClaims,
    >(&pair.public_key(), &joined(&text, &twin), Some(options));
    library.unwrap();
    assert!(!is_good(&joined(&text, &twin), &signer));
}

#[test]
fn tok_03_signatures_of_other_curves_are_refused() {
    let signer = signer_of(TokenAlgorithm::Es256);
    let name = kid(&signer);
    let claims = || jwt_simple::prelude::Claims::create(jwt_simple::prelude::Duration::from_mins(5));
    let tokens = [
        ES256kKeyPair::generate().with_key_id(&name).sign(claims()).unwrap(),
        ES384KeyPair::generate().with_key_id(&name).sign(claims()).unwrap(),
    ];
    for token in tokens {
        assert!(!is_good(&token, &signer));
        let (_, signature) = taken_apart(&token);
        let text = signing_input(&header_saying("ES256", &signer), &payload().to_string());
        assert!(!is_good(&joined(&text, &signature), &signer));
    }
}

#[test]
fn tok_03_an_hmac_tag_counts_whole_or_not_at_all() {
    let signer = signer_of(TokenAlgorithm::Hs256);
    let (text, tag) = taken_apart(&access(&signer));
    for length in 0..32 {
        assert!(!is_good(&joined(&text, &tag[..length]), &signer));
    }
    assert!(!is_good(&joined(&text, &[&*tag, &[0]].concat()), &signer));
    assert!(!is_good(&joined(&text, &[0; 32]), &signer));
    for secret in [&b""[..], &[0; 32], kid(&signer).as_bytes()] {
        let tag = HS256Key::from_bytes(secret).authentication_tag(text.as_bytes());
        assert!(!is_good(&joined(&text, &tag), &signer));
    }
}

#[test]
fn tok_02_every_bit_of_a_signature_is_protected_whatever_the_algorithm() {
    for algorithm in [TokenAlgorithm::Es256, TokenAlgorithm::Hs256] {
        let signer = signer_of(algorithm);
        let (text, signature) = taken_apart(&access(&signer));
        for bit in 0..signature.len() * 8 {
            let mut other = signature.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_good(&joined(&text, &other), &signer), "bit {bit}");
        }
        let other = signing_input(
            &header(&signer, TokenKind::Access).to_string(),
            &with(payload(), "role", json!("admin")).to_string(),
        );
        assert!(!is_good(&joined(&other, &signature), &signer));
    }
}

#[test]
fn signatures_are_those_of_rfc_6979() {
    let bytes = |digits: &str| -> Vec<u8> {
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    };
    let key = bytes("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
    let key = SigningKey::Es256(ES256KeyPair::from_bytes(&key).unwrap());
    let r = bytes("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716");
    let s = bytes("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
    assert_eq!(key.sign(b"sample"), [r, order_less(&s)].concat());
}

#[test]
fn a_tag_is_that_of_rfc_7515() {
    let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let key = SigningKey::Hs256(HS256Key::from_bytes(&URL_SAFE_NO_PAD.decode(key).unwrap()));
    let text = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
                eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let tag = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()));
    assert_eq!(tag, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}
