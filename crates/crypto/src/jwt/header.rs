//! The header of a token: which key, and what the token is for. Nothing else can be said there.

use doorward_domain::token::TokenKind;
use serde::{Deserialize, Serialize};

use super::algorithm::TokenAlgorithm;

/// What a header says when it is one of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The algorithm. A token does not choose: it must be the one of the key (RFC 8725 §3.1).
    pub(super) algorithm: TokenAlgorithm,
    /// The key that signed, by its name in the ring.
    pub(super) kid: String,
    /// What the token is for.
    pub(super) kind: TokenKind,
}

/// The header's members. That no other is taken refuses keys that a token brings along (`jwk`, `jku`, `x5c`, `x5u`)
/// and every extension that would have to be understood (`crit`, `b64`, `zip`).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    alg: String,
    kid: String,
    typ: String,
}

impl Header {
    /// The header in JSON.
    pub(super) fn write(&self) -> serde_json::Result<Vec<u8>> {
        let Self { algorithm, kid, kind } = self;
        serde_json::to_vec(&Members {
            alg: algorithm.as_str().to_owned(),
            kid: kid.clone(),
            typ: media_type(*kind).to_owned(),
        })
    }

    /// Reads a header that makes exactly the three statements ours makes.
    pub(super) fn read(json: &[u8]) -> Option<Self> {
        // serde takes an array for a struct as well.
        if !json.starts_with(b"{") {
            return None;
        }
        let Members { alg, kid, typ } = serde_json::from_slice(json).ok()?;
        let algorithm = TokenAlgorithm::ALL.into_iter().find(|algorithm| alg == algorithm.as_str())?;
        let kind =
            [TokenKind::Access, TokenKind::Refresh].into_iter().find(|kind| typ == media_type(*kind))?;
        Some(Self { algorithm, kid, kind })
    }
}

/// `typ`, which keeps one kind of token from being taken for the other (RFC 8725 §3.11, RFC 9068 §2.1).
pub(super) fn media_type(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Access => "at+jwt",
        TokenKind::Refresh => "rt+jwt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_back() {
        for kind in [TokenKind::Access, TokenKind::Refresh] {
            for algorithm in TokenAlgorithm::ALL {
                let header = Header { algorithm, kid: "k".to_owned(), kind };
                assert_eq!(Header::read(&header.write().unwrap()), Some(header));
            }
        }
    }

    #[test]
    fn every_other_header_is_refused() {
        let good = r#"{"alg":"EdDSA","kid":"k","typ":"at+jwt"}"#;
        assert!(Header::read(good.as_bytes()).is_some());
        for (from, to) in [
            ("EdDSA", "Ed25519"),
            ("EdDSA", "eddsa"),
            ("EdDSA", "none"),
            ("EdDSA", "RS256"),
            ("EdDSA", "HS512"),
            ("at+jwt", "JWT"),
            ("at+jwt", "AT+JWT"),
            ("at+jwt", "application/at+jwt"),
            (r#""kid":"k","#, ""),
            (r#""typ":"at+jwt""#, r#""typ":null"#),
            ("}", r#","alg":"EdDSA"}"#),
            ("}", r#","cty":"JWT"}"#),
            ("}", "}{}"),
            ("{", " {"),
        ] {
            let other = good.replacen(from, to, 1);
            assert_eq!(Header::read(other.as_bytes()), None, "{other}");
        }
        for other in ["", "null", "[]", r#"["EdDSA","k","at+jwt"]"#, "{", "\u{feff}{}"] {
            assert_eq!(Header::read(other.as_bytes()), None, "{other}");
        }
    }
}
