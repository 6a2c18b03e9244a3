//! What a token must not get away with: the rows of the threat list, one test each.

use std::time::Duration;

use doorward_domain::port::TokenSigner as _;
use doorward_domain::token::TokenId;
use doorward_testkit::sample::{self, NOW};
use hmac::{Hmac, Mac};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};
use uuid::Uuid;

use super::*;
use crate::jwt::forged::{claims, header, kid, payload, remembering, signed, signer, signing_input, with};
use crate::jwt::{JwtSettings, KeyRing};

const LEEWAY: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(1);

fn access(signer: &JwtSigner) -> String {
    signer.sign(&claims(TokenKind::Access), &sample::user(1)).unwrap()
}

fn verify(token: &str, signer: &JwtSigner) -> Result<Claims, TokenError> {
    signer.verify(token, NOW)
}

fn with_header(signer: &JwtSigner, header: &Value) -> String {
    signed(signer, &header.to_string(), &payload().to_string())
}

fn with_payload(signer: &JwtSigner, payload: &str) -> String {
    signed(signer, &header(signer, TokenKind::Access).to_string(), payload)
}

fn assert_refused(signer: &JwtSigner, token: &str) {
    assert_eq!(verify(token, signer), Err(TokenError::Invalid), "{token}");
}

#[test]
fn the_forge_makes_good_tokens_too() {
    let signer = signer();
    let token = with_header(&signer, &header(&signer, TokenKind::Access));
    assert_eq!(verify(&token, &signer), Ok(claims(TokenKind::Access)));
    let token = with_payload(&signer, &with(payload(), "aud", json!(["doorward"])).to_string());
    assert_eq!(verify(&token, &signer), Ok(claims(TokenKind::Access)));
}

#[test]
fn tok_01_no_spelling_of_none_is_an_algorithm() {
    let signer = signer();
    let good = header(&signer, TokenKind::Access);
    for alg in [json!("none"), json!("None"), json!("NONE"), json!("nOnE"), json!(""), Value::Null, json!(0)]
    {
        let header = with(good.clone(), "alg", alg);
        let text = signing_input(&header.to_string(), &payload().to_string());
        assert_refused(&signer, &text);
        assert_refused(&signer, &format!("{text}."));
        assert_refused(&signer, &format!("{text}.AA"));
        assert_refused(&signer, &with_header(&signer, &header));
    }
}

/// Signers that remember nothing and all that they sign, each with a good token of each kind.
fn signers_with_tokens() -> impl Iterator<Item = (JwtSigner, String)> {
    let signers = [signer, remembering]
        .into_iter()
        .flat_map(|signer| [(signer(), TokenKind::Access), (signer(), TokenKind::Refresh)]);
    signers.map(|(signer, kind)| {
        let token = signer.sign(&claims(kind), &sample::user(1)).unwrap();
        (signer, token)
    })
}

#[test]
fn tok_02_every_bit_of_a_token_is_protected() {
    for (signer, token) in signers_with_tokens() {
        assert!(token.len() * 8 > 2_400);
        for index in 0..token.len() * 8 {
            let mut bytes = token.clone().into_bytes();
            bytes[index / 8] ^= 1 << (index % 8);
            assert_refused(&signer, &String::from_utf8_lossy(&bytes));
        }
        assert!(verify(&token, &signer).is_ok());
    }
}

#[test]
fn tok_02_a_cut_or_mixed_token_is_refused() {
    for (signer, one) in signers_with_tokens() {
        let claims = verify(&one, &signer).unwrap();
        let (one, two) = (signer.sign(&claims, &sample::user(1)).unwrap(), {
            let claims = Claims { subject: sample::user_id(2), ..claims };
            signer.sign(&claims, &sample::admin(2)).unwrap()
        });
        for length in 0..one.len() {
            assert_refused(&signer, &one[..length]);
            assert_refused(&signer, &one[length + 1..]);
        }
        let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
        let (one, two) = (parts(&one), parts(&two));
        assert_refused(&signer, &[&*one[0], &*two[1], &*one[2]].join("."));
        assert_refused(&signer, &[&*one[0], &*one[1], &*two[2]].join("."));
        assert_refused(&signer, &[&*one[1], &*one[0], &*one[2]].join("."));
    }
}

/// The signature's last character carries two bits; the other four must be zero.
#[test]
fn tok_02_a_token_has_one_spelling() {
    for (signer, token) in signers_with_tokens() {
        let (rest, last) = token.split_at(token.len() - 1);
        for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
            let spelling = format!("{rest}{other}");
            assert_eq!(verify(&spelling, &signer).is_ok(), last.starts_with(other));
        }
    }
}

#[test]
fn tok_03_the_public_key_is_no_hmac_secret_and_no_other_algorithm_counts() {
    fn hmac<M: Mac + hmac::KeyInit>(secret: &[u8], text: &str) -> Vec<u8> {
        <M as hmac::KeyInit>::new_from_slice(secret)
            .unwrap()
            .chain_update(text)
            .finalize()
            .into_bytes()
            .to_vec()
    }

    let signer = signer();
    let keys = signer.keys();
    let key = keys.ring.find(&kid(&signer)).unwrap();
    let raw = key.telling_bytes();
    let (pem, jwk) = (key.to_pem().unwrap(), key.to_jwk().unwrap());
    let der = [&[48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0][..], &raw[..]].concat();
    for secret in [&raw[..], &der, pem.trim().as_bytes(), pem.as_bytes(), jwk.as_bytes(), b""] {
        for alg in ["HS256", "HS384", "HS512", "EdDSA"] {
            let header = with(header(&signer, TokenKind::Access), "alg", json!(alg));
            let text = signing_input(&header.to_string(), &payload().to_string());
            let mac = match alg {
                "HS384" => hmac::<Hmac<Sha384>>(secret, &text),
                "HS512" => hmac::<Hmac<Sha512>>(secret, &text),
                _ => hmac::<Hmac<Sha256>>(secret, &text),
            };
            assert_refused(&signer, &format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac)));
        }
    }
    for alg in ["RS256", "PS256", "ES256", "ES256K", "ES384", "Ed25519", "Ed448", "eddsa", "EDDSA", "EdDSA "]
    {
        let header = with(header(&signer, TokenKind::Access), "alg", json!(alg));
        assert_refused(&signer, &with_header(&signer, &header));
        let text = signing_input(&header.to_string(), &payload().to_string());
        assert_refused(&signer, &format!("{text}.{}", URL_SAFE_NO_PAD.encode([0; 64])));
    }
}

#[test]
fn tok_03_a_signature_of_zeros_or_with_a_greater_scalar_is_refused() {
    // S + L gives the same point: without the check of RFC 8032 §5.1.7 a token would have a twin.
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let signer = signer();
    let token = access(&signer);
    let (text, signature) = token.rsplit_once('.').unwrap();
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut carry = 0;
    for (byte, addend) in signature[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(addend) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    assert_refused(&signer, &format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)));
    for length in [0, 1, 63, 64, 65] {
        assert_refused(&signer, &format!("{text}.{}", URL_SAFE_NO_PAD.encode(vec![0; length])));
    }
}

#[test]
fn tok_04_a_kid_is_only_a_name_in_a_fixed_set() {
    let signer = signer();
    let good = header(&signer, TokenKind::Access);
    let own = kid(&signer);
    for kid in [
        json!("../../dev/null"),
        json!("/dev/null"),
        json!("signing.pem"),
        json!("' OR 1=1--"),
        json!("x".repeat(10_000)),
        json!([own]),
        json!({ "kid": own }),
        json!(0),
        json!(""),
        json!(format!("{own} ")),
        json!(own.to_lowercase()),
        Value::Null,
    ] {
        assert_refused(&signer, &with_header(&signer, &with(good.clone(), "kid", kid)));
    }
    let null = good.to_string().replace(&format!("\"{own}\""), "null");
    assert_refused(&signer, &signed(&signer, &null, &payload().to_string()));
}

#[test]
fn tok_05_a_token_brings_no_key_along() {
    let (ours, theirs) = (signer(), signer());
    let keys = theirs.keys();
    let jwk = keys.ring.find(&kid(&theirs)).unwrap().to_jwk().unwrap();
    let jwk: Value = serde_json::from_str(&jwk).unwrap();
    for kid in [kid(&ours), kid(&theirs)] {
        let own = with(header(&ours, TokenKind::Access), "kid", json!(kid));
        assert_refused(&ours, &with_header(&theirs, &own));
        for (name, member) in [
            ("jwk", jwk.clone()),
            ("jwk", json!(jwk.to_string())),
            ("jku", json!("http://127.0.0.1:9/")),
            ("x5u", json!("http://127.0.0.1:9/")),
            ("x5c", json!(["MIIB"])),
            ("x5t", json!("AA")),
            ("salt", json!("AA")),
        ] {
            let header = with(own.clone(), name, member);
            assert_refused(&ours, &with_header(&theirs, &header));
            assert_refused(&ours, &with_header(&ours, &header));
        }
    }
}

#[test]
fn tok_06_extensions_are_refused_whether_critical_or_not() {
    let signer = signer();
    let good = header(&signer, TokenKind::Access);
    for (name, member) in [
        ("crit", json!(["x"])),
        ("crit", json!(["b64"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("x", json!(1)),
    ] {
        assert_refused(&signer, &with_header(&signer, &with(good.clone(), name, member)));
    }
    let both = with(with(good, "crit", json!(["b64"])), "b64", json!(false));
    assert_refused(&signer, &with_header(&signer, &both));
}

#[test]
fn tok_07_a_token_ends_with_the_leeway_and_not_later() {
    let signer = signer();
    let token = access(&signer);
    let end = claims(TokenKind::Access).expires_at.plus(LEEWAY);
    for remembered in [false, true] {
        if remembered {
            signer.verify(&token, NOW).unwrap();
        }
        assert!(signer.verify(&token, end.minus(TICK)).is_ok());
        for passed in [end, end.plus(Duration::from_secs(800)), Timestamp::from_millis(i64::MAX)] {
            assert_eq!(signer.verify(&token, passed), Err(TokenError::Expired));
        }
    }
}

#[test]
fn tok_07_an_expired_token_that_is_not_ours_is_invalid_and_not_expired() {
    let (ours, theirs) = (signer(), signer());
    let later = NOW.plus(Duration::from_secs(3_600));
    let mut forged = access(&ours);
    forged.replace_range(forged.len() - 20..forged.len() - 18, "AA");
    let other_issuer = with_payload(&ours, &with(payload(), "iss", json!("evil")).to_string());
    for token in [access(&theirs), forged, other_issuer] {
        assert_eq!(ours.verify(&token, later), Err(TokenError::Invalid));
    }
    assert_eq!(ours.verify(&access(&ours), later), Err(TokenError::Expired));
}

#[test]
fn tok_08_exp_is_required_and_a_whole_number_of_seconds() {
    let signer = signer();
    let good = payload().to_string();
    let exp = format!("\"exp\":{}", payload()["exp"]);
    for other in [
        "\"exp\":\"9999999999\"",
        "\"exp\":-1",
        "\"exp\":0",
        "\"exp\":1e400",
        "\"exp\":1e10",
        "\"exp\":1767226500.0",
        "\"exp\":1767226500.5",
        "\"exp\":9223372036854775808",
        "\"exp\":9223372036854775807",
        "\"exp\":253402300800",
        "\"exp\":18446744073709551616",
        "\"exp\":[]",
        "\"exp\":[1767226500]",
        "\"exp\":{}",
        "\"exp\":null",
        "\"exp\":true",
        "\"exp\":1767225600",
        "\"Exp\":1767226500",
    ] {
        assert_refused(&signer, &with_payload(&signer, &good.replace(&exp, other)));
    }
}

#[test]
fn every_claim_is_required_once_and_no_other_is_taken() {
    let signer = signer();
    let good = payload();
    for name in good.as_object().unwrap().keys() {
        assert_refused(&signer, &with_payload(&signer, &with(good.clone(), name, Value::Null).to_string()));
        let null = with(good.clone(), name, json!([])).to_string().replace("[]", "null");
        assert_refused(&signer, &with_payload(&signer, &null));
        assert_refused(&signer, &with_payload(&signer, &with(good.clone(), name, json!({})).to_string()));
        let twice = good.to_string().replacen('{', &format!("{{\"{name}\":{},", good[name]), 1);
        assert_refused(&signer, &with_payload(&signer, &twice));
    }
    assert_refused(&signer, &with_payload(&signer, &with(good, "scope", json!("all")).to_string()));
}

#[test]
fn tok_09_a_token_of_the_future_is_refused_beyond_the_leeway() {
    let signer = signer();
    let at = |seconds: i64| {
        let issued = json!(NOW.seconds() + seconds);
        with_payload(&signer, &with(with(payload(), "iat", issued.clone()), "nbf", issued).to_string())
    };
    assert!(verify(&at(0), &signer).is_ok());
    assert!(verify(&at(5), &signer).is_ok());
    assert_refused(&signer, &at(6));
    assert_refused(&signer, &at(600));
    assert_eq!(signer.verify(&at(5), NOW.minus(TICK)), Err(TokenError::Invalid));
    for name in ["iat", "nbf"] {
        for other in [json!(NOW.seconds() + 600), json!(-1), json!("0"), json!(NOW.seconds() - 1)] {
            assert_refused(&signer, &with_payload(&signer, &with(payload(), name, other).to_string()));
        }
    }
}

#[test]
fn tok_10_issuer_and_audience_are_exactly_ours() {
    let signer = signer();
    for (name, other) in [
        ("iss", json!("Doorward")),
        ("iss", json!("doorward ")),
        ("iss", json!("")),
        ("iss", json!(["doorward"])),
        ("aud", json!("other")),
        ("aud", json!("")),
        ("aud", json!([])),
        ("aud", json!(["doorward", "other"])),
        ("aud", json!(["doorward", "doorward"])),
        ("aud", json!(["other"])),
        ("aud", json!([["doorward"]])),
        ("aud", json!({"0": "doorward"})),
    ] {
        assert_refused(&signer, &with_payload(&signer, &with(payload(), name, other).to_string()));
    }
    let settings = JwtSettings { audience: "other".to_owned(), ..JwtSettings::default() };
    let other = JwtSigner::new(KeyRing::ephemeral(), settings);
    assert_refused(&other, &with_payload(&other, &payload().to_string()));
}

#[test]
fn tok_11_the_kind_of_a_token_is_its_signed_typ() {
    let signer = signer();
    for kind in [TokenKind::Access, TokenKind::Refresh] {
        let token = signer.sign(&claims(kind), &sample::user(1)).unwrap();
        assert_eq!(verify(&token, &signer).unwrap().kind, kind);
    }
    for typ in ["JWT", "jwt", "at+JWT", "application/at+jwt", "id+jwt", "", "at+jwt,rt+jwt"] {
        let header = with(header(&signer, TokenKind::Access), "typ", json!(typ));
        assert_refused(&signer, &with_header(&signer, &header));
    }
    assert_refused(
        &signer,
        &with_header(&signer, &with(header(&signer, TokenKind::Access), "typ", Value::Null)),
    );
}

#[test]
fn tok_12_identifiers_are_uuids_in_their_one_spelling() {
    let signer = signer();
    let good = sample::user_id(1).to_string();
    for name in ["sub", "jti", "sid"] {
        for other in [
            good.to_uppercase(),
            good.replace('-', ""),
            format!("{{{good}}}"),
            format!("urn:uuid:{good}"),
            format!("{good} "),
            "1".to_owned(),
            "admin".to_owned(),
            String::new(),
        ] {
            assert_refused(&signer, &with_payload(&signer, &with(payload(), name, json!(other)).to_string()));
        }
    }
}

#[test]
fn tok_13_other_serialisations_are_refused() {
    let signer = signer();
    let token = access(&signer);
    let parts: Vec<&str> = token.split('.').collect();
    let padded = |part: &str| format!("{part}{}", "=".repeat((4 - part.len() % 4) % 4));
    let json = json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]}).to_string();
    for other in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.AA.AA"),
        format!("{}..{}", parts[0], parts[2]),
        format!("{token}="),
        parts.iter().map(|part| padded(part)).collect::<Vec<_>>().join("."),
        format!(" {token}"),
        format!("{token} "),
        format!("{token}\n"),
        token.replace('.', ". "),
        format!("{}\r\n{}", &token[..76], &token[76..]),
        token.replace('-', "+").replace('_', "/") + "+",
        format!("\u{feff}{token}"),
        token.chars().flat_map(|character| [character, '\0']).collect(),
        token.replace('.', "%2E"),
        format!("Bearer {token}"),
        json,
    ] {
        assert_refused(&signer, &other);
    }
    let good = payload().to_string();
    for other in [
        "",
        "{}",
        "null",
        "[]",
        "\"\"",
        &good[..good.len() - 1],
        &format!("{good}{good}"),
        &format!("\u{feff}{good}"),
    ] {
        assert_refused(&signer, &with_payload(&signer, other));
    }
    let names = ["iss", "aud", "sub", "jti", "sid", "iat", "nbf", "exp", "role", "username"];
    let list = json!(names.map(|name| payload()[name].clone()));
    assert_refused(&signer, &with_payload(&signer, &list.to_string()));
}

#[test]
fn tok_13_a_part_that_is_no_text_is_refused() {
    let signer = signer();
    let good = URL_SAFE_NO_PAD.encode(header(&signer, TokenKind::Access).to_string());
    for bytes in [&b"\xff\xfe{}"[..], b"{\"iss\":\"\xff\"}", b"\0"] {
        let text = format!("{good}.{}", URL_SAFE_NO_PAD.encode(bytes));
        let signature = URL_SAFE_NO_PAD.encode(signer.keys().ring.signing().sign(text.as_bytes()));
        assert_refused(&signer, &format!("{text}.{signature}"));
    }
}

#[test]
fn tok_14_a_token_beyond_4_kib_is_refused_even_if_it_is_signed() {
    let signer = signer();
    let fits = with(payload(), "username", json!("x".repeat(2_400)));
    let token = with_payload(&signer, &fits.to_string());
    assert!(token.len() < MAX_TOKEN && verify(&token, &signer).is_ok());
    for length in [4_000, 100_000, 1_000_000] {
        let long = with(payload(), "username", json!("x".repeat(length))).to_string();
        assert_refused(&signer, &with_payload(&signer, &long));
        assert_refused(&signer, &".".repeat(length + 100));
    }
}

#[test]
fn a_key_of_another_ring_does_not_verify_under_its_own_or_our_name() {
    let (ours, theirs) = (signer(), signer());
    assert_refused(&ours, &access(&theirs));
    assert_refused(&ours, &with_header(&theirs, &header(&ours, TokenKind::Access)));
}

/// A token that `signer` did not write itself, for [`claims`].
fn brought(signer: &JwtSigner) -> String {
    with_payload(signer, &payload().to_string())
}

#[test]
fn the_memo_holds_good_tokens_only_and_none_beyond_its_end() {
    let signer = remembering();
    let token = brought(&signer);
    let end = claims(TokenKind::Access).expires_at.plus(LEEWAY);
    assert_eq!(signer.verify(&token, end), Err(TokenError::Expired));
    for number in 0..1_000 {
        assert!(signer.verify(&format!("{token}{number}"), NOW).is_err());
    }
    assert_eq!(signer.keys().memo.len(), 0);

    assert!(signer.verify(&token, NOW).is_ok());
    for number in 0..1_000 {
        assert!(signer.verify(&format!("{token}{number}"), NOW).is_err());
    }
    assert!(signer.verify(&token, NOW).is_ok());
    assert_eq!(signer.keys().memo.len(), 1);
    assert_eq!(signer.verify(&token, NOW.minus(Duration::from_secs(6))), Err(TokenError::Invalid));
    assert!(signer.verify(&token, end.minus(TICK)).is_ok());
    assert_eq!(signer.verify(&token, end), Err(TokenError::Expired));
    assert_eq!(signer.keys().memo.len(), 0);
    assert_eq!(signer.verify(&token, end), Err(TokenError::Expired));
}

#[test]
fn a_token_that_was_signed_here_is_known_as_it_would_be_read() {
    for kind in [TokenKind::Access, TokenKind::Refresh] {
        let (signer, whole) = (remembering(), claims(kind));
        let claims = Claims {
            issued_at: whole.issued_at.plus(TICK),
            expires_at: whole.expires_at.plus(TICK),
            ..whole
        };
        let token = signer.sign(&claims, &sample::user(1)).unwrap();
        assert_eq!(signer.keys().remembering(kind).find(&Memo::key(&token)), Some(whole));
        assert_eq!(signer.verify_anew(&signer.keys().ring, &token, NOW), Ok(whole));
        assert_eq!(signer.verify(&token, NOW), Ok(whole));
    }
}

#[test]
fn what_nobody_would_believe_is_not_known_though_it_was_signed_here() {
    let (signer, claims) = (remembering(), claims(TokenKind::Access));
    let token = signer.sign(&Claims { expires_at: claims.issued_at, ..claims }, &sample::user(1)).unwrap();
    assert_eq!(signer.keys().memo.len(), 0);
    assert_refused(&signer, &token);
}

#[test]
fn a_refresh_token_is_known_until_it_comes_back() {
    let signer = remembering();
    let sign = || signer.sign(&claims(TokenKind::Refresh), &sample::user(1)).unwrap();
    let token = sign();
    assert_eq!((signer.keys().unspent.len(), signer.keys().memo.len()), (1, 0));
    for _ in 0..2 {
        assert_eq!(verify(&token, &signer), Ok(claims(TokenKind::Refresh)));
        assert_eq!((signer.keys().unspent.len(), signer.keys().memo.len()), (0, 0));
    }

    let (token, end) = (sign(), claims(TokenKind::Refresh).expires_at.plus(LEEWAY));
    assert_eq!(signer.verify(&token, end), Err(TokenError::Expired));
    assert_eq!(signer.keys().unspent.len(), 0);
    assert_eq!(signer.verify(&token, end), Err(TokenError::Expired));
}

#[test]
fn refresh_tokens_push_out_no_access_token() {
    const CAPACITY: usize = 256;
    let signer = JwtSigner::new(
        KeyRing::ephemeral(),
        JwtSettings { memo_capacity: CAPACITY, ..JwtSettings::default() },
    );
    let token = access(&signer);
    for number in 0..8 * CAPACITY as u128 {
        let id = TokenId::new(Uuid::from_u128(number));
        signer.sign(&Claims { id, ..claims(TokenKind::Refresh) }, &sample::user(1)).unwrap();
    }
    let keys = signer.keys();
    assert!(keys.memo.find(&Memo::key(&token)).is_some());
    assert!(keys.unspent.len() <= CAPACITY / 4);
}

#[test]
fn a_remembered_token_is_not_verified_again() {
    const TOKEN: &str = "only the memo knows this";
    let signer = remembering();
    for kind in [TokenKind::Access, TokenKind::Refresh] {
        let claims = claims(kind);
        signer.keys().remembering(kind).insert(Memo::key(TOKEN), claims);
        assert_eq!(verify(TOKEN, &signer), Ok(claims));
        signer.keys().memo.forget(&Memo::key(TOKEN));
        assert_refused(&signer, TOKEN);
    }
}

proptest! {
    #[test]
    fn tok_13_no_text_makes_it_panic(text in "\\PC{0,120}|[A-Za-z0-9_-]{0,60}(\\.[A-Za-z0-9_-]{0,60}){2}", now: i64) {
        prop_assert_eq!(signer().verify(&text, Timestamp::from_millis(now)), Err(TokenError::Invalid));
    }

    #[test]
    fn tok_13_no_signed_json_makes_it_panic(header in "\\{?\\PC{0,40}\\}?", payload in "\\{?\\PC{0,40}\\}?") {
        let signer = signer();
        prop_assert!(signer.verify(&signed(&signer, &header, &payload), NOW).is_err());
    }

    #[test]
    fn tok_07_tok_09_times_decide_as_the_rule_says(
        issued in prop_oneof![any::<i64>(), 1_767_225_590_i64..1_767_225_620],
        expires in prop_oneof![any::<i64>(), 1_767_225_590_i64..1_767_225_620],
        now in prop_oneof![any::<i64>(), 1_767_225_580_000_i64..1_767_225_640_000],
    ) {
        let signer = signer();
        let payload = with(with(with(payload(), "iat", json!(issued)), "nbf", json!(issued)), "exp", json!(expires));
        let outcome = signer.verify(&with_payload(&signer, &payload.to_string()), Timestamp::from_millis(now));
        let possible = issued >= 0 && issued < expires && expires <= 253_402_300_799;
        let expected = if !possible || i128::from(issued) * 1_000 > i128::from(now) + 5_000 {
            Err(TokenError::Invalid)
        } else if i128::from(now) >= i128::from(expires) * 1_000 + 5_000 {
            Err(TokenError::Expired)
        } else {
            Ok(())
        };
        prop_assert_eq!(outcome.map(|_| ()), expected);
    }
}
