//! What a person does to the keys: another one is generated, takes over, and the old one is retired.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use doorward_crypto::{KeyDirectory, KeyFileError, KeyInFile, KeySet, TokenAlgorithm};
use doorward_domain::Timestamp;
use doorward_domain::port::{Clock, KeyRegistry, StoreError};
use tokio::time::{Instant, sleep};

use super::choice::{Choice, Obstacle, Refused, Rules};
use super::date::Date;
use super::if_there;
use super::news::News;
use super::register::{Fact, Register};
use crate::causes::with_causes;

/// How long a rotation waits for other nodes to find the key.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long nodes have had to go over to a key when another one ends: what they sign until then would end with it.
const GOING_OVER: Duration = Duration::from_secs(5);

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

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RotationFailed {
    /// A file is weak, exposed or broken, or cannot be written.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The store does not say what is registered.
    #[error("what is registered of the keys cannot be read or changed")]
    Store(#[from] StoreError),
    /// Nothing is registered.
    #[error("the service has not been started yet: its first start makes the first key")]
    NotStarted,
    /// The keys here are not those of the service.
    #[error("the keys of this node are not all that it needs: {0}")]
    Refused(Refused),
    /// There is nothing that could take over.
    #[error("there is no standby key here; `doorward keys generate` makes one")]
    NoStandby,
    /// It is not clear what takes over.
    #[error("there is more than one standby key here, so say which: {}", .0.join(" "))]
    ManyStandby(Vec<String>),
    /// Nobody knows this key.
    #[error("there is no key {0}; `doorward keys list` tells all")]
    NoSuchKey(String),
    /// It cannot sign.
    #[error("{} holds the public half of the key alone, which cannot sign", .0.display())]
    PublicHalf(PathBuf),
    /// Another node would refuse its tokens.
    #[error("the key {0} was not made to sign, and nothing was changed: {1}")]
    NotYet(String, Obstacle),
    /// It is in use.
    #[error("the key {0} is in signing.pem; `doorward keys rotate` has another one sign first")]
    Signs(String),
    /// People would be logged out.
    #[error(
        "tokens of the key {0} may be good {end}; with --now they are refused at once, and whoever has one has to log \
         in again", end = until(*.1)
    )]
    TokensLive(String, Option<Timestamp>),
}

fn until(end: Option<Timestamp>) -> String {
    match end {
        Some(end) => format!("until {}", Date(end)),
        None => "for as long as a refresh token lasts".to_owned(),
    }
}

impl RotationFailed {
    /// Whether trying later may help.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(self, Self::Store(StoreError::Unavailable(_)))
    }
}

/// A key that has taken over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rotated {
    /// The one that signs.
    pub(crate) new: String,
    /// The one that did, if it was another, and until when its tokens may be good.
    pub(crate) old: Option<(String, Timestamp)>,
}

/// A key that is at an end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Retired {
    /// What that costs.
    pub(crate) cost: Cost,
    /// Why its file is still there, if it is.
    pub(crate) left: Option<String>,
}

/// What the end of a key costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// None of its tokens is good.
    Nothing,
    /// Its tokens are good until then, or nobody knows until when.
    Tokens(Option<Timestamp>),
}

impl Rotation<'_> {
    /// Makes a key that stands by: it verifies, is published, and does not sign.
    pub(crate) async fn generate(&self, algorithm: TokenAlgorithm) -> Result<KeyInFile, RotationFailed> {
        self.register().await?;
        self.directory.read()?;
        let key = self.directory.generate(algorithm)?;
        let mut news = self.news();
        news.announce(key.kid());
        news.tell(self.registry).await?;
        Ok(key)
    }

    /// Has the standby key sign, or this one, as soon as every node can verify what it signs; `now` waits for nobody.
    /// Of the key that signed until then the public half stays.
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
            None => standby(&keys, &register)?,
        };
        if !next.can_sign() {
            return Err(RotationFailed::PublicHalf(next.path().to_owned()));
        }
        let new = next.kid().to_owned();
        let end = Instant::now() + PATIENCE;
        self.wait_for_others(&new, now, end).await?;
        self.directory.lead_with(&new)?;
        loop {
            match self.tell_of_rotation(&keys, &new).await {
                // It is half done, so it is worth another try.
                Err(error) if error.is_temporary() && Instant::now() < end => sleep(LOOK_EVERY).await,
                told => return told,
            }
        }
    }

    /// Has other nodes find the key, and hears them.
    async fn wait_for_others(&self, kid: &str, now: bool, end: Instant) -> Result<(), RotationFailed> {
        loop {
            let record = match self.register().await {
                Ok(register) => register.key(kid),
                Err(error) if error.is_temporary() && Instant::now() < end => {
                    sleep(LOOK_EVERY).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let obstacle = match self.rules.obstacle(&record, self.clock.now()) {
                None => return Ok(()),
                Some(Obstacle::Unknown) => {
                    let mut news = self.news();
                    news.announce(kid);
                    news.tell(self.registry).await?;
                    continue;
                }
                Some(Obstacle::Retired) => Obstacle::Retired,
                Some(_) if now => return Ok(()),
                Some(obstacle) => obstacle,
            };
            if obstacle == Obstacle::Retired || Instant::now() >= end {
                return Err(RotationFailed::NotYet(kid.to_owned(), obstacle));
            }
            sleep(LOOK_EVERY).await;
        }
    }

    async fn tell_of_rotation(&self, before: &KeySet, new: &str) -> Result<Rotated, RotationFailed> {
        let register = self.register().await?;
        let old = before.leading().kid();
        let mut news = self.news();
        if !register.key(new).belongs {
            news.announce(new);
        }
        let began = |kid: &str| register.key(kid).at(Fact::Began);
        // It may be the one that other nodes have begun with; or one that signed before and is taken again.
        if began(new).is_none() || before.iter().any(|key| began(key.kid()) > began(new)) {
            news.begin(new, &register);
        }
        news.sign(new);
        let has_signed = began(old).is_some() || !register.knows_who_signed();
        let was_in_use = old != new && has_signed && !register.key(old).is_retired();
        if was_in_use {
            news.sign(old);
        }
        news.tell(self.registry).await?;
        if !was_in_use {
            return Ok(Rotated { new: new.to_owned(), old: None });
        }
        self.directory.keep_public_half(old)?;
        let record = self.register().await?.key(old);
        let end = self.rules.tokens_live_until(&record).unwrap_or_else(|| self.clock.now());
        Ok(Rotated { new: new.to_owned(), old: Some((old.to_owned(), end)) })
    }

    /// Ends a key for good, on every node; while its tokens may be good only if that is to be `now`.
    pub(crate) async fn retire(&self, kid: &str, now: bool) -> Result<Retired, RotationFailed> {
        let register = self.register().await?;
        let keys = if_there(self.directory.read())?;
        let here = keys.as_ref().and_then(|keys| keys.find(kid));
        let record = register.key(kid);
        if !record.belongs && !record.is_retired() && here.is_none() {
            return Err(RotationFailed::NoSuchKey(kid.to_owned()));
        }
        if here.is_some_and(KeyInFile::leads) {
            return Err(RotationFailed::Signs(kid.to_owned()));
        }
        let cost = self.cost(&register, kid);
        if let (Cost::Tokens(until), false) = (cost, now) {
            return Err(RotationFailed::TokensLive(kid.to_owned(), until));
        }
        if !record.is_retired() {
            sleep(self.going_over(&register)).await;
            let mut news = self.news();
            news.retire(kid, &register);
            news.tell(self.registry).await?;
        }
        let left = here.and_then(|_| self.directory.remove(kid).err());
        Ok(Retired { cost, left: left.map(|error| with_causes(&error)) })
    }

    /// How much longer nodes may sign with the key before the last one.
    fn going_over(&self, register: &Register) -> Duration {
        let last = register.keys().filter_map(|(_, record)| record.at(Fact::Began)).max();
        let left =
            last.map_or(0, |at| at.plus(GOING_OVER).millis().saturating_sub(self.clock.now().millis()));
        // A clock that was wrong holds nobody up.
        Duration::from_millis(left.try_into().unwrap_or_default()).min(GOING_OVER)
    }

    fn cost(&self, register: &Register, kid: &str) -> Cost {
        let record = register.key(kid);
        let now = self.clock.now();
        if record.is_standby() && register.knows_who_signed() || !self.rules.needs(register, &record, now) {
            return Cost::Nothing;
        }
        let is_known = record.at(Fact::Signed).is_some();
        Cost::Tokens(self.rules.tokens_live_until(&record).filter(|_| is_known))
    }

    fn news(&self) -> News {
        News::of(&Arc::from(""), self.rules, self.clock.now())
    }

    async fn register(&self) -> Result<Register, RotationFailed> {
        let entries = self.registry.registered().await?;
        if entries.is_empty() { Err(RotationFailed::NotStarted) } else { Ok(Register::read(&entries)) }
    }
}

/// The key that is to take over: the one that other nodes have begun to sign with, or else the only one that stands by.
fn standby<'a>(keys: &'a KeySet, register: &Register) -> Result<&'a KeyInFile, RotationFailed> {
    let began = |key: &KeyInFile| register.key(key.kid()).at(Fact::Began);
    let leading = keys.leading();
    // It was put there by hand, and has still to take over.
    if began(leading).is_none() && register.knows_who_signed() {
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
