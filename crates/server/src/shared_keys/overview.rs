//! How the keys of tokens stand, here and in the service.

use std::collections::BTreeSet;
use std::path::PathBuf;

use doorward_crypto::{KeyInFile, KeySet, TokenAlgorithm};
use doorward_domain::Timestamp;

use super::choice::{Choice, Rules};
use super::register::{Fact, Register};

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyState {
    /// It signs.
    Active,
    /// It verifies and is published, and will sign.
    Standby,
    /// It has signed, and verifies what it has signed.
    Retiring,
    /// It is at an end.
    Retired,
}

impl KeyState {
    /// The word for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Standby => "standby",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyLine {
    /// Its state on this node.
    pub(crate) state: KeyState,
    /// Its name.
    pub(crate) kid: String,
    /// What it is for, as far as it is here.
    pub(crate) algorithm: Option<TokenAlgorithm>,
    /// Since when its state is this.
    pub(crate) since: Option<Timestamp>,
    /// Its file, as far as it is here.
    pub(crate) file: Option<PathBuf>,
    /// Whether the service knows it.
    pub(crate) registered: bool,
    /// Until when its tokens may be good, if it signs no more.
    pub(crate) tokens_until: Option<Timestamp>,
    /// Whether its file holds a private half that nothing needs.
    pub(crate) is_whole: bool,
    /// The nodes that lack it.
    pub(crate) lacking: Vec<String>,
}

/// Every key that is here or registered: first the one that signs.
pub(crate) fn overview(
    keys: Option<&KeySet>,
    register: &Register,
    rules: Rules,
    now: Timestamp,
) -> Vec<KeyLine> {
    let chosen = |keys| match Choice::among(keys, None, register, rules, now) {
        Ok(choice) => choice.signing,
        Err(_) => keys.leading().kid().to_owned(),
    };
    let active = keys.map(chosen).or_else(|| {
        let in_use = register.keys().filter(|(_, record)| record.belongs);
        in_use.max_by_key(|(_, record)| record.at(Fact::Began)).map(|(kid, _)| kid.to_owned())
    });
    let here = keys.into_iter().flat_map(KeySet::iter).map(KeyInFile::kid);
    let kids: BTreeSet<&str> = here.chain(register.keys().map(|(kid, _)| kid)).collect();
    let mut lines: Vec<_> = kids
        .into_iter()
        .map(|kid| {
            let key = keys.and_then(|keys| keys.find(kid));
            line(kid, key, active.as_deref(), register, rules, now)
        })
        .collect();
    lines.sort_by(|one, other| (one.state, &one.kid).cmp(&(other.state, &other.kid)));
    lines
}

fn line(
    kid: &str,
    key: Option<&KeyInFile>,
    active: Option<&str>,
    register: &Register,
    rules: Rules,
    now: Timestamp,
) -> KeyLine {
    let record = register.key(kid);
    let began = record.at(Fact::Began);
    let is_newer = || began > active.and_then(|active| register.key(active).at(Fact::Began));
    let state = match began {
        _ if record.is_retired() => KeyState::Retired,
        _ if active == Some(kid) => KeyState::Active,
        // Others sign with it already, or are to once more.
        Some(_) if is_newer() || record.is_standby() => KeyState::Standby,
        Some(_) => KeyState::Retiring,
        None if record.belongs && !register.knows_who_signed() => KeyState::Retiring,
        None => KeyState::Standby,
    };
    let told = match state {
        KeyState::Active => began,
        KeyState::Standby => record.at(Fact::Announced),
        KeyState::Retiring => record.at(Fact::Signed),
        KeyState::Retired => record.at(Fact::Retired),
    };
    KeyLine {
        state,
        kid: kid.to_owned(),
        algorithm: key.map(KeyInFile::algorithm),
        since: told.or_else(|| key.map(KeyInFile::changed_at)),
        file: key.map(|key| key.path().to_owned()),
        registered: record.belongs,
        is_whole: state == KeyState::Retiring && key.is_some_and(KeyInFile::is_whole),
        tokens_until: rules.tokens_live_until(&record).filter(|_| state == KeyState::Retiring),
        lacking: record.lacking_at(now).map(str::to_owned).collect(),
    }
}
