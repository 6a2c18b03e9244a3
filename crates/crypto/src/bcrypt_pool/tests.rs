//! Threads, places and answers.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use doorward_domain::user::HashScheme;
use doorward_testkit::sample::password;
use doorward_testkit::told::Counters;
use tokio::time::timeout;
use tracing::{Event, Level, Metadata, Subscriber, span};

use super::*;

const SETTINGS: BcryptSettings = BcryptSettings { cost: 4, threads: 1, queue: 4 };
const NOBODY: Lane = None;

fn pool() -> BcryptPool {
    BcryptPool::start(SETTINGS, Pepper::from_bytes([7; 32])).unwrap()
}

fn network(number: u8) -> Network {
    Network::from(IpAddr::from([192, 0, 2, number]))
}

/// Keeps the pool's one thread busy until the first part of the answer is dropped.
fn occupy(pool: &BcryptPool) -> (mpsc::Sender<()>, Pending<()>) {
    let (release, released) = mpsc::channel();
    let (started, has_started) = mpsc::channel();
    let job = pool
        .submit(NOBODY, move |_| {
            started.send(()).unwrap();
            let _ = released.recv();
        })
        .unwrap();
    has_started.recv().unwrap();
    (release, job)
}

fn is_overloaded<T>(answer: &Result<T, HasherError>) -> bool {
    matches!(answer, Err(HasherError::Overloaded))
}

#[tokio::test]
async fn a_password_is_hashed_and_recognised() {
    let pool = pool();
    let hash = pool.hash(&password("correct horse batt"), NOBODY).await.unwrap();
    let right = pool.verify(&password("correct horse batt"), &hash, Some(network(1))).await.unwrap();
    let wrong = pool.verify(&password("correct horse bats"), &hash, Some(network(1))).await.unwrap();
    assert_eq!((right, wrong), (Verdict::Right, Verdict::Wrong));
    pool.verify_nobody(&password("correct horse batt"), NOBODY).await.unwrap();
}

#[tokio::test]
async fn dos_02_a_full_queue_refuses_at_once_and_loses_nothing() {
    let pool = pool();
    let (release, busy) = occupy(&pool);
    let waiting: Vec<_> =
        (1..=4).map(|number| pool.submit(Some(network(number)), move |_| number).unwrap()).collect();
    assert_eq!(pool.queued(), SETTINGS.queue);
    for number in [1, 5] {
        let refused = pool.verify_nobody(&password("correct horse batt"), Some(network(number))).await;
        assert!(is_overloaded(&refused), "{refused:?}");
    }
    drop(release);
    busy.answer().await.unwrap();
    for (number, pending) in (1..=4).zip(waiting) {
        assert_eq!(pending.answer().await.unwrap(), number);
    }
    assert_eq!(pool.queued(), 0);
}

#[tokio::test]
async fn dos_02_a_flood_makes_room_for_another_network_and_is_told_so() {
    let counters = Counters::default();
    let _counted = metrics::set_default_local_recorder(&counters);
    let pool = pool();
    let (release, busy) = occupy(&pool);
    let mut flood: Vec<_> = (0..3).map(|_| pool.submit(Some(network(1)), |_| ()).unwrap()).collect();
    assert!(pool.submit(Some(network(1)), |_| ()).is_err(), "one network has three quarters at most");
    let others: Vec<_> = (2..=3).map(|number| pool.submit(Some(network(number)), |_| ()).unwrap()).collect();
    let displaced = flood.pop().unwrap().answer().await;
    assert!(is_overloaded(&displaced), "{displaced:?}");
    let refused = counters.value("doorward_password_hashing_refused_total");
    assert_eq!(refused, 2, "one found no place, and one lost it");
    drop(release);
    busy.answer().await.unwrap();
    for pending in others.into_iter().chain(flood) {
        pending.answer().await.unwrap();
    }
}

#[tokio::test]
async fn dos_02_work_of_every_kind_waits_in_the_lane_of_its_network() {
    let pool = pool();
    let (_release, _busy) = occupy(&pool);
    let _flood: Vec<_> = (0..3).map(|_| pool.submit(Some(network(1)), |_| ()).unwrap()).collect();
    let (someone, hash) = (password("correct horse batt"), PasswordHash::new(HashScheme::Peppered, ""));
    for (from, is_full) in [(Some(network(1)), true), (Some(network(2)), false), (NOBODY, false)] {
        let hashed = timeout(Duration::ZERO, pool.hash(&someone, from)).await;
        let verified = timeout(Duration::ZERO, pool.verify(&someone, &hash, from)).await;
        let nobody = timeout(Duration::ZERO, pool.verify_nobody(&someone, from)).await;
        assert_eq!(hashed.is_ok_and(|answer| is_overloaded(&answer)), is_full);
        assert_eq!(verified.is_ok_and(|answer| is_overloaded(&answer)), is_full);
        assert_eq!(nobody.is_ok_and(|answer| is_overloaded(&answer)), is_full);
        assert_eq!(pool.has_room(from), !is_full);
    }
}

#[tokio::test]
async fn dos_02_networks_take_turns() {
    let pool = pool();
    let (release, busy) = occupy(&pool);
    let (note, noted) = mpsc::channel();
    let job = |name: &'static str| {
        let note = note.clone();
        move |_: &Hashing| note.send(name).unwrap()
    };
    let mut pending: Vec<_> = (0..3).map(|_| pool.submit(Some(network(1)), job("flood")).unwrap()).collect();
    pending.push(pool.submit(Some(network(2)), job("other")).unwrap());
    drop(release);
    busy.answer().await.unwrap();
    for pending in pending {
        pending.answer().await.unwrap();
    }
    drop(note);
    assert_eq!(noted.into_iter().collect::<Vec<_>>(), ["other", "flood", "flood", "flood"]);
}

#[tokio::test]
async fn dos_02_whoever_leaves_has_no_place_and_nothing_is_hashed_for_them() {
    let pool = pool();
    let hashed = Arc::new(AtomicUsize::new(0));
    let (release, busy) = occupy(&pool);
    for _ in 0..100 {
        let count = hashed.clone();
        drop(pool.submit(Some(network(1)), move |_| count.fetch_add(1, Ordering::SeqCst)).unwrap());
        assert_eq!(pool.queued(), 0);
    }
    let last = pool.submit(Some(network(1)), |_| ()).unwrap();
    drop(release);
    busy.answer().await.unwrap();
    last.answer().await.unwrap();
    assert_eq!(hashed.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn dos_02_a_future_that_is_dropped_gives_up_its_place() {
    let pool = pool();
    let (_release, _busy) = occupy(&pool);
    let (someone, hash) = (password("correct horse batt"), PasswordHash::new(HashScheme::Peppered, ""));
    let waiting = timeout(Duration::ZERO, pool.verify(&someone, &hash, Some(network(1))));
    waiting.await.unwrap_err();
    assert_eq!(pool.queued(), 0);
}

#[tokio::test]
async fn what_is_dropped_with_its_place_wipes_its_password_without_the_lock() {
    struct AsksOnDrop(std::sync::Weak<Backlog<Lane, Job>>);
    impl Drop for AsksOnDrop {
        fn drop(&mut self) {
            self.0.upgrade().unwrap().len();
        }
    }
    let pool = pool();
    let (_release, _busy) = occupy(&pool);
    let job = |pool: &BcryptPool| {
        let asks = AsksOnDrop(Arc::downgrade(&pool.backlog));
        move |_: &Hashing| drop(asks)
    };
    let mut flood: Vec<_> = (0..3).map(|_| pool.submit(Some(network(1)), job(&pool)).unwrap()).collect();
    let _others: Vec<_> = (2..=3).map(|number| pool.submit(Some(network(number)), |_| ()).unwrap()).collect();
    assert!(is_overloaded(&flood.pop().unwrap().answer().await));
    drop(flood);
    assert_eq!(pool.queued(), 2);
}

#[tokio::test]
async fn a_panic_fails_its_own_job_only() {
    let pool = pool();
    let failed: Result<(), _> = pool.run(NOBODY, |_| panic!("this one is meant")).await;
    assert!(matches!(failed, Err(HasherError::Broken(_))));
    pool.verify_nobody(&password("correct horse batt"), NOBODY).await.unwrap();
}

/// Counts the errors in the log.
struct Errors(Arc<AtomicUsize>);

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// At cost 31 a comparison would take days.
#[test]
fn aut_21_a_hash_that_is_far_too_dear_is_wrong_at_once_and_told_in_the_log() {
    let errors = Arc::new(AtomicUsize::new(0));
    let hashing = Hashing::new(4, Pepper::from_bytes([7; 32]));
    let someone = password("correct horse batt");
    let text = hashing.hash(&someone).unwrap();
    tracing::subscriber::with_default(Errors(errors.clone()), || {
        assert_eq!(hashing.verify(&someone, &text), Verdict::Right);
        assert_eq!(errors.load(Ordering::SeqCst), 0);
        for (number, cost) in ["$15$", "$17$", "$31$"].into_iter().enumerate() {
            let dear = text.reveal().replacen("$04$", cost, 1);
            for scheme in [HashScheme::Peppered, HashScheme::Imported] {
                assert_eq!(hashing.verify(&someone, &PasswordHash::new(scheme, &*dear)), Verdict::Wrong);
            }
            assert_eq!(errors.load(Ordering::SeqCst), 2 * (number + 1));
        }
    });
}

#[test]
fn threads_end_with_the_pool() {
    let pool = pool();
    let (told, ended) = mpsc::channel();
    let backlog = pool.backlog.clone();
    std::thread::spawn(move || told.send(backlog.next().is_none()));
    drop(pool);
    assert!(ended.recv().unwrap());
}

#[test]
fn settings_outside_of_their_bounds_do_not_start() {
    for wrong in [
        BcryptSettings { cost: 3, ..SETTINGS },
        BcryptSettings { cost: 17, ..SETTINGS },
        BcryptSettings { threads: 0, ..SETTINGS },
        BcryptSettings { queue: 0, ..SETTINGS },
    ] {
        let error = BcryptPool::start(wrong, Pepper::from_bytes([7; 32])).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
