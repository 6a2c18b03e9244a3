//! Questions that many ask at the same time, read once for all of them.
//!
//! While somebody reads, whoever asks the same waits a little; then it is read once more, for all who came meanwhile.
//! Nobody is answered with what was read before they asked: an answer has every change that was made before its
//! question, as if each had read alone (`docs/decisions/0018-reading-together.md`).

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use doorward_domain::port::StoreError;
use parking_lot::Mutex;
use tokio::sync::{Mutex as Turn, MutexGuard, SetOnce};
use tokio::time::timeout;

/// How long somebody waits for others who read the same, before they read alone.
const PATIENCE: Duration = Duration::from_millis(100);

/// What is being asked, by question.
#[derive(Debug)]
pub struct AskedTogether<Q, A>(Mutex<HashMap<Q, Askers<A>>>);

/// Those who ask the same.
#[derive(Debug)]
struct Askers<A> {
    /// How many there are; without any, none of this is kept.
    count: usize,
    line: Arc<Line<A>>,
}

#[derive(Debug)]
struct Line<A> {
    /// Has it who reads. It goes to those who wait in the order in which they came.
    turn: Turn<()>,
    /// The reading that has not begun: its answer is new enough for whoever comes now.
    next: Mutex<Reading<A>>,
}

/// What was read; `None` where that failed.
type Reading<A> = Arc<SetOnce<Option<A>>>;

/// What waiting comes to.
enum Waited<'a, A> {
    /// Somebody else has read it.
    Answered(A),
    /// It is ours to read, for all who wait.
    Turn(MutexGuard<'a, ()>),
    /// Theirs failed, or takes long.
    Alone,
}

impl<Q, A> Default for AskedTogether<Q, A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<A> Default for Askers<A> {
    fn default() -> Self {
        let line = Line { turn: Turn::default(), next: Mutex::default() };
        Self { count: 0, line: Arc::new(line) }
    }
}

impl<Q: Clone + Eq + Hash, A: Clone> AskedTogether<Q, A> {
    /// What `read` answers, or the same reading of somebody else that begins after this was called. Where theirs fails
    /// or takes long, `read` is what it would have been without them: a failure is told to nobody who has not met it,
    /// and waiting for others takes a tenth of a second at most.
    pub async fn ask<F: Future<Output = Result<A, StoreError>>>(
        &self,
        question: &Q,
        read: impl FnOnce() -> F,
    ) -> Result<A, StoreError> {
        let place = self.place(question);
        let reading = place.line.next.lock().clone();
        match place.line.wait(&reading).await {
            Waited::Answered(answer) => Ok(answer),
            Waited::Alone => read().await,
            Waited::Turn(_turn) => {
                place.line.begin(&reading);
                let answer = read().await;
                // It is set once, by the first one who comes to the end of it.
                let _set = reading.set(answer.as_ref().ok().cloned());
                answer
            }
        }
    }

    fn place<'a>(&'a self, question: &'a Q) -> Place<'a, Q, A> {
        let mut all = self.0.lock();
        let askers = all.entry(question.clone()).or_default();
        askers.count += 1;
        Place { asked: self, question, line: askers.line.clone() }
    }
}

impl<A: Clone> Line<A> {
    async fn wait(&self, reading: &Reading<A>) -> Waited<'_, A> {
        let turn = match self.turn.try_lock() {
            Ok(turn) => Some(turn),
            Err(_) => timeout(PATIENCE, self.turn_or_answer(reading)).await.unwrap_or_default(),
        };
        match (reading.get(), turn) {
            (Some(Some(answer)), _) => Waited::Answered(answer.clone()),
            (None, Some(turn)) => Waited::Turn(turn),
            (Some(None), _) | (None, None) => Waited::Alone,
        }
    }

    /// The turn to read, or nothing once it has been read.
    async fn turn_or_answer(&self, reading: &Reading<A>) -> Option<MutexGuard<'_, ()>> {
        tokio::select! {
            biased;
            _ = reading.wait() => None,
            turn = self.turn.lock() => Some(turn),
        }
    }

    /// Whoever comes from now on is answered by another reading.
    fn begin(&self, reading: &Reading<A>) {
        let mut next = self.next.lock();
        if Arc::ptr_eq(&next, reading) {
            *next = Reading::default();
        }
    }
}

/// A place among those who ask the same; with the last of them their line goes.
struct Place<'a, Q: Eq + Hash, A> {
    asked: &'a AskedTogether<Q, A>,
    question: &'a Q,
    line: Arc<Line<A>>,
}

impl<Q: Eq + Hash, A> Drop for Place<'_, Q, A> {
    fn drop(&mut self) {
        let mut all = self.asked.0.lock();
        let Some(askers) = all.get_mut(self.question) else { return };
        askers.count -= 1;
        if askers.count == 0 {
            all.remove(self.question);
        }
    }
}

#[cfg(test)]
mod tests;
