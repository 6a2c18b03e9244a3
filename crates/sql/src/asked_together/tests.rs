use std::error::Error as _;
use std::panic::AssertUnwindSafe;
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

    fn begun(&self) -> u32 {
        self.begun.load(Ordering::Relaxed)
    }
}

/// Goes on until it waits.
fn begin<F: Future>(future: F) -> std::pin::Pin<Box<F>> {
    let mut future = Box::pin(future);
    assert!(future.as_mut().now_or_never().is_none());
    future
}

#[tokio::test]
async fn who_comes_during_a_reading_shares_the_next_one() {
    let (asked, slow) = (AskedTogether::default(), Slow::new());
    let first = begin(asked.ask(&1, || slow.read()));
    let rest = begin(join_all((0..9).map(|_| asked.ask(&1, || slow.read()))));
    assert_eq!(slow.begun(), 1);
    slow.leave.add_permits(2);
    assert_eq!(first.await.unwrap(), 1);
    let answers: Vec<u32> = rest.await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, [2; 9]);
    assert!(asked.0.lock().is_empty());
}

#[tokio::test]
async fn other_questions_do_not_wait() {
    let (asked, slow) = (AskedTogether::default(), Slow::new());
    let _first = begin(asked.ask(&1, || slow.read()));
    assert_eq!(asked.ask(&2, async || Ok(7)).now_or_never().unwrap().unwrap(), 7);
    assert_eq!(asked.0.lock().len(), 1);
}

#[tokio::test]
async fn who_comes_after_a_reading_has_begun_is_not_answered_by_it_whoever_hangs_up() {
    let (asked, slow) = (AskedTogether::default(), Slow::new());
    let first = begin(asked.ask(&1, || slow.read()));
    let mut leader = begin(asked.ask(&1, || slow.read()));
    let mut follower = begin(asked.ask(&1, || slow.read()));
    drop(first);
    assert!(leader.as_mut().now_or_never().is_none());
    assert_eq!(slow.begun(), 2);
    let mut newcomer = begin(asked.ask(&1, || slow.read()));
    drop(leader);
    // The follower begins it anew, and the newcomer still waits for one of its own.
    assert!(newcomer.as_mut().now_or_never().is_none());
    assert!(follower.as_mut().now_or_never().is_none());
    assert_eq!(slow.begun(), 3);
    slow.leave.add_permits(2);
    assert_eq!((follower.await.unwrap(), newcomer.await.unwrap()), (3, 4));
    assert!(asked.0.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_long_for_others() {
    let (asked, stuck, slow) = (AskedTogether::default(), Slow::new(), Slow::new());
    let _stuck = begin(asked.ask(&1, || stuck.read()));
    slow.leave.add_permits(3);
    // On a clock that stands still but for those who sleep.
    for answer in join_all((0..3).map(|_| asked.ask(&1, || slow.read()))).await {
        assert!((1..=3).contains(&answer.unwrap()));
    }
    assert_eq!(slow.begun(), 3);
    assert_eq!(asked.0.lock().len(), 1);
}

#[tokio::test]
async fn a_failure_is_told_to_nobody_else() {
    let (asked, slow) = (AskedTogether::default(), Slow::new());
    let first = begin(asked.ask(&1, || slow.read()));
    let fails = begin(asked.ask(&1, async || Err(StoreError::Broken("a page has no end".into()))));
    let others = begin(join_all((0..5).map(|number| asked.ask(&1, move || async move { Ok(number) }))));
    slow.leave.add_permits(1);
    assert_eq!(first.await.unwrap(), 1);
    let failed = fails.await.unwrap_err();
    assert!(matches!(failed, StoreError::Broken(_)));
    assert_eq!(failed.source().unwrap().to_string(), "a page has no end");
    let answers: Vec<u32> = others.await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, [0, 1, 2, 3, 4]);
    assert!(asked.0.lock().is_empty());
}

#[tokio::test]
async fn where_a_reading_panics_another_one_begins() {
    let asked = AskedTogether::default();
    let panics = AssertUnwindSafe(asked.ask(&1, || async {
        tokio::task::yield_now().await;
        panic!("a reading ends here")
    }));
    let mut panics = begin(panics.catch_unwind());
    let mut other = begin(asked.ask(&1, async || Ok(5)));
    assert!(panics.as_mut().await.is_err());
    drop(panics);
    assert_eq!(other.as_mut().await.unwrap(), 5);
    drop(other);
    assert!(asked.0.lock().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_kept_of_what_nobody_asks() {
    let (asked, now) = (Arc::new(AskedTogether::<u32, u32>::default()), Arc::new(AtomicU32::new(0)));
    let askers = (0..16).map(|asker| {
        let (asked, now) = (asked.clone(), now.clone());
        tokio::spawn(async move {
            for round in 0..500 {
                let before = now.fetch_add(1, Ordering::SeqCst);
                let read = || async {
                    tokio::task::yield_now().await;
                    Ok(now.load(Ordering::SeqCst))
                };
                // All but a few ask the same.
                let question = if (asker + round) % 7 == 0 { asker } else { 99 };
                assert!(asked.ask(&question, read).await.unwrap() > before);
            }
        })
    });
    for asker in askers.collect::<Vec<_>>() {
        asker.await.unwrap();
    }
    assert!(asked.0.lock().is_empty());
}

#[test]
fn a_place_is_counted_once() {
    let asked = AskedTogether::<u32, u32>::default();
    let (one, two) = (asked.place(&1), asked.place(&1));
    drop(one);
    assert_eq!(asked.0.lock().len(), 1);
    drop(two);
    assert!(asked.0.lock().is_empty());
}
