//! What an operator should know of the keys of a running node. It is logged once.

use std::collections::BTreeSet;
use std::path::Path;

use doorward_crypto::{KeyFileError, KeyRing, KeySet};

use super::choice::{Choice, Obstacle, Refused, Rules, whole_for_nothing};
use super::register::Register;
use crate::causes::with_causes;

/// Something that is not as it was, or as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Remark {
    /// What is in the directory is not used; the keys before stay.
    Unusable(String),
    /// The key of `signing.pem` does not sign, and will not.
    Retired(String),
    /// The key of `signing.pem` does not sign yet.
    Waits(String, String),
    /// A key that is registered is not here.
    Lacking(String),
    /// A key is here that is not registered.
    Unknown(String),
    /// The key that signed is at an end, and nothing else can.
    Silent(String),
    /// A key that signs no more could still: somebody might steal it.
    Whole(String),
    /// A key that is at an end is still in a file.
    Left(String),
}

impl Remark {
    /// On a directory that cannot be read.
    pub(crate) fn on_file(error: &KeyFileError) -> Self {
        Self::Unusable(with_causes(error))
    }

    /// On keys that must not be used.
    pub(crate) fn on_refused(refused: &Refused) -> Self {
        Self::Unusable(refused.to_string())
    }

    /// On keys that are used.
    pub(crate) fn on_choice(choice: &Choice, keys: &KeySet, register: &Register) -> Vec<Self> {
        let waiting = choice.waiting.as_ref().map(|(kid, obstacle)| match obstacle {
            Obstacle::Retired => Self::Retired(kid.clone()),
            _ => Self::Waits(kid.clone(), obstacle.to_string()),
        });
        let unknown = choice.unknown.iter().cloned().map(Self::Unknown);
        let left = choice.retired.iter().filter_map(|kid| keys.find(kid)).filter(|key| !key.leads());
        let left = left.map(|key| Self::Left(key.path().display().to_string()));
        let whole = whole_for_nothing(keys, register, &choice.signing);
        let whole = whole.into_iter().map(|key| Self::Whole(key.path().display().to_string()));
        waiting.into_iter().chain(unknown).chain(left).chain(whole).collect()
    }

    /// On keys that other nodes have and that `ring` has not.
    pub(crate) fn on_lacking(register: &Register, ring: &KeyRing, rules: Rules) -> BTreeSet<Self> {
        if rules.alone {
            return BTreeSet::new();
        }
        let standby =
            register.keys().filter(|(_, record)| register.knows_who_signed() && record.is_standby());
        let lacking = standby.filter(|(kid, _)| ring.kids().all(|known| known != *kid));
        lacking.map(|(kid, _)| Self::Lacking(kid.to_owned())).collect()
    }

    /// Writes it to the log.
    pub(crate) fn log(&self, directory: &Path) {
        let directory = directory.display();
        match self {
            Self::Unusable(why) => {
                tracing::error!(%directory, "the keys there are not used, and those before stay in use: {why}");
            }
            Self::Retired(kid) => {
                tracing::error!(%directory, "signing.pem holds the key {kid}, which is retired: another one signs");
            }
            Self::Waits(kid, why) => {
                tracing::info!(%directory, "signing.pem holds the key {kid}, which does not sign yet: {why}");
            }
            Self::Lacking(kid) => tracing::warn!(
                %directory,
                "the standby key {kid} is registered, but not there: no node signs with it until it is"
            ),
            Self::Unknown(kid) => {
                tracing::warn!(%directory, "the key {kid} is there, but not registered: it verifies on this node alone");
            }
            Self::Silent(kid) => tracing::error!(
                %directory,
                "the key {kid} is retired, and there is no other to sign with: no token is signed here, and none of \
                 that key is accepted"
            ),
            Self::Whole(file) => tracing::warn!(
                "{file} holds the private half of a key that signs no more: `doorward keys rotate` leaves the public \
                 half, which is enough"
            ),
            Self::Left(file) => tracing::warn!("{file} holds a key that is retired and not used: remove it"),
        }
    }
}
