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

/// The clock stands still but for those who sleep.
#[tokio::test(start_paused = true)]
async fn who_waits_long_for_others_reads_beside_them_and_for_all_who_wait() {
    let (asked, stuck, slow) = (AskedTogether::default(), Slow::new(), Slow::new());
    let stuck_one = begin(asked.ask(&1, || stuck.read()));
    slow.leave.add_permits(9);
    let begun = Instant::now();
    let answers = join_all((0..5).map(|_| asked.ask(&1, || slow.read()))).await;
    assert_eq!(answers.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [1; 5]);
    assert_eq!(begun.elapsed(), PATIENCE);
    // Who comes now does not wait for the one who is stuck.
    assert_eq!(asked.ask(&1, || slow.read()).now_or_never().unwrap().unwrap(), 2);
    assert!(asked.0.lock().is_empty());
    stuck.leave.add_permits(1);
    assert_eq!(stuck_one.await.unwrap(), 1);
    assert!(asked.0.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn where_two_are_stuck_a_third_one_reads() {
    let (asked, stuck, slow) = (AskedTogether::default(), Slow::new(), Slow::new());
    let _first = begin(asked.ask(&1, || stuck.read()));
    let begun = Instant::now();
    let second = asked.ask(&1, || stuck.read());
    let others = async {
        // After the second, who is the first to lose patience.
        tokio::time::sleep(PATIENCE / 10).await;
        join_all((0..3).map(|_| asked.ask(&1, || slow.read()))).await
    };
    slow.leave.add_permits(1);
    let answers = tokio::select! {
        answer = second => unreachable!("it is stuck: {answer:?}"),
        answers = others => answers,
    };
    assert_eq!(answers.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [1; 3]);
    assert_eq!((begun.elapsed(), slow.begun(), stuck.begun()), (2 * PATIENCE, 1, 2));
}

#[tokio::test(start_paused = true)]
async fn where_who_reads_beside_others_hangs_up_another_one_does() {
    let (asked, stuck, slow) = (AskedTogether::default(), Slow::new(), Slow::new());
    let _first = begin(asked.ask(&1, || stuck.read()));
    let begun = Instant::now();
    let second = tokio::time::timeout(PATIENCE + PATIENCE / 2, asked.ask(&1, || stuck.read()));
    let third = async {
        tokio::time::sleep(PATIENCE / 10).await;
        asked.ask(&1, || slow.read()).await
    };
    slow.leave.add_permits(1);
    let (second, third) = tokio::join!(second, third);
    assert!(second.is_err());
    assert_eq!((third.unwrap(), stuck.begun(), begun.elapsed()), (1, 2, 2 * PATIENCE));
}

#[tokio::test(start_paused = true)]
async fn what_takes_long_is_read_a_few_times_however_many_ask() {
    const LONG: Duration = Duration::from_secs(3);
    let (asked, readings) = (AskedTogether::default(), AtomicU32::new(0));
    let read = || async {
        let number = readings.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(LONG).await;
        Ok(number)
    };
    let begun = Instant::now();
    // One every tenth of a second at first, and ten people beside each.
    let askers = (0..40_u32).map(|number| {
        let asked = &asked;
        async move {
            tokio::time::sleep(PATIENCE * number).await;
            for answer in join_all((0..10).map(|_| asked.ask(&1, read))).await {
                assert!(answer.is_ok());
            }
        }
    });
    join_all(askers).await;
    // 40 times, had the patience of those who come later not grown, and 400 if each had read alone.
    let readings = readings.load(Ordering::Relaxed);
    assert!(readings < 60, "{readings}");
    assert!(begun.elapsed() < 4 * LONG, "{:?}", begun.elapsed());
    assert!(asked.0.lock().is_empty());
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
async fn nobody_is_answered_with_what_was_read_before_and_nothing_is_kept() {
    let (asked, now) = (Arc::new(AskedTogether::<u32, u32>::default()), Arc::new(AtomicU32::new(0)));
    let askers = (0..16).map(|asker| {
        let (asked, now) = (asked.clone(), now.clone());
        tokio::spawn(async move {
            for round in 0..500 {
                let before = now.fetch_add(1, Ordering::SeqCst);
                let read = || async {
                    // Whoever joins while it is on its way would be answered with this.
                    let read = now.load(Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    Ok(read)
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
