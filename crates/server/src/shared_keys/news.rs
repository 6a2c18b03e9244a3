//! What a node tells the others of its keys.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use doorward_crypto::{KeyInFile, KeyRing, KeySet};
use doorward_domain::Timestamp;
use doorward_domain::port::{KeyFingerprint, KeyRegistry, StoreError};

use super::choice::{Choice, Refused, Rules, SAID_EVERY};
use super::register::{Fact, Register, key_entry, lack_entry, lack_name, lives_entry};

/// How old what a node said may be before it says again that it lacks a key.
const LACK_SAID_EVERY: Duration = Duration::from_secs(20);

/// Entries to be made and to be forgotten.
pub(crate) struct News {
    node: Arc<str>,
    rules: Rules,
    now: Timestamp,
    entries: BTreeMap<String, KeyFingerprint>,
    gone: BTreeSet<String>,
}

impl News {
    /// Nothing yet, from the node of this name.
    pub(crate) fn of(node: &Arc<str>, rules: Rules, now: Timestamp) -> Self {
        Self { node: node.clone(), rules, now, entries: BTreeMap::new(), gone: BTreeSet::new() }
    }

    /// What must be known before these keys are worked with instead of `before`: who knows which tokens there may be can
    /// tell when a key has to be kept.
    pub(crate) fn of_choice(&mut self, choice: &Choice, before: &KeyRing, register: &Register) {
        if let Some((leading, obstacle)) = &choice.waiting
            && obstacle.is_to_be_announced()
        {
            self.announce(leading);
        }
        let record = register.key(&choice.signing);
        if !record.belongs {
            self.announce(&choice.signing);
        }
        if record.at(Fact::Began).is_none() || record.is_standby() {
            self.begin(&choice.signing, register);
        }
        if choice.signing == before.signing_kid() {
            return;
        }
        self.sign(&choice.signing, register);
        // Until now it did.
        let old = register.key(before.signing_kid());
        if old.belongs && !old.is_retired() {
            self.sign(before.signing_kid(), register);
        }
    }

    /// What must be known before another key can sign than the one that is at an end.
    pub(crate) fn of_refused(&mut self, refused: &Refused) {
        if let Refused::NothingSigns(leading, obstacle) = refused
            && obstacle.is_to_be_announced()
        {
            self.announce(leading);
        }
    }

    /// What is to be known of the keys that are in use, now and then.
    pub(crate) fn of_ring(&mut self, ring: &KeyRing, register: &Register) {
        let signing = register.key(ring.signing_kid());
        let is_known = signing.at(Fact::Signed).is_some_and(|at| self.now < at.plus(SAID_EVERY))
            && signing.lives >= self.rules.tokens_live;
        if signing.belongs && !signing.is_retired() && !is_known {
            self.sign(ring.signing_kid(), register);
        }
        for (kid, record) in register.keys() {
            self.gone.extend(record.lacked_before(self.now).map(|node| lack_name(kid, node)));
        }
        // Where there are no others nobody waits for this.
        if self.rules.alone {
            return;
        }
        for (kid, record) in register.keys() {
            let said = record.lacking_since(&self.node);
            let has_it = ring.kids().any(|known| known == kid);
            if self.rules.is_wanted(register, record, self.now) && !has_it {
                if said.is_none_or(|at| self.now >= at.plus(LACK_SAID_EVERY)) {
                    self.put(lack_entry(kid, &self.node, self.now));
                }
            } else if said.is_some() {
                self.gone.insert(lack_name(kid, &self.node));
            }
        }
    }

    /// Registers a key.
    pub(crate) fn announce(&mut self, kid: &str) {
        self.put(key_entry(kid));
        self.put(Fact::Announced.of(kid, self.now));
    }

    /// Has a key sign from now on. Where nobody has told which keys have signed before, all of them may have.
    pub(crate) fn begin(&mut self, kid: &str, register: &Register) {
        if !register.knows_who_signed() {
            for (other, _) in register.keys().filter(|(other, record)| *other != kid && record.belongs) {
                self.put(Fact::Began.of(other, Timestamp::from_seconds(0)));
                self.sign(other, register);
            }
        }
        self.put(Fact::Began.of(kid, self.now));
        self.sign(kid, register);
    }

    /// Says that a key signs, or did until now, and how long what it signs is good, if that is longer than before.
    pub(crate) fn sign(&mut self, kid: &str, register: &Register) {
        self.put(Fact::Signed.of(kid, self.now));
        let lives = register.key(kid).lives.max(self.rules.tokens_live);
        self.put(lives_entry(kid, lives));
    }

    /// Retires a key: of all that was told of it only this is left.
    pub(crate) fn retire(&mut self, kid: &str, register: &Register) {
        self.gone.extend(register.key(kid).names(kid));
        self.put(Fact::Retired.of(kid, self.now));
    }

    /// Makes these keys, and no others, those of the service. Of a key that was known stays what was told of it, of one
    /// that was retired that it was. The key that leads signs from now on.
    pub(crate) fn adopt(&mut self, keys: &KeySet, register: &Register) {
        for (kid, at) in register.keys().filter_map(|(kid, record)| Some((kid, record.at(Fact::Retired)?))) {
            self.put(Fact::Retired.of(kid, at));
        }
        for kid in keys.iter().map(KeyInFile::kid).filter(|kid| !register.key(kid).is_retired()) {
            let record = register.key(kid);
            self.announce(kid);
            for fact in [Fact::Announced, Fact::Began, Fact::Signed] {
                if let Some(at) = record.at(fact) {
                    self.put(fact.of(kid, at));
                }
            }
            if !record.lives.is_zero() {
                self.put(lives_entry(kid, record.lives));
            }
            if record.belongs && !register.knows_who_signed() {
                self.put(Fact::Began.of(kid, Timestamp::from_seconds(0)));
                self.sign(kid, register);
            }
        }
        let leading = keys.leading().kid();
        if register.key(leading).at(Fact::Began).is_none() {
            self.put(Fact::Began.of(leading, self.now));
            self.sign(leading, register);
        }
    }

    fn put(&mut self, entry: KeyFingerprint) {
        self.gone.remove(&entry.name);
        self.entries.insert(entry.name.clone(), entry);
    }

    /// What there is to tell.
    pub(crate) fn into_entries(self) -> impl Iterator<Item = KeyFingerprint> {
        self.entries.into_values()
    }

    /// Tells it, if there is anything; after that there is nothing more.
    pub(crate) async fn tell(&mut self, registry: &dyn KeyRegistry) -> Result<(), StoreError> {
        if self.entries.is_empty() && self.gone.is_empty() {
            return Ok(());
        }
        let entries: Vec<_> = self.entries.values().cloned().collect();
        let gone: Vec<_> = self.gone.iter().cloned().collect();
        registry.amend(&entries, &gone).await?;
        self.entries.clear();
        self.gone.clear();
        Ok(())
    }
}
