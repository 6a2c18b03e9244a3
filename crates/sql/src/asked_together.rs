//! Questions that many ask at the same time, read once for all of them.
//!
//! While a page is being read, whoever asks for the same one waits; then it is read once more, for all who came
//! meanwhile. Nobody is answered with what was read before they asked: a list has every change that was carried out before
//! its request came, as if each had been read alone (`docs/decisions/0018-lists-read-together.md`).

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use doorward_domain::Timestamp;
use doorward_domain::port::{LiveSession, StoreError, UserFilter, UserQuery};
use doorward_domain::token::SessionId;
use doorward_domain::user::KeptDocument;
use parking_lot::Mutex;
use tokio::sync::{Mutex as Turn, OnceCell};

/// What is being asked of a store.
#[derive(Debug, Default)]
pub struct Asked {
    /// Pages of accounts.
    pub pages: AskedTogether<UserQuery, Vec<Arc<KeptDocument>>>,
    /// How many accounts pass.
    pub counts: AskedTogether<UserFilter, u64>,
    /// Live sessions with their accounts, as they are looked up for a request.
    pub live: AskedTogether<SessionId, Option<LiveSession>>,
}

/// What is being asked, by question.
#[derive(Debug)]
pub struct AskedTogether<Q, A>(Mutex<HashMap<Q, Arc<Line<A>>>>);

/// Those who ask the same.
#[derive(Debug)]
struct Line<A> {
    /// Has it who reads.
    turn: Turn<()>,
    /// The reading that has not begun: its answer is new enough for whoever comes now.
    next: Mutex<Reading<A>>,
}

type Reading<A> = Arc<OnceCell<Result<A, Failed>>>;

impl Asked {
    /// The live session that `read` finds, or somebody else who asks for it, whose `now` may be a little earlier.
    pub async fn live_session(
        &self,
        id: SessionId,
        now: Timestamp,
        read: impl Future<Output = Result<Option<LiveSession>, StoreError>>,
    ) -> Result<Option<LiveSession>, StoreError> {
        Ok(self.live.ask(&id, read).await?.filter(|found| found.session.is_live(now)))
    }
}

impl<Q, A> Default for AskedTogether<Q, A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Q: Clone + Eq + Hash, A: Clone> AskedTogether<Q, A> {
    /// The answer of a reading that begins after this was called: of `read`, or of somebody else's who asks the same.
    /// Where the one who reads hangs up, another one begins anew.
    pub async fn ask(
        &self,
        question: &Q,
        read: impl Future<Output = Result<A, StoreError>>,
    ) -> Result<A, StoreError> {
        let place = self.place(question);
        let reading = place.line.next.lock().clone();
        let answer = reading.get_or_init(|| async {
            let _turn = place.line.turn.lock().await;
            place.line.begin(&reading);
            read.await.map_err(Failed::from)
        });
        answer.await.clone().map_err(StoreError::from)
    }

    fn place<'a>(&'a self, question: &'a Q) -> Place<'a, Q, A> {
        let mut lines = self.0.lock();
        let line = match lines.get(question) {
            Some(line) => line.clone(),
            None => lines.entry(question.clone()).or_default().clone(),
        };
        Place { asked: self, question, line }
    }
}

impl<A> Default for Line<A> {
    fn default() -> Self {
        Self { turn: Turn::default(), next: Mutex::default() }
    }
}

impl<A> Line<A> {
    /// Whoever comes from now on is answered by another reading.
    fn begin(&self, reading: &Reading<A>) {
        let mut next = self.next.lock();
        if Arc::ptr_eq(&next, reading) {
            *next = Reading::default();
        }
    }
}

/// A place in the line; the last one who leaves it takes it away.
struct Place<'a, Q: Eq + Hash, A> {
    asked: &'a AskedTogether<Q, A>,
    question: &'a Q,
    line: Arc<Line<A>>,
}

impl<Q: Eq + Hash, A> Drop for Place<'_, Q, A> {
    fn drop(&mut self) {
        let mut lines = self.asked.0.lock();
        // Places are taken under the same lock: besides this one there is only that of the map.
        if Arc::strong_count(&self.line) == 2 {
            lines.remove(self.question);
        }
    }
}

/// A failure of which several are told.
#[derive(Clone, Debug)]
struct Failed {
    is_unavailable: bool,
    cause: Cause,
}

/// Why, for each of them.
#[derive(Clone, Debug)]
struct Cause(Arc<dyn Error + Send + Sync>);

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        let (is_unavailable, cause) = match error {
            StoreError::Unavailable(cause) => (true, cause),
            StoreError::Broken(cause) => (false, cause),
        };
        Self { is_unavailable, cause: Cause(cause.into()) }
    }
}

impl From<Failed> for StoreError {
    fn from(failed: Failed) -> Self {
        let cause = Box::new(failed.cause);
        if failed.is_unavailable { Self::Unavailable(cause) } else { Self::Broken(cause) }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::FutureExt as _;
    use futures_util::future::join_all;
    use tokio::sync::Semaphore;

    use super::*;

    /// What is read slowly: each reading waits for leave.
    struct Slow {
        begun: AtomicU32,
        leave: Semaphore,
    }

    impl Slow {
        fn new() -> Self {
            Self { begun: AtomicU32::new(0), leave: Semaphore::new(0) }
        }

        /// The how manieth reading it was.
        async fn read(&self) -> Result<u32, StoreError> {
            let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
            self.leave.acquire().await.unwrap().forget();
            Ok(number)
        }
    }

    fn unavailable() -> StoreError {
        StoreError::Unavailable("it is away".into())
    }

    #[tokio::test]
    async fn who_comes_during_a_reading_shares_the_next_one() {
        let (asked, slow) = (AskedTogether::default(), Slow::new());
        let mut first = pin!(asked.ask(&1, slow.read()));
        assert!(first.as_mut().now_or_never().is_none());
        let mut rest = pin!(join_all((0..9).map(|_| asked.ask(&1, slow.read()))));
        assert!(rest.as_mut().now_or_never().is_none());
        assert_eq!(slow.begun.load(Ordering::Relaxed), 1);
        slow.leave.add_permits(2);
        assert_eq!(first.await.unwrap(), 1);
        let answers: Vec<u32> = rest.await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, [2; 9]);
        assert!(asked.0.lock().is_empty());
    }

    #[tokio::test]
    async fn other_questions_do_not_wait() {
        let (asked, slow) = (AskedTogether::default(), Slow::new());
        let mut first = pin!(asked.ask(&1, slow.read()));
        assert!(first.as_mut().now_or_never().is_none());
        assert_eq!(asked.ask(&2, async { Ok(7) }).await.unwrap(), 7);
        assert_eq!(asked.0.lock().len(), 1);
    }

    #[tokio::test]
    async fn who_hangs_up_leaves_the_reading_to_the_others() {
        let (asked, slow) = (AskedTogether::default(), Slow::new());
        let mut second = {
            let mut first = Box::pin(asked.ask(&1, slow.read()));
            assert!(first.as_mut().now_or_never().is_none());
            let mut second = Box::pin(asked.ask(&1, slow.read()));
            assert!(second.as_mut().now_or_never().is_none());
            second
        };
        let mut third = Box::pin(asked.ask(&1, slow.read()));
        assert!(second.as_mut().now_or_never().is_none() && third.as_mut().now_or_never().is_none());
        assert_eq!(slow.begun.load(Ordering::Relaxed), 2);
        drop(second);
        slow.leave.add_permits(1);
        assert_eq!(third.await.unwrap(), 3);
        assert!(asked.0.lock().is_empty());
    }

    #[tokio::test]
    async fn nobody_is_answered_with_what_was_read_before_they_asked() {
        let (asked, slow) = (AskedTogether::default(), Slow::new());
        // Begins to read, and hangs up: whoever waits for the same reading begins it anew, later than both came.
        let mut first = Box::pin(asked.ask(&1, slow.read()));
        assert!(first.as_mut().now_or_never().is_none());
        let mut late = Box::pin(asked.ask(&1, slow.read()));
        assert!(late.as_mut().now_or_never().is_none());
        slow.leave.add_permits(2);
        assert_eq!((first.await.unwrap(), late.await.unwrap()), (1, 2));
    }

    #[tokio::test]
    async fn all_are_told_why_it_failed() {
        let asked = AskedTogether::<u32, u32>::default();
        let failing = || async {
            tokio::task::yield_now().await;
            Err(unavailable())
        };
        let broken = asked.ask(&2, async { Err(StoreError::Broken("a page has no end".into())) }).await;
        assert_eq!(broken.unwrap_err().source().unwrap().to_string(), "a page has no end");
        let tries = AtomicU32::new(0);
        let counted = || async {
            tries.fetch_add(1, Ordering::Relaxed);
            failing().await
        };
        for failed in join_all((0..5).map(|_| asked.ask(&1, counted()))).await {
            let failed = failed.unwrap_err();
            assert!(matches!(failed, StoreError::Unavailable(_)), "{failed:?}");
            assert_eq!(failed.source().unwrap().to_string(), "it is away");
        }
        assert_eq!(tries.into_inner(), 2);
        assert!(asked.0.lock().is_empty());
    }
}
