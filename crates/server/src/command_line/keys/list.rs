//! `doorward keys list`: how the keys of tokens stand.

use std::fmt::Write as _;

use doorward_crypto::{KeyDirectory, SystemClock, TokenAlgorithm};
use doorward_domain::port::Clock as _;
use serde_json::{Value, json};

use super::{KeysFailed, as_it_is};
use crate::command_line::terminal;
use crate::settings::Settings;
use crate::shared_keys::{Date, KeyLine, Register, Rules, if_there, overview};

/// How the list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::command_line) enum Format {
    /// A line a key.
    Text,
    /// One JSON array.
    Json,
}

/// Lists every key that is here or registered. Nothing is made or changed.
pub(in crate::command_line) async fn list(settings: &Settings, format: Format) -> Result<(), KeysFailed> {
    let keys = if_there(KeyDirectory::at(settings.keys_path()).read())?;
    let store = as_it_is(settings).await?;
    let registered = store.keys.registered().await?;
    store.close();
    let register = Register::read(&registered);
    let lines = overview(keys.as_ref(), &register, Rules::of(settings), SystemClock.now());
    terminal::say(&match format {
        Format::Text => lines.iter().map(in_text).collect(),
        Format::Json => format!("{:#}\n", lines.iter().map(in_json).collect::<Value>()),
    })?;
    Ok(())
}

fn in_text(line: &KeyLine) -> String {
    let KeyLine { state, kid, algorithm, since, file, registered, tokens_until, is_whole, lacking } = line;
    let state = state.as_str();
    let algorithm = algorithm.map_or("-", |algorithm| algorithm.as_str());
    let since = since.map_or_else(|| "-".to_owned(), |since| Date(since).to_string());
    let file = file.as_ref().map_or_else(|| "not here".to_owned(), |file| file.display().to_string());
    let registered = if *registered { "registered" } else { "not registered" };
    let mut text = format!("{state:<8}  {algorithm:<5}  {kid}  since {since}  {file}  {registered}");
    if let Some(until) = tokens_until {
        // Writing to a text cannot fail.
        let _ = write!(text, "  tokens until {}", Date(*until));
    }
    if *is_whole {
        text.push_str("  with its private half");
    }
    if !lacking.is_empty() {
        text.push_str("  missing on ");
        text.push_str(&lacking.join(", "));
    }
    text.push('\n');
    text
}

fn in_json(line: &KeyLine) -> Value {
    let date = |at: &Option<_>| at.map(|at| Date(at).to_string());
    json!({
        "kid": line.kid,
        "algorithm": line.algorithm.map(TokenAlgorithm::as_str),
        "state": line.state.as_str(),
        "since": date(&line.since),
        "file": line.file.as_ref().map(|file| file.display().to_string()),
        "registered": line.registered,
        "tokens_until": date(&line.tokens_until),
        "needless_private_half": line.is_whole,
        "missing_on": line.lacking,
    })
}

#[cfg(test)]
mod tests {
    use doorward_domain::Timestamp;

    use super::*;
    use crate::shared_keys::KeyState;

    fn line() -> KeyLine {
        KeyLine {
            state: KeyState::Active,
            kid: "k1".to_owned(),
            algorithm: Some(TokenAlgorithm::EdDsa),
            since: Some(Timestamp::from_seconds(1_767_225_600)),
            file: Some("keys/signing.pem".into()),
            registered: true,
            tokens_until: None,
            is_whole: false,
            lacking: Vec::new(),
        }
    }

    #[test]
    fn a_key_is_told_in_one_line() {
        assert_eq!(
            in_text(&line()),
            "active    EdDSA  k1  since 2026-01-01T00:00:00Z  keys/signing.pem  registered\n"
        );
        let elsewhere = KeyLine {
            state: KeyState::Standby,
            algorithm: None,
            since: None,
            file: None,
            registered: false,
            lacking: vec!["a".to_owned(), "b".to_owned()],
            ..line()
        };
        assert_eq!(
            in_text(&elsewhere),
            "standby   -      k1  since -  not here  not registered  missing on a, b\n"
        );
        let retiring = KeyLine { state: KeyState::Retiring, tokens_until: line().since, ..line() };
        assert!(in_text(&retiring).ends_with("  registered  tokens until 2026-01-01T00:00:00Z\n"));
        let whole = KeyLine { is_whole: true, ..retiring };
        assert!(in_text(&whole).ends_with("  tokens until 2026-01-01T00:00:00Z  with its private half\n"));
    }

    #[test]
    fn a_key_is_told_to_programs() {
        assert_eq!(
            in_json(&line()),
            json!({
                "kid": "k1",
                "algorithm": "EdDSA",
                "state": "active",
                "since": "2026-01-01T00:00:00Z",
                "file": "keys/signing.pem",
                "registered": true,
                "tokens_until": null,
                "needless_private_half": false,
                "missing_on": [],
            })
        );
    }
}
