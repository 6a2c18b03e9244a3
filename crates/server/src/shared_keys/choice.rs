//! Which keys a node works with, by what is in its directory and what the other nodes know. Nothing is done here.
//!
//! No node signs with a key that another one lacks, and none stops to verify with a key whose tokens may live: whatever
//! is changed where first, every token stays good everywhere.

use std::collections::BTreeSet;
use std::time::Duration;

use doorward_crypto::{KeyInFile, KeyRing, KeySet};
use doorward_domain::Timestamp;

use super::register::{Fact, Record, Register};
use crate::settings::{Database, Settings};

/// How long every node has had to say that it lacks a key before another one signs with it. Each looks every two seconds.
const GRACE: Duration = Duration::from_secs(10);

/// How old what a node said may be before it says again that it signs with a key.
pub(crate) const SAID_EVERY: Duration = Duration::from_secs(10 * 60);

/// What is to be kept to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Whether there can be no other node.
    pub(crate) alone: bool,
    /// How long what a key has signed is good.
    pub(crate) tokens_live: Duration,
}

impl Rules {
    /// Of these settings.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            alone: matches!(settings.database(), Database::Sqlite(_)),
            tokens_live: settings.refresh_ttl.saturating_add(settings.leeway),
        }
    }

    /// Until when tokens of this key may be good; `None` if it has never signed.
    pub(crate) fn tokens_live_until(self, record: &Record) -> Option<Timestamp> {
        record.at(Fact::Began)?;
        // Of a key whose last signature nobody knows it is none of the past.
        let forever = Timestamp::from_millis(i64::MAX);
        // They live as long as it was said when they were signed, whatever the settings say today.
        let live = self.tokens_live.max(record.lives);
        Some(record.at(Fact::Signed).map_or(forever, |at| at.plus(SAID_EVERY).plus(live)))
    }

    /// Whether every node is to have this key.
    pub(crate) fn is_wanted(self, register: &Register, record: &Record, now: Timestamp) -> bool {
        record.is_standby() || self.needs(register, record, now)
    }

    /// Whether a node without this key would refuse tokens that are good.
    pub(super) fn needs(self, register: &Register, record: &Record, now: Timestamp) -> bool {
        // Where nobody knows what has signed, it may have been any of them.
        let may_have_tokens = || match self.tokens_live_until(record) {
            Some(end) => now < end,
            None => !register.knows_who_signed(),
        };
        record.belongs && !record.is_retired() && may_have_tokens()
    }

    /// Whether every node that serves has this key: it has signed, and nobody could do without it since.
    fn is_with_all(self, register: &Register, record: &Record, now: Timestamp) -> bool {
        let any_is_needed = || register.keys().any(|(_, record)| self.needs(register, record, now));
        record.belongs
            && record.at(Fact::Began).is_some()
            && (self.needs(register, record, now)
                // All nodes were stopped for so long that nothing is good any more: they go on where they ended.
                || (record.at(Fact::Began) == register.last_began() && !any_is_needed()))
    }

    /// What still stands against signing with this key.
    pub(crate) fn obstacle(self, register: &Register, kid: &str, now: Timestamp) -> Option<Obstacle> {
        let record = register.key(kid);
        if record.is_retired() {
            return Some(Obstacle::Retired);
        }
        if self.alone || self.is_with_all(register, &record, now) {
            return None;
        }
        if !record.belongs {
            return Some(Obstacle::Unknown);
        }
        if record.at(Fact::Began).is_some() && !record.is_standby() {
            return Some(Obstacle::Over);
        }
        let lacking: Vec<_> = record.lacking_at(now).map(str::to_owned).collect();
        if !lacking.is_empty() {
            return Some(Obstacle::Lacking(lacking));
        }
        // Earlier versions did not tell when; that is long ago.
        let told = record.at(Fact::Announced).is_none_or(|at| now >= at.plus(GRACE));
        (!told).then_some(Obstacle::New)
    }
}

/// What stands against signing with a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Obstacle {
    /// It is at an end.
    #[error("it is retired")]
    Retired,
    /// No other node knows of it.
    #[error("it is not registered yet")]
    Unknown,
    /// It signed once, and nobody has needed it since.
    #[error("its time is over, so other nodes may not have it any more")]
    Over,
    /// These nodes could not check its tokens.
    #[error("it is not in the directory of {}", .0.join(", "))]
    Lacking(Vec<String>),
    /// Others have not had the time to say that they lack it.
    #[error("other nodes are given ten seconds to find it")]
    New,
}

impl Obstacle {
    /// Whether the others have to hear of the key before they can say that they lack it.
    pub(crate) fn is_to_be_announced(&self) -> bool {
        matches!(self, Self::Unknown | Self::Over)
    }
}

/// What a node works with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The key that signs.
    pub(crate) signing: String,
    /// All that verify, that one included.
    pub(crate) verifying: BTreeSet<String>,
    /// The key of `signing.pem`, and why it does not sign.
    pub(crate) waiting: Option<(String, Obstacle)>,
    /// Keys of the directory that are retired.
    pub(crate) retired: Vec<String>,
    /// Other keys of the directory that nobody has registered.
    pub(crate) unknown: Vec<String>,
}

/// Why the keys of a directory are not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// These are not there, and their tokens may live.
    #[error("what is signed with the key {} is good, but it is not there", .0.join(" or "))]
    Missing(Vec<String>),
    /// The key of `signing.pem` must not sign, and no other key could that every node has.
    #[error("signing.pem holds the key {0}, which must not sign: {1}")]
    NothingSigns(String, Obstacle),
}

impl Choice {
    /// Chooses among the keys of the directory, for a node that works with `before`.
    pub(crate) fn among(
        keys: &KeySet,
        before: Option<&KeyRing>,
        register: &Register,
        rules: Rules,
        now: Timestamp,
    ) -> Result<Self, Refused> {
        let missing: Vec<_> = register
            .keys()
            .filter(|(kid, record)| rules.needs(register, record, now) && keys.find(kid).is_none())
            .map(|(kid, _)| kid.to_owned())
            .collect();
        if !missing.is_empty() {
            return Err(Refused::Missing(missing));
        }
        let leading = keys.leading().kid().to_owned();
        let (signing, waiting) = match rules.obstacle(register, &leading, now) {
            None => (leading, None),
            Some(obstacle) => match substitute(keys, before, register, rules, now) {
                Some(signing) => (signing, Some((leading, obstacle))),
                None => return Err(Refused::NothingSigns(leading, obstacle)),
            },
        };
        let here = |wanted: &dyn Fn(&Record) -> bool| -> Vec<String> {
            let kids = keys.iter().map(|key| key.kid().to_owned());
            kids.filter(|kid| wanted(&register.key(kid))).collect()
        };
        Ok(Self {
            signing,
            verifying: here(&|record| !record.is_retired()).into_iter().collect(),
            waiting,
            retired: here(&Record::is_retired),
            unknown: here(&|record| !record.belongs && !record.is_retired())
                .into_iter()
                .filter(|kid| keys.leading().kid() != kid)
                .collect(),
        })
    }
}

/// What signs while the key of `signing.pem` must not: what signed until now, or else the key of the directory that began
/// last of those that every node has.
fn substitute(
    keys: &KeySet,
    before: Option<&KeyRing>,
    register: &Register,
    rules: Rules,
    now: Timestamp,
) -> Option<String> {
    let may_sign = |kid: &str| {
        let record = register.key(kid);
        record.belongs && !record.is_retired() && record.at(Fact::Began).is_some()
    };
    let in_use = before.map(|ring| ring.signing_kid().to_owned()).filter(|kid| may_sign(kid));
    in_use.or_else(|| {
        let is_free = |kid: &str| may_sign(kid) && rules.obstacle(register, kid, now).is_none();
        let able = keys.iter().filter(|key| key.can_sign() && is_free(key.kid()));
        able.max_by_key(|key| register.key(key.kid()).at(Fact::Began)).map(|key| key.kid().to_owned())
    })
}

/// The keys of the directory that have a private half and could do without it: `signing`, which leads, began after them.
pub(crate) fn whole_for_nothing<'a>(
    keys: &'a KeySet,
    register: &Register,
    signing: &str,
) -> Vec<&'a KeyInFile> {
    let began = |kid: &str| register.key(kid).at(Fact::Began);
    if keys.leading().kid() != signing || began(signing).is_none() {
        return Vec::new();
    }
    let is_over = |kid: &str| {
        let record = register.key(kid);
        record.belongs && record.at(Fact::Began).is_some() && record.at(Fact::Began) <= began(signing)
    };
    keys.iter().filter(|key| !key.leads() && key.is_whole() && is_over(key.kid())).collect()
}
