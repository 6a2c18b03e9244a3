//! How many transactions of one kind this node runs at the same time.
//!
//! `PostgreSQL` finds out what would not be serializable by pages of its indexes. While a table is small everything in
//! it shares a few pages, and transactions that have nothing to do with each other make one another start again: with
//! enough of them at once hardly any gets through. So each kind has a gate. It narrows when a transaction has to start
//! again and widens while none has to (additive increase, multiplicative decrease, as TCP does it: RFC 5681 §3.1), down
//! to one at a time, which nothing of this node can disturb. Where nobody gets into anybody's way it stands wide open.

use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::operation::Operation;

/// Widths are counted in these parts of the room for one transaction.
const PARTS: usize = 1_024;

/// Whoever collides so often is let through alone.
const UNLUCKY: u32 = 3;

/// As many transactions that go through make room for one more, for each that there is room for.
const CALM: usize = 8;

/// One gate an operation.
#[derive(Debug)]
pub(crate) struct Gates(Vec<Gate>);

/// Lets a number of transactions through that changes with how they fare.
#[derive(Debug)]
pub(crate) struct Gate {
    permits: Semaphore,
    state: Mutex<State>,
    widest: usize,
}

#[derive(Debug)]
struct State {
    /// How much room there is, in parts of what one transaction needs.
    width: usize,
    /// How many permits there are, in the semaphore or with somebody.
    granted: usize,
}

/// A transaction may run.
#[derive(Debug)]
pub(crate) struct Pass<'a>(Option<(&'a Gate, SemaphorePermit<'a>)>);

impl Gates {
    /// Every gate is open for `widest`, at least one.
    pub(crate) fn new(widest: usize) -> Self {
        Self(Operation::ALL.iter().map(|_| Gate::new(widest.max(1))).collect())
    }

    /// Waits until a transaction of this kind may run. First come, first served.
    pub(crate) async fn enter(&self, operation: Operation) -> Pass<'_> {
        match self.0.get(operation as usize) {
            Some(gate) => gate.enter().await,
            None => Pass(None),
        }
    }
}

impl Gate {
    fn new(widest: usize) -> Self {
        let state = State { width: widest * PARTS, granted: widest };
        Self { permits: Semaphore::new(widest), state: Mutex::new(state), widest }
    }

    /// The semaphore is never closed, so that there is a permit.
    async fn enter(&self) -> Pass<'_> {
        Pass(self.permits.acquire().await.ok().map(|permit| (self, permit)))
    }

    /// Has another width from now on; those who are inside may finish.
    fn adjust(&self, change: impl FnOnce(usize) -> usize) {
        let mut state = self.state.lock();
        state.width = change(state.width).clamp(PARTS, self.widest * PARTS);
    }

    /// Takes a permit back and makes as many as there may be now.
    fn leave(&self, permit: SemaphorePermit<'_>) {
        let mut state = self.state.lock();
        let allowed = state.width / PARTS;
        if state.granted > allowed {
            state.granted -= 1;
            permit.forget();
        } else {
            let more = allowed - state.granted;
            state.granted = allowed;
            drop(permit);
            self.permits.add_permits(more);
        }
    }
}

impl Pass<'_> {
    /// The transaction went through.
    pub(crate) fn went_through(self) {
        self.adjust(|width| width + PARTS * PARTS / (CALM * width));
    }

    /// The transaction got into somebody's way, so many times by now, and runs again: it stays inside, and fewer come
    /// in. Where that has not helped nobody does until it is through, or it would be the one that always loses.
    pub(crate) fn collided(&self, times: u32) {
        self.adjust(|width| if times < UNLUCKY { width * 7 / 10 } else { PARTS });
    }

    fn adjust(&self, change: impl FnOnce(usize) -> usize) {
        if let Some((gate, _)) = &self.0 {
            gate.adjust(change);
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if let Some((gate, permit)) = self.0.take() {
            gate.leave(permit);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// How many get in at once.
    fn width(gate: &Gate) -> usize {
        let mut inside = Vec::new();
        while let Some(pass) = gate.enter().now_or_never() {
            inside.push(pass);
        }
        inside.len()
    }

    enum Fate {
        WentThrough,
        Collided,
        GaveUp,
    }

    async fn often(gate: &Gate, times: usize, fate: Fate) {
        for _ in 0..times {
            let pass = gate.enter().await;
            match fate {
                Fate::WentThrough => pass.went_through(),
                Fate::Collided => pass.collided(1),
                Fate::GaveUp => {}
            }
        }
    }

    #[tokio::test]
    async fn a_gate_narrows_down_to_one_and_opens_again() {
        let gate = Gate::new(16);
        assert_eq!(width(&gate), 16);
        often(&gate, 1, Fate::Collided).await;
        often(&gate, 8, Fate::GaveUp).await;
        assert_eq!(width(&gate), 11);
        often(&gate, 30, Fate::Collided).await;
        assert_eq!(width(&gate), 1);
        often(&gate, 12, Fate::WentThrough).await;
        assert_eq!(width(&gate), 2);
        often(&gate, 2_000, Fate::WentThrough).await;
        assert_eq!(width(&gate), 16);
    }

    #[tokio::test]
    async fn whoever_collides_again_and_again_is_soon_alone() {
        let gate = Gate::new(16);
        let unlucky = gate.enter().await;
        (1..=3).for_each(|times| unlucky.collided(times));
        often(&gate, 15, Fate::GaveUp).await;
        assert!(gate.enter().now_or_never().is_none());
        unlucky.went_through();
        assert_eq!(width(&gate), 1);
    }

    #[tokio::test]
    async fn whoever_gives_up_inside_leaves_the_gate_as_it_was() {
        let gate = Gate::new(4);
        often(&gate, 100, Fate::GaveUp).await;
        assert_eq!(width(&gate), 4);
    }

    #[tokio::test]
    async fn those_inside_a_gate_that_narrows_may_finish_and_nobody_comes_in_their_place() {
        let gate = Gate::new(4);
        let mut inside = Vec::new();
        for _ in 0..4 {
            inside.push(gate.enter().await);
        }
        for pass in inside.drain(..3) {
            pass.collided(1);
        }
        assert!(gate.enter().now_or_never().is_none(), "one is inside, and there is room for one");
        drop(inside);
        assert_eq!(width(&gate), 1);
    }
}
