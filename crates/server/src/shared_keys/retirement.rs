//! The end of a key.

use std::time::Duration;

use doorward_crypto::KeyInFile;
use doorward_domain::Timestamp;
use tokio::time::sleep;

use super::if_there;
use super::register::{Fact, Register};
use super::rotation::Rotation;
use super::rotation_failed::RotationFailed;
use crate::causes::with_causes;

/// How long nodes have had to go over to a key when another one ends: what they sign until then would end with it.
const GOING_OVER: Duration = Duration::from_secs(5);

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
    /// Ends a key for good, on every node; while its tokens may be good only if that is to be `now`.
    pub(crate) async fn retire(&self, kid: &str, now: bool) -> Result<Retired, RotationFailed> {
        let mut waited_for = None;
        let (register, cost, is_here) = loop {
            let register = self.register().await?;
            let (cost, is_here) = self.may_retire(&register, kid, now)?;
            // Whoever begins to sign meanwhile has to go over as well, and may need the very key that is to end.
            let (last, wait) = (register.last_began(), self.going_over(&register));
            if register.key(kid).is_retired() || wait.is_zero() || waited_for == Some(last) {
                break (register, cost, is_here);
            }
            sleep(wait).await;
            waited_for = Some(last);
        };
        if !register.key(kid).is_retired() {
            let mut news = self.news();
            news.retire(kid, &register);
            news.tell(self.registry).await?;
        }
        let left = if is_here { self.directory.remove(kid).err() } else { None };
        Ok(Retired { cost, left: left.map(|error| with_causes(&error)) })
    }

    /// What it costs, and whether the key is here; or why it is not to be.
    fn may_retire(&self, register: &Register, kid: &str, now: bool) -> Result<(Cost, bool), RotationFailed> {
        let keys = if_there(self.directory.read())?;
        let here = keys.as_ref().and_then(|keys| keys.find(kid));
        let record = register.key(kid);
        if !record.belongs && !record.is_retired() && here.is_none() {
            return Err(RotationFailed::NoSuchKey(kid.to_owned()));
        }
        if here.is_some_and(KeyInFile::leads) {
            return Err(RotationFailed::Signs(kid.to_owned()));
        }
        let cost = self.cost(register, kid);
        if let (Cost::Tokens(until), false) = (cost, now) {
            return Err(RotationFailed::TokensLive(kid.to_owned(), until));
        }
        Ok((cost, here.is_some()))
    }

    /// How much longer nodes may sign with the key before the last one.
    fn going_over(&self, register: &Register) -> Duration {
        let end = register.last_began().map(|at| at.plus(GOING_OVER));
        let left = end.map_or(0, |end| end.millis().saturating_sub(self.clock.now().millis()));
        // A clock that was wrong holds nobody up.
        Duration::from_millis(left.try_into().unwrap_or_default()).min(GOING_OVER)
    }

    fn cost(&self, register: &Register, kid: &str) -> Cost {
        let record = register.key(kid);
        if !self.rules.needs(register, &record, self.clock.now()) {
            return Cost::Nothing;
        }
        let is_known = record.at(Fact::Signed).is_some();
        Cost::Tokens(self.rules.tokens_live_until(&record).filter(|_| is_known))
    }
}
