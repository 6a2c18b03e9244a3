//! What lies between those who ask and the threads that work.

use std::hash::Hash;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use super::fair_queue::{FairQueue, Pushed, Ticket};

/// A fair queue that threads wait at.
pub(super) struct Backlog<L, J> {
    state: Mutex<State<L, J>>,
    arrival: Condvar,
}

struct State<L, J> {
    queue: FairQueue<L, J>,
    is_closed: bool,
}

/// There is no place in the queue.
#[derive(Debug)]
pub(super) struct Full;

impl<L: Copy + Eq + Hash, J> Backlog<L, J> {
    /// With so many places.
    pub(super) fn new(places: usize) -> Self {
        let state = State { queue: FairQueue::new(places), is_closed: false };
        Self { state: Mutex::new(state), arrival: Condvar::new() }
    }

    /// How many jobs wait.
    pub(super) fn len(&self) -> usize {
        self.state.lock().queue.len()
    }

    /// Whether there is a place for a job of this lane, or would be.
    pub(super) fn has_room(&self, lane: L) -> bool {
        self.state.lock().queue.has_room(lane)
    }

    /// Lets a job wait as long as its place is kept. One that loses its place to somebody else is dropped.
    pub(super) fn push(self: &Arc<Self>, lane: L, job: J) -> Result<Place<L, J>, Full> {
        // What is dropped, is dropped when the lock is open again.
        let pushed = self.state.lock().queue.push(lane, job);
        let (ticket, _displaced) = match pushed {
            Pushed::Waits(ticket) => (ticket, None),
            Pushed::Displaces(ticket, displaced) => (ticket, Some(displaced)),
            Pushed::Refused(_) => return Err(Full),
        };
        self.arrival.notify_one();
        Ok(Place { backlog: self.clone(), ticket })
    }

    /// Waits for the next job; `None` when there will be no more.
    pub(super) fn next(&self) -> Option<J> {
        let mut state = self.state.lock();
        loop {
            if let Some(job) = state.queue.pop() {
                return Some(job);
            }
            if state.is_closed {
                return None;
            }
            self.arrival.wait(&mut state);
        }
    }

    /// Lets the threads go when nothing waits any more.
    pub(super) fn close(&self) {
        self.state.lock().is_closed = true;
        self.arrival.notify_all();
    }
}

/// A job's place in the queue, which is free again when this is dropped.
pub(super) struct Place<L: Copy + Eq + Hash, J> {
    backlog: Arc<Backlog<L, J>>,
    ticket: Ticket<L>,
}

impl<L: Copy + Eq + Hash, J> Drop for Place<L, J> {
    fn drop(&mut self) {
        let removed = self.backlog.state.lock().queue.remove(self.ticket);
        // Only now, with the lock open.
        drop(removed);
    }
}
