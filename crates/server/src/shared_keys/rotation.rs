//! What a person does to the keys: another one is generated, and takes over.

use std::sync::Arc;
use std::time::Duration;

use doorward_crypto::{KeyDirectory, KeyFileError, KeyInFile, KeySet, TokenAlgorithm};
use doorward_domain::Timestamp;
use doorward_domain::port::{Clock, KeyRegistry};
use tokio::time::{Instant, sleep};

use super::choice::{Choice, Obstacle, Refused, Rules, whole_for_nothing};
use super::news::News;
use super::register::{Fact, Register};
use super::rotation_failed::RotationFailed;
use crate::causes::with_causes;

/// How long a rotation waits for other nodes to find the key.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it looks meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The keys of this node, and those who are to know of a change.
pub(crate) struct Rotation<'a> {
    /// Where the keys are.
    pub(crate) directory: KeyDirectory,
    /// What all nodes know of them.
    pub(crate) registry: &'a dyn KeyRegistry,
    /// The time.
    pub(crate) clock: &'a dyn Clock,
    /// What is kept to.
    pub(crate) rules: Rules,
}

/// A key that has taken over.
#[derive(Debug)]
pub(crate) struct Rotated {
    /// The one that signs.
    pub(crate) new: String,
    /// The one that did, if it was another, and until when its tokens may be good.
    pub(crate) old: Option<(String, Timestamp)>,
    /// Earlier ones of which a private half was still there. What is left of them is the public half.
    pub(crate) halved: Vec<String>,
    /// Why more than that is left.
    pub(crate) left: Vec<KeyFileError>,
}

impl Rotation<'_> {
    /// Makes a key that stands by: it verifies, is published, and does not sign.
    pub(crate) async fn generate(&self, algorithm: TokenAlgorithm) -> Result<KeyInFile, RotationFailed> {
        self.register().await?;
        self.directory.read()?;
        let key = self.directory.generate(algorithm)?;
        let mut news = self.news();
        news.announce(key.kid());
        if let Err(error) = news.tell(self.registry).await {
            // Nobody knows of it. It would be in the way of the next try.
            if let Err(left) = self.directory.remove(key.kid()) {
                tracing::warn!(error = with_causes(&left), "a key that is not registered cannot be removed");
            }
            return Err(error.into());
        }
        Ok(key)
    }

    /// Has the standby key sign, or this one, as soon as every node can verify what it signs; `now` waits for nobody.
    /// Of the keys that signed until then the public halves stay, also where an earlier rotation was cut off before that.
    pub(crate) async fn rotate(&self, kid: Option<&str>, now: bool) -> Result<Rotated, RotationFailed> {
        let keys = self.directory.read()?;
        let register = self.register().await?;
        if let Err(refused @ Refused::Missing(_)) =
            Choice::among(&keys, None, &register, self.rules, self.clock.now())
        {
            return Err(RotationFailed::Refused(refused));
        }
        let next = match kid {
            Some(kid) => keys.find(kid).ok_or_else(|| RotationFailed::NoSuchKey(kid.to_owned()))?,
            None => match standby(&keys, &register) {
                // What is left to do of a rotation that was cut off.
                Err(RotationFailed::NoStandby)
                    if !whole_for_nothing(&keys, &register, keys.leading().kid()).is_empty() =>
                {
                    keys.leading()
                }
                next => next?,
            },
        };
        if !next.can_sign() {
            return Err(RotationFailed::PublicHalf(next.path().to_owned()));
        }
        let new = next.kid().to_owned();
        let end = Instant::now() + PATIENCE;
        self.wait_for_others(&new, now, end).await?;
        let old = self.directory.lead_with(&new)?;
        let until = loop {
            match self.tell_of_rotation(&keys, &old, &new).await {
                // It is half done, so it is worth another try.
                Err(error) if error.is_temporary() && Instant::now() < end => sleep(LOOK_EVERY).await,
                told => break told?,
            }
        };
        self.tidy(&old, &new, until).await
    }

    /// Has other nodes find the key, and hears them.
    async fn wait_for_others(&self, kid: &str, now: bool, end: Instant) -> Result<(), RotationFailed> {
        loop {
            let register = match self.register().await {
                Ok(register) => register,
                Err(error) if error.is_temporary() && Instant::now() < end => {
                    sleep(LOOK_EVERY).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Some(obstacle) = self.rules.obstacle(&register, kid, self.clock.now()) else { return Ok(()) };
            if obstacle.is_to_be_announced() {
                let mut news = self.news();
                news.announce(kid);
                news.tell(self.registry).await?;
            }
            let is_hopeless = obstacle == Obstacle::Retired;
            if now && !is_hopeless {
                return Ok(());
            }
            if is_hopeless || Instant::now() >= end {
                return Err(RotationFailed::NotYet(kid.to_owned(), obstacle));
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Has the others know that a key has taken over. Until when tokens of the old one may be good, if there are any.
    async fn tell_of_rotation(
        &self,
        before: &KeySet,
        old: &str,
        new: &str,
    ) -> Result<Option<Timestamp>, RotationFailed> {
        let register = self.register().await?;
        let mut news = self.news();
        let record = register.key(new);
        if !record.belongs {
            news.announce(new);
        }
        let began = |kid: &str| register.key(kid).at(Fact::Began);
        // It may be the one that other nodes have begun with; or one that signed before and is taken again.
        let is_taken_again = || before.iter().any(|key| began(key.kid()) > began(new));
        if began(new).is_none() || record.is_standby() || is_taken_again() {
            news.begin(new, &register);
        }
        news.sign(new, &register);
        let has_signed = began(old).is_some() || !register.knows_who_signed();
        let was_in_use = old != new && has_signed && !register.key(old).is_retired();
        if was_in_use {
            news.sign(old, &register);
        }
        news.tell(self.registry).await?;
        if !was_in_use {
            return Ok(None);
        }
        let end = self.rules.tokens_live_until(&self.register().await?.key(old));
        Ok(Some(end.unwrap_or_else(|| self.clock.now())))
    }

    /// Leaves of the keys before nothing that signs. That is the last step of a rotation, and an earlier one may have been
    /// cut off before it.
    async fn tidy(&self, old: &str, new: &str, until: Option<Timestamp>) -> Result<Rotated, RotationFailed> {
        let register = self.register().await?;
        let keys = self.directory.read()?;
        let mut rotated = Rotated { new: new.to_owned(), old: None, halved: Vec::new(), left: Vec::new() };
        if let Some(until) = until {
            rotated.old = Some((old.to_owned(), until));
            rotated.left.extend(self.directory.keep_public_half(old).err());
        } else if old != new && register.key(old).is_retired() {
            // Nobody needs any of it.
            rotated.left.extend(self.directory.remove(old).err());
        }
        let earlier = whole_for_nothing(&keys, &register, new).into_iter().map(KeyInFile::kid);
        for kid in earlier.filter(|kid| *kid != old) {
            match self.directory.keep_public_half(kid) {
                Ok(()) => rotated.halved.push(kid.to_owned()),
                Err(error) => rotated.left.push(error),
            }
        }
        Ok(rotated)
    }

    pub(super) fn news(&self) -> News {
        News::of(&Arc::from(""), self.rules, self.clock.now())
    }

    pub(super) async fn register(&self) -> Result<Register, RotationFailed> {
        let entries = self.registry.registered().await?;
        if entries.is_empty() { Err(RotationFailed::NotStarted) } else { Ok(Register::read(&entries)) }
    }
}

/// The key that is to take over: the one that other nodes have begun to sign with, or else the only one that stands by.
fn standby<'a>(keys: &'a KeySet, register: &Register) -> Result<&'a KeyInFile, RotationFailed> {
    let began = |key: &KeyInFile| register.key(key.kid()).at(Fact::Began);
    let leading = keys.leading();
    // It was put there by hand, and has still to take over.
    let has_signed = began(leading).is_some() || register.key(leading.kid()).is_retired();
    if !has_signed && register.knows_who_signed() {
        return Ok(leading);
    }
    let mut able: Vec<_> = keys
        .iter()
        .filter(|key| !key.leads() && key.can_sign() && !register.key(key.kid()).is_retired())
        .filter(|key| began(key).is_none_or(|at| Some(at) > began(leading)))
        .collect();
    // Where nobody has told who signed, what is registered may have.
    able.retain(|key| register.knows_who_signed() || !register.key(key.kid()).belongs);
    able.sort_by_key(|key| began(key));
    match able[..] {
        [] => Err(RotationFailed::NoStandby),
        [one] => Ok(one),
        [.., last] if began(last).is_some() => Ok(last),
        _ => Err(RotationFailed::ManyStandby(able.iter().map(|key| key.kid().to_owned()).collect())),
    }
}
