//! Who is next: a queue that no crowd has to itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

/// Work that waits in lanes, one lane for all that comes from one side. It knows no threads and no time.
///
/// Lanes are served in turn, a job each; but every other job is one of the lane that has fewest. So whoever asks for one
/// thing at a time is served soon, however much others ask for, and no lane waits for longer than two rounds.
///
/// One lane may hold three quarters of the places: somebody else always finds one. Where all are taken, whoever has
/// less displaces the newest job of the lane that has most.
pub(super) struct FairQueue<L, J> {
    lanes: HashMap<L, Lane<J>>,
    /// Whose turn is when. A lane that was served keeps its seat until its turn comes, also without jobs.
    seats: BTreeMap<u64, L>,
    /// The lanes that have jobs, those with fewest first.
    by_claim: BTreeSet<(Claim, u64)>,
    /// Whether the next job is one of the lane that has fewest.
    is_fewest_next: bool,
    places: usize,
    waiting: usize,
    /// Jobs and seats are numbered in the order in which they are given.
    given: u64,
}

struct Lane<J> {
    seat: u64,
    was_served: bool,
    jobs: BTreeMap<u64, J>,
}

/// How much a lane asks for. Of two that have as many jobs, one asks for more that was served in this round already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    jobs: usize,
    was_served: bool,
}

/// Stands for a job that waits, or waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket<L> {
    lane: L,
    number: u64,
}

/// A place for a job.
enum Room<L> {
    Free,
    /// That of the newest job of this lane.
    Of(L),
}

/// What became of a job that was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushed<L, J> {
    /// It waits.
    Waits(Ticket<L>),
    /// It waits, and this one does no longer.
    Displaces(Ticket<L>, J),
    /// There is no place for it.
    Refused(J),
}

impl<L: Copy + Eq + Hash, J> FairQueue<L, J> {
    /// With so many places, 1 at least.
    pub(super) fn new(places: usize) -> Self {
        Self {
            lanes: HashMap::new(),
            seats: BTreeMap::new(),
            by_claim: BTreeSet::new(),
            is_fewest_next: false,
            places: places.max(1),
            waiting: 0,
            given: 0,
        }
    }

    /// How many jobs wait.
    pub(super) fn len(&self) -> usize {
        self.waiting
    }

    /// Whether a job of this lane would not be refused now.
    pub(super) fn has_room(&self, lane: L) -> bool {
        self.room(lane).is_some()
    }

    /// Brings a job.
    pub(super) fn push(&mut self, lane: L, job: J) -> Pushed<L, J> {
        match self.room(lane) {
            None => Pushed::Refused(job),
            Some(Room::Free) => Pushed::Waits(self.add(lane, job)),
            Some(Room::Of(loser)) => match self.change(loser, |lane| lane.jobs.pop_last()) {
                Some((_, displaced)) => Pushed::Displaces(self.add(lane, job), displaced),
                None => Pushed::Refused(job),
            },
        }
    }

    /// Takes the job that is next.
    pub(super) fn pop(&mut self) -> Option<J> {
        let in_turn = self.first_in_turn()?;
        let with_fewest = self.by_claim.first().and_then(|(_, seat)| self.seats.get(seat)).copied();
        let lane = if self.is_fewest_next { with_fewest? } else { in_turn };
        self.is_fewest_next = !self.is_fewest_next;
        self.reseat(lane);
        self.change(lane, |lane| lane.jobs.pop_first()).map(|(_, job)| job)
    }

    /// Takes a job out, if it still waits.
    pub(super) fn remove(&mut self, ticket: Ticket<L>) -> Option<J> {
        let job = self.change(ticket.lane, |lane| lane.jobs.remove(&ticket.number))?;
        // One that was served goes when its turn comes: nobody asks for less by leaving.
        let left = self.lanes.get(&ticket.lane).filter(|lane| lane.jobs.is_empty() && !lane.was_served);
        if let Some(seat) = left.map(|lane| lane.seat) {
            self.forget(seat, ticket.lane);
        }
        Some(job)
    }

    /// Most places that one lane may hold.
    fn share(&self) -> usize {
        self.places - self.places / 4
    }

    /// Where one more job of this lane would wait.
    fn room(&self, lane: L) -> Option<Room<L>> {
        let (held, was_served) =
            self.lanes.get(&lane).map_or((0, false), |lane| (lane.jobs.len(), lane.was_served));
        if held >= self.share() {
            return None;
        }
        if self.waiting < self.places {
            return Some(Room::Free);
        }
        let (most, seat) = self.by_claim.last()?;
        // Nobody loses to one who would then have no less.
        if *most <= (Claim { jobs: held + 1, was_served }) {
            return None;
        }
        self.seats.get(seat).copied().map(Room::Of)
    }

    fn add(&mut self, name: L, job: J) -> Ticket<L> {
        let number = self.number();
        if !self.lanes.contains_key(&name) {
            self.seats.insert(number, name);
            self.lanes.insert(name, Lane { seat: number, was_served: false, jobs: BTreeMap::new() });
        }
        self.change(name, |lane| lane.jobs.insert(number, job));
        Ticket { lane: name, number }
    }

    /// The first lane that has a job. Those before it have had their turn, and nothing to do in it.
    fn first_in_turn(&mut self) -> Option<L> {
        loop {
            let (&seat, &name) = self.seats.first_key_value()?;
            if self.lanes.get(&name).is_some_and(|lane| !lane.jobs.is_empty()) {
                return Some(name);
            }
            self.forget(seat, name);
        }
    }

    /// Puts a lane that is being served behind all others.
    fn reseat(&mut self, name: L) {
        let seat = self.number();
        let before = self.change(name, |lane| {
            lane.was_served = true;
            Some(std::mem::replace(&mut lane.seat, seat))
        });
        if let Some(before) = before {
            self.seats.remove(&before);
            self.seats.insert(seat, name);
        }
    }

    fn forget(&mut self, seat: u64, name: L) {
        self.seats.remove(&seat);
        self.lanes.remove(&name);
    }

    /// Changes a lane, and with it everything that is known of how much it asks for.
    fn change<T>(&mut self, name: L, change: impl FnOnce(&mut Lane<J>) -> Option<T>) -> Option<T> {
        let lane = self.lanes.get_mut(&name)?;
        let before = lane.claim();
        self.by_claim.remove(&(before, lane.seat));
        let changed = change(lane);
        let after = lane.claim();
        if after.jobs > 0 {
            self.by_claim.insert((after, lane.seat));
        }
        self.waiting = self.waiting + after.jobs - before.jobs;
        changed
    }

    fn number(&mut self) -> u64 {
        self.given += 1;
        self.given
    }
}

impl<J> Lane<J> {
    fn claim(&self) -> Claim {
        Claim { jobs: self.jobs.len(), was_served: self.was_served }
    }
}

#[cfg(test)]
mod tests;
