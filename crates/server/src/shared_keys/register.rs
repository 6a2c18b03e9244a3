//! What the store knows of the keys of tokens: which there are, when they signed, which are retired, and which node lacks
//! one. Nodes and commands tell each other so, by entries of the registry with names of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use doorward_domain::Timestamp;
use doorward_domain::port::KeyFingerprint;

use super::{PEPPER, TOKEN_KEY};

/// How long what a node says that it lacks is believed. It says so again and again; it may also be gone.
const LACK_LASTS: Duration = Duration::from_secs(60);

/// After that long nobody wants to know any more what a node lacked: its process is gone, or its clock is wrong.
const LACK_FORGOTTEN: Duration = Duration::from_secs(10 * 60);

/// What the entry is called that tells how long what a key signs is good.
const LIVES: &str = "lives";

/// What is told of a key, with the time of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// It became known to the service.
    Announced,
    /// It became the one to sign with.
    Began,
    /// A node said that it signs with it.
    Signed,
    /// It was retired.
    Retired,
}

impl Fact {
    const ALL: [Self; 4] = [Self::Announced, Self::Began, Self::Signed, Self::Retired];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Began => "began",
            Self::Signed => "signed",
            Self::Retired => "retired",
        }
    }

    /// The name of the entry.
    pub(crate) fn name(self, kid: &str) -> String {
        format!("{TOKEN_KEY}{kid}/{}", self.as_str())
    }

    /// The entry.
    pub(crate) fn of(self, kid: &str, at: Timestamp) -> KeyFingerprint {
        KeyFingerprint { name: self.name(kid), fingerprint: at.seconds().to_string() }
    }
}

/// The entry of a key that belongs to the service.
pub(crate) fn key_entry(kid: &str) -> KeyFingerprint {
    KeyFingerprint { name: format!("{TOKEN_KEY}{kid}"), fingerprint: kid.to_owned() }
}

/// The entry that tells how long what a key signs is good.
pub(crate) fn lives_entry(kid: &str, lives: Duration) -> KeyFingerprint {
    // Rather too long than too short.
    let seconds = lives.as_secs().saturating_add(u64::from(lives.subsec_nanos() > 0));
    KeyFingerprint { name: lives_name(kid), fingerprint: seconds.to_string() }
}

fn lives_name(kid: &str) -> String {
    format!("{TOKEN_KEY}{kid}/{LIVES}")
}

/// The name of the entry in which a node says that it lacks a key.
pub(crate) fn lack_name(kid: &str, node: &str) -> String {
    format!("{TOKEN_KEY}{kid}/lacking/{node}")
}

/// The entry in which a node says that it lacks a key.
pub(crate) fn lack_entry(kid: &str, node: &str, at: Timestamp) -> KeyFingerprint {
    KeyFingerprint { name: lack_name(kid, node), fingerprint: at.seconds().to_string() }
}

/// The entries that are fingerprints of secrets, and none of what is told of them.
pub(crate) fn fingerprints_in(entries: &[KeyFingerprint]) -> Vec<KeyFingerprint> {
    let of_a_secret =
        |entry: &&KeyFingerprint| entry.name.strip_prefix(TOKEN_KEY).is_none_or(|rest| !rest.contains('/'));
    entries.iter().filter(of_a_secret).cloned().collect()
}

/// All that is registered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Register {
    /// The fingerprint of the pepper.
    pub(crate) pepper: Option<String>,
    keys: BTreeMap<String, Record>,
}

/// What is registered of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// Whether it belongs to the service.
    pub(crate) belongs: bool,
    facts: [Option<Timestamp>; Fact::ALL.len()],
    /// The longest that what it has signed is good, as far as nodes have said so.
    pub(crate) lives: Duration,
    lacking: BTreeMap<String, Timestamp>,
}

impl Register {
    /// Reads the entries. One that says nothing known is left alone.
    pub(crate) fn read(entries: &[KeyFingerprint]) -> Self {
        let mut register = Self::default();
        for KeyFingerprint { name, fingerprint } in entries {
            match name.strip_prefix(TOKEN_KEY) {
                Some(rest) => register.note(rest, fingerprint),
                None if name == PEPPER => register.pepper = Some(fingerprint.clone()),
                None => {}
            }
        }
        register
    }

    fn note(&mut self, name: &str, value: &str) {
        let Some((kid, fact)) = name.split_once('/') else {
            self.record(name).belongs = true;
            return;
        };
        if fact == LIVES {
            if let Ok(seconds) = value.parse() {
                self.record(kid).lives = Duration::from_secs(seconds);
            }
            return;
        }
        let Ok(at) = value.parse().map(Timestamp::from_seconds) else { return };
        if let Some(node) = fact.strip_prefix("lacking/") {
            self.record(kid).lacking.insert(node.to_owned(), at);
        } else if let Some(fact) = Fact::ALL.into_iter().find(|known| known.as_str() == fact) {
            self.record(kid).note(fact, at);
        }
    }

    fn record(&mut self, kid: &str) -> &mut Record {
        self.keys.entry(kid.to_owned()).or_default()
    }

    /// What is registered of this key.
    pub(crate) fn key(&self, kid: &str) -> Record {
        self.keys.get(kid).cloned().unwrap_or_default()
    }

    /// Every key that belongs to the service, or did.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&str, &Record)> {
        self.keys.iter().map(|(kid, record)| (kid.as_str(), record))
    }

    /// When the last of the keys that are in use began to sign.
    pub(crate) fn last_began(&self) -> Option<Timestamp> {
        let in_use = self.keys.values().filter(|record| record.belongs && !record.is_retired());
        in_use.filter_map(|record| record.at(Fact::Began)).max()
    }

    /// Whether it is known of any key when it began to sign. Earlier versions did not tell.
    pub(crate) fn knows_who_signed(&self) -> bool {
        self.keys.values().any(|record| record.at(Fact::Began).is_some())
    }
}

impl Record {
    fn note(&mut self, fact: Fact, at: Timestamp) {
        for (slot, known) in self.facts.iter_mut().zip(Fact::ALL) {
            if known == fact {
                *slot = Some(at);
            }
        }
    }

    /// When this was, if it was.
    pub(crate) fn at(&self, fact: Fact) -> Option<Timestamp> {
        let mut facts = self.facts.iter().zip(Fact::ALL);
        facts.find(|(_, known)| *known == fact).and_then(|(at, _)| *at)
    }

    /// Whether it is to sign: it has not yet, or was announced anew after it had.
    pub(crate) fn is_standby(&self) -> bool {
        let is_announced_anew = || match (self.at(Fact::Announced), self.at(Fact::Signed)) {
            (Some(announced), Some(signed)) => announced > signed,
            _ => false,
        };
        self.belongs && !self.is_retired() && (self.at(Fact::Began).is_none() || is_announced_anew())
    }

    /// Whether it ended.
    pub(crate) fn is_retired(&self) -> bool {
        self.at(Fact::Retired).is_some()
    }

    /// The nodes that lack it, as far as they said so lately.
    pub(crate) fn lacking_at(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.lacking.iter().filter(move |(_, at)| now < at.plus(LACK_LASTS)).map(|(node, _)| node.as_str())
    }

    /// When this node said last that it lacks it.
    pub(crate) fn lacking_since(&self, node: &str) -> Option<Timestamp> {
        self.lacking.get(node).copied()
    }

    /// The nodes that said that they lack it, and nothing more for so long that it means nothing.
    pub(crate) fn lacked_before(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let is_old = move |at: Timestamp| now >= at.plus(LACK_FORGOTTEN);
        self.lacking.iter().filter(move |(_, at)| is_old(**at)).map(|(node, _)| node.as_str())
    }

    /// Every entry of a key that is no longer to be known.
    pub(crate) fn names(&self, kid: &str) -> Vec<String> {
        let facts = Fact::ALL.into_iter().map(|fact| fact.name(kid));
        let lacking = self.lacking.keys().map(|node| lack_name(kid, node));
        facts.chain(lacking).chain([lives_name(kid), key_entry(kid).name]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_767_225_600);

    fn entry(name: &str, value: &str) -> KeyFingerprint {
        KeyFingerprint { name: name.to_owned(), fingerprint: value.to_owned() }
    }

    #[test]
    fn what_is_told_is_read_back() {
        let facts = Fact::ALL.map(|fact| fact.of("k", NOW));
        let lives = lives_entry("k", Duration::from_secs(86_400));
        let entries =
            [&facts[..], &[key_entry("k"), key_entry("other"), entry("pepper", "p"), lives]].concat();
        let register = Register::read(&entries);
        assert_eq!(register.pepper.as_deref(), Some("p"));
        assert!(register.key("k").belongs && register.key("other").belongs && !register.key("third").belongs);
        for fact in Fact::ALL {
            assert_eq!(register.key("k").at(fact), Some(NOW));
            assert_eq!(register.key("other").at(fact), None);
        }
        assert!(register.key("k").is_retired() && register.knows_who_signed());
        let lives = ["k", "other"].map(|kid| register.key(kid).lives.as_secs());
        assert_eq!(lives, [86_400, 0]);
        let names = register.key("k").names("k");
        assert!(entries.iter().all(|entry| names.contains(&entry.name) == entry.name.contains("key/k")));
        assert_eq!(register.keys().map(|(kid, _)| kid).collect::<Vec<_>>(), ["k", "other"]);
        let names = fingerprints_in(&entries).into_iter().map(|entry| entry.name);
        assert_eq!(names.collect::<Vec<_>>(), ["token_key/k", "token_key/other", "pepper"]);
    }

    #[test]
    fn what_a_node_lacks_is_believed_for_a_minute() {
        let register = Register::read(&[
            lack_entry("k", "late", NOW),
            lack_entry("k", "early", NOW.minus(Duration::from_secs(59))),
            lack_entry("k", "gone", NOW.minus(Duration::from_secs(60))),
        ]);
        let record = register.key("k");
        assert_eq!(record.lacking_at(NOW).collect::<Vec<_>>(), ["early", "late"]);
        assert_eq!(record.lacking_since("late"), Some(NOW));
        assert!(!record.belongs && !register.knows_who_signed());
        for node in ["late", "early", "gone"] {
            assert!(record.names("k").contains(&lack_name("k", node)));
        }
        assert_eq!(record.lacked_before(NOW).count(), 0);
        let later = NOW.plus(Duration::from_secs(9 * 60 + 1));
        assert_eq!(record.lacked_before(later).collect::<Vec<_>>(), ["early", "gone"]);
    }

    #[test]
    fn a_key_that_is_announced_after_it_has_signed_stands_by_once_more() {
        let (earlier, later) = (NOW.minus(Duration::from_secs(1)), NOW.plus(Duration::from_secs(1)));
        let stands_by = |announced, began, signed| {
            let facts = [(Fact::Announced, announced), (Fact::Began, began), (Fact::Signed, signed)];
            let told = facts.into_iter().filter_map(|(fact, at)| Some(fact.of("k", at?)));
            Register::read(&told.chain([key_entry("k")]).collect::<Vec<_>>()).key("k").is_standby()
        };
        assert!(stands_by(None, None, None) && stands_by(Some(NOW), None, None));
        assert!(!stands_by(Some(earlier), Some(NOW), Some(NOW)));
        assert!(!stands_by(Some(NOW), Some(NOW), Some(NOW)));
        assert!(stands_by(Some(later), Some(NOW), Some(NOW)));
        // Of what it has signed nobody knows the end.
        assert!(!stands_by(Some(later), Some(NOW), None));
    }

    #[test]
    fn what_says_nothing_known_is_left_alone() {
        let odd = [
            entry("token_key/k/began", "soon"),
            entry("token_key/k/lives", "-1"),
            entry("token_key/k/sang", "1"),
            entry("salt", "s"),
        ];
        assert_eq!(Register::read(&odd[..1]), Register::default());
        assert_eq!(Register::read(&odd), Register::default());
    }
}
