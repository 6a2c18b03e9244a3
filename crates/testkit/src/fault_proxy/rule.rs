//! Rules: when, how often, what.

use super::chance::Chance;
use super::{Action, Moment};

/// At a moment, so many times, an action.
#[derive(Debug, Clone)]
pub struct Rule {
    pub(super) moment: Moment,
    pub(super) action: Action,
    skip: usize,
    times: Option<usize>,
    chance: Option<(u64, Chance)>,
    seen: usize,
    taken: usize,
}

impl Rule {
    /// The next time that the moment comes, and never again.
    pub fn new(moment: Moment, action: Action) -> Self {
        Self { moment, action, skip: 0, times: Some(1), chance: None, seen: 0, taken: 0 }
    }

    /// Not the first so many times that the moment comes.
    pub fn skip(self, skip: usize) -> Self {
        Self { skip, ..self }
    }

    /// So many times.
    pub fn times(self, times: usize) -> Self {
        Self { times: Some(times), ..self }
    }

    /// As long as the rule is there.
    pub fn always(self) -> Self {
        Self { times: None, ..self }
    }

    /// As long as the rule is there, in so many of a hundred cases, which `seed` chooses.
    pub fn by_chance(self, percent: u64, seed: u64) -> Self {
        Self { chance: Some((percent, Chance::seeded(seed))), ..self.always() }
    }

    /// Whether the action is due now, at the rule's moment, which is counted.
    pub(super) fn is_due(&mut self) -> bool {
        self.seen += 1;
        let by_chance = self.chance.as_mut().is_none_or(|(percent, chance)| chance.comes_up(*percent));
        self.seen > self.skip && self.times.is_none_or(|times| self.taken < times) && by_chance
    }

    pub(super) fn take(&mut self) {
        self.taken += 1;
    }

    /// The action was due, and then there was no occasion for it.
    pub(super) fn give_back(&mut self) {
        self.taken -= 1;
    }
}
