//! What holds of tokens, whatever somebody sends as one: only what was signed is read, and only as it was meant.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_domain::Timestamp;
use doorward_domain::port::{TokenError, TokenSigner as _};
use doorward_domain::token::{Claims, TokenKind};
use serde_json::Value;

use super::header::{Header, media_type};
use super::ring::KeyRing;
use super::signing_key::SigningKey;
use super::{JwtSettings, JwtSigner, TokenAlgorithm};

const NOW: Timestamp = Timestamp::from_seconds(1_767_225_600);

/// A signer for each algorithm; every one of them knows the keys of all.
static SIGNERS: LazyLock<[JwtSigner; 3]> = LazyLock::new(|| {
    let keys = TokenAlgorithm::ALL.map(|algorithm| Arc::new(SigningKey::generate(algorithm)));
    keys.each_ref().map(|signing| {
        let all = keys.iter().map(|key| key.verifying());
        JwtSigner::new(KeyRing::new(signing.clone(), all), JwtSettings::default())
    })
});

/// Knows none of those keys, and remembers nothing.
static STRANGER: LazyLock<JwtSigner> = LazyLock::new(|| {
    JwtSigner::new(KeyRing::ephemeral(), JwtSettings { memo_capacity: 0, ..JwtSettings::default() })
});

/// Verifies a token. The first byte says with which key, and what the rest is: a token, header and payload to be
/// signed, or what somebody changes in a token that is good.
pub(crate) fn hold(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let Ok(text) = str::from_utf8(rest) else { return };
    let [eddsa, es256, hs256] = &*SIGNERS;
    let signer = match kind % 3 {
        0 => eddsa,
        1 => es256,
        _ => hs256,
    };
    match kind / 3 % 3 {
        0 => forged(signer, text),
        1 => signed(signer, text),
        _ => changed(signer, text),
    }
}

/// Nobody can sign.
fn forged(signer: &JwtSigner, token: &str) {
    assert_eq!(signer.verify(token, NOW), Err(TokenError::Invalid));
}

/// What the key signs is read only where it says what ours say. `KEY` stands for the name of the key.
fn signed(signer: &JwtSigner, text: &str) {
    let Some((header, payload)) = text.split_once('\n') else { return };
    let header = header.replace("KEY", signer.keys().ring.signing_kid());
    let token = sign(signer, &header, payload);
    let outcome = signer.verify(&token, NOW);
    assert_eq!(signer.verify(&token, NOW), outcome, "what is remembered is something else");
    assert_eq!(STRANGER.verify(&token, NOW), Err(TokenError::Invalid));
    let Ok(claims) = outcome else { return };

    assert_eq!(said(signer, &header, payload), Some(claims));
    let leeway = signer.settings.leeway;
    let (start, end) = (claims.issued_at.minus(leeway), claims.expires_at.plus(leeway));
    assert!(start <= NOW && NOW < end);
    let moment = Duration::from_millis(1);
    assert_eq!(signer.verify(&token, start), Ok(claims));
    assert_eq!(signer.verify(&token, start.minus(moment)), Err(TokenError::Invalid));
    assert_eq!(signer.verify(&token, end.minus(moment)), Ok(claims));
    assert_eq!(signer.verify(&token, end), Err(TokenError::Expired));
}

/// A good token is no good with anything else in it. The input is a place, how much goes, and what comes instead.
fn changed(signer: &JwtSigner, text: &str) {
    let mut parts = text.splitn(3, '\n');
    let (Some(place), Some(count), Some(other)) = (parts.next(), parts.next(), parts.next()) else { return };
    let (Ok(place), Ok(count)) = (place.parse::<u16>(), count.parse::<u16>()) else { return };
    let header = Header {
        algorithm: signer.keys().ring.signing().algorithm(),
        kid: signer.keys().ring.signing_kid().to_owned(),
        kind: TokenKind::Access,
    };
    let header = header.write().unwrap_or_default();
    let good = sign(signer, &String::from_utf8_lossy(&header), PAYLOAD);
    assert!(signer.verify(&good, NOW).is_ok());

    let (before, rest) = good.split_at(usize::from(place) % good.len());
    let (_, behind) = rest.split_at(usize::from(count) % (rest.len() + 1));
    let token = [before, other, behind].concat();
    assert_eq!(signer.verify(&token, NOW).is_ok(), token == good, "{token}");
}

const PAYLOAD: &str = concat!(
    r#"{"iss":"doorward","aud":"doorward","sub":"00000000-0000-0000-0000-000000000001","#,
    r#""jti":"00000000-0000-0000-0000-000000000002","sid":"00000000-0000-0000-0000-000000000003","#,
    r#""iat":1767225600,"nbf":1767225600,"exp":1767226500,"role":"user","username":"ada@example.com"}"#,
);

fn sign(signer: &JwtSigner, header: &str, payload: &str) -> String {
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = signer.keys().ring.signing().sign(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// What header and payload say to a lenient reader, if they say just what ours say.
fn said(signer: &JwtSigner, header: &str, payload: &str) -> Option<Claims> {
    let header: Value = serde_json::from_str(header).ok()?;
    let payload: Value = serde_json::from_str(payload).ok()?;
    let is_ours = header.as_object()?.len() == 3
        && payload.as_object()?.len() == 10
        && header.get("alg")? == signer.keys().ring.signing().algorithm().as_str()
        && header.get("kid")? == signer.keys().ring.signing_kid()
        && payload.get("iss")? == "doorward"
        && [&Value::from("doorward"), &Value::from(vec!["doorward"])].contains(&payload.get("aud")?)
        && payload.get("nbf")? == payload.get("iat")?
        && payload.get("role")?.is_string()
        && payload.get("username")?.is_string();
    let id = |name| payload.get(name)?.as_str()?.parse::<uuid::Uuid>().ok();
    let time = |name| Some(Timestamp::from_seconds(payload.get(name)?.as_i64()?));
    let kinds = [TokenKind::Access, TokenKind::Refresh];
    let claims = Claims {
        kind: kinds.into_iter().find(|kind| header.get("typ").is_some_and(|typ| typ == media_type(*kind)))?,
        subject: doorward_domain::user::UserId::new(id("sub")?),
        session: doorward_domain::token::SessionId::new(id("sid")?),
        id: doorward_domain::token::TokenId::new(id("jti")?),
        issued_at: time("iat")?,
        expires_at: time("exp")?,
    };
    is_ours.then_some(claims)
}
