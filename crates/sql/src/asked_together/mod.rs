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
use tokio::time::{Instant, timeout_at};

#[cfg(test)]
mod tests;

/// How long somebody waits for a reading of others before they read beside it.
const PATIENCE: Duration = Duration::from_millis(100);

/// The longest that becomes where one reading after the other takes long.
const MOST_PATIENCE: Duration = Duration::from_millis(1_600);

/// What is being asked, by question.
#[derive(Debug)]
pub struct AskedTogether<Q, A>(Mutex<HashMap<Q, Askers<A>>>);

/// Those who ask the same.
#[derive(Debug)]
struct Askers<A> {
    /// How many stand in `line`; without any, none of this is kept.
    count: usize,
    line: Arc<Line<A>>,
}

#[derive(Debug)]
struct Line<A> {
    /// Has it who reads. It goes to those who wait in the order in which they came; one who was answered meanwhile
    /// passes it on.
    turn: Turn<()>,
    /// The reading that has not begun: its answer is new enough for whoever comes now.
    next: Mutex<Arc<Reading<A>>>,
    patience: Duration,
}

#[derive(Debug)]
struct Reading<A> {
    /// What was read by whoever came to the end first; `None` where that failed.
    answer: SetOnce<Option<A>>,
    /// When somebody began, the last of them if there were several.
    begun: Mutex<Option<Instant>>,
}

/// What waiting comes to.
enum Waited<'a, A> {
    /// Somebody else has read it.
    Answered(A),
    /// It is ours to read, for all who wait.
    Turn(MutexGuard<'a, ()>),
    /// It is ours to read as well, since whoever reads takes long.
    Beside,
    /// Theirs failed.
    Alone,
}

impl<Q, A> Default for AskedTogether<Q, A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<A> Default for Reading<A> {
    fn default() -> Self {
        Self { answer: SetOnce::new(), begun: Mutex::default() }
    }
}

impl<Q: Clone + Eq + Hash, A: Clone> AskedTogether<Q, A> {
    /// What `read` answers, or the same reading of somebody else that begins after this was called. Where theirs fails,
    /// `read` is what it would have been without them: a failure is told to nobody who has not met it. Where theirs
    /// takes longer than a tenth of a second, one of those who wait reads beside it, and who comes later waits for
    /// that one; each time this happens the patience of those who come later is twice as long, up to 1.6 s.
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
            Waited::Turn(_turn) => place.line.lead(reading, read).await,
            Waited::Beside => {
                let line = Arc::new(Line::new((place.line.patience * 2).min(MOST_PATIENCE)));
                // Nobody else knows this line yet.
                let _turn = line.turn.try_lock();
                let _place = self.place_instead(&place, &line);
                place.line.lead(reading, read).await
            }
        }
    }

    fn place<'a>(&'a self, question: &'a Q) -> Place<'a, Q, A> {
        let mut all = self.0.lock();
        let line = if let Some(askers) = all.get_mut(question) {
            askers.count += 1;
            askers.line.clone()
        } else {
            let line = Arc::new(Line::new(PATIENCE));
            all.insert(question.clone(), Askers { count: 1, line: line.clone() });
            line
        };
        Place { asked: self, question, line }
    }

    /// A place in `line`, where whoever comes from now on stands too; none where that has happened already.
    fn place_instead<'a>(&'a self, place: &Place<'a, Q, A>, line: &Arc<Line<A>>) -> Option<Place<'a, Q, A>> {
        let mut all = self.0.lock();
        let askers = all.get_mut(place.question).filter(|askers| Arc::ptr_eq(&askers.line, &place.line))?;
        *askers = Askers { count: 1, line: line.clone() };
        Some(Place { asked: self, question: place.question, line: line.clone() })
    }
}

impl<A: Clone> Line<A> {
    fn new(patience: Duration) -> Self {
        Self { turn: Turn::default(), next: Mutex::default(), patience }
    }

    async fn wait(&self, reading: &Reading<A>) -> Waited<'_, A> {
        let mut until = Instant::now() + self.patience;
        let turn = loop {
            match timeout_at(until, self.turn_or_answer(reading)).await {
                Ok(turn) => break turn,
                Err(_) => match reading.patient_until(self.patience) {
                    Some(later) => until = later,
                    None => return Waited::Beside,
                },
            }
        };
        match (reading.answer.get(), turn) {
            (Some(Some(answer)), _) => Waited::Answered(answer.clone()),
            (None, Some(turn)) => Waited::Turn(turn),
            (Some(None), _) | (None, None) => Waited::Alone,
        }
    }

    /// The turn to read, or nothing once it has been read.
    async fn turn_or_answer(&self, reading: &Reading<A>) -> Option<MutexGuard<'_, ()>> {
        tokio::select! {
            biased;
            _ = reading.answer.wait() => None,
            turn = self.turn.lock() => Some(turn),
        }
    }

    /// Reads, for all who wait for this reading; whoever comes from now on is answered by another one.
    async fn lead<F: Future<Output = Result<A, StoreError>>>(
        &self,
        reading: Arc<Reading<A>>,
        read: impl FnOnce() -> F,
    ) -> Result<A, StoreError> {
        *reading.begun.lock() = Some(Instant::now());
        {
            let mut next = self.next.lock();
            if Arc::ptr_eq(&next, &reading) {
                *next = Arc::default();
            }
        }
        let answer = read().await;
        // Others have come to it before it began, or never will.
        if Arc::strong_count(&reading) > 1 {
            // It is set once, by the first one who comes to the end of it.
            let _set = reading.answer.set(answer.as_ref().ok().cloned());
        }
        answer
    }
}

impl<A> Reading<A> {
    /// How long to wait for those who have begun it. Where that is over, or none has, whoever asks is taken to begin.
    fn patient_until(&self, patience: Duration) -> Option<Instant> {
        let now = Instant::now();
        let mut begun = self.begun.lock();
        let later = begun.map(|begun| begun + patience).filter(|later| *later > now);
        if later.is_none() {
            *begun = Some(now);
        }
        later
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
        // Where another line has taken its place, those who stand in this one are not counted any more.
        if !Arc::ptr_eq(&askers.line, &self.line) {
            return;
        }
        askers.count -= 1;
        if askers.count == 0 {
            all.remove(self.question);
        }
    }
}
