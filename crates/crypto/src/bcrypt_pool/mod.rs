//! Password hashing behind a door: a few threads of its own, a queue that ends, and nothing of it on the reactor.
//!
//! A flood of logins therefore costs logins, and never the other routes.

mod hashing;
mod stored_hash;

use std::error::Error;
use std::io;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use async_trait::async_trait;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use doorward_domain::port::{HasherError, PasswordHasher, Verdict};
use doorward_domain::user::{Password, PasswordHash};
use futures_channel::oneshot;

use self::hashing::Hashing;
use crate::Pepper;

/// The costs that may be asked for; each step doubles the work. Below 10 a hash protects little (OWASP Password
/// Storage), so the cheap ones are there only where tests are built: with the feature `test-costs`.
pub const COSTS: RangeInclusive<u32> = if cfg!(any(test, feature = "test-costs")) { 4..=16 } else { 10..=16 };

/// How much work a hash is, and how much of it may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BcryptSettings {
    /// Binary logarithm of bcrypt's rounds, within [`COSTS`]. 12 takes about 250 ms.
    pub cost: u32,
    /// Threads that hash, 1 at least. With as many as there are cores a flood of logins takes them all, and the
    /// operating system shares them out; more make no hash quicker.
    pub threads: usize,
    /// Most passwords that wait, 1 at least.
    pub queue: usize,
}

/// Hashes passwords as `bcrypt(base64(HMAC-SHA-384(pepper, password)))`.
///
/// bcrypt alone cuts a password at 72 bytes and at NUL. What it gets here is always 64 bytes of text, in which every
/// bit of the password counts; and without the pepper a stolen hash cannot be guessed at, nor compared with hashes
/// stolen elsewhere ("password shucking").
///
/// Each comparison costs what the configured cost costs: for a hash of lower cost the difference is made up by further
/// rounds, for nobody and for a hash that cannot be read a comparison is done with a hash of nothing. Only a hash that
/// is dearer than configured, after an operator lowered the cost, takes longer.
pub struct BcryptPool {
    jobs: Sender<Job>,
}

type Job = Box<dyn FnOnce(&Hashing) + Send>;

impl BcryptPool {
    /// Starts the threads, which end when the pool is dropped. Nothing is hashed to start.
    ///
    /// Answers [`io::ErrorKind::InvalidInput`] for settings outside of their bounds.
    pub fn start(settings: BcryptSettings, pepper: Pepper) -> io::Result<Self> {
        let BcryptSettings { cost, threads, queue } = settings;
        if !COSTS.contains(&cost) {
            let message = format!("the bcrypt cost must be {} to {}", COSTS.start(), COSTS.end());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        if threads == 0 || queue == 0 {
            let message = "password hashing needs one thread and one place in the queue at least";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let hashing = std::sync::Arc::new(Hashing::new(cost, pepper));
        let (jobs, waiting) = bounded(queue);
        for number in 0..threads {
            let (hashing, waiting) = (hashing.clone(), waiting.clone());
            thread::Builder::new()
                .name(format!("bcrypt-{number}"))
                .spawn(move || work(&hashing, &waiting))?;
        }
        Ok(Self { jobs })
    }

    /// How many passwords wait for a thread.
    pub fn queued(&self) -> usize {
        self.jobs.len()
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Hashing) -> T + Send + 'static,
    ) -> Result<T, HasherError> {
        self.submit(work)?.await.map_err(broken)
    }

    /// Puts work into the queue, or says at once that there is no room. What nobody waits for any longer when its
    /// turn comes is not done.
    fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Hashing) -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, HasherError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |hashing| {
            if !answer.is_canceled() {
                // Whoever asked may have left meanwhile.
                let _ = answer.send(work(hashing));
            }
        });
        match self.jobs.try_send(job) {
            Ok(()) => Ok(answered),
            Err(TrySendError::Full(_)) => Err(HasherError::Overloaded),
            Err(TrySendError::Disconnected(_)) => Err(broken("the hashing threads are gone")),
        }
    }
}

/// A panic ends the job, whose asker learns of it by the dropped answer, and not the thread.
fn work(hashing: &Hashing, jobs: &Receiver<Job>) {
    for job in jobs {
        if catch_unwind(AssertUnwindSafe(|| job(hashing))).is_err() {
            tracing::error!("hashing a password panicked");
        }
    }
}

fn broken(error: impl Into<Box<dyn Error + Send + Sync>>) -> HasherError {
    HasherError::Broken(error.into())
}

#[async_trait]
impl PasswordHasher for BcryptPool {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HasherError> {
        let password = password.clone();
        self.run(move |hashing| hashing.hash(&password)).await?.map_err(broken)
    }

    async fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HasherError> {
        let (password, hash) = (password.clone(), hash.clone());
        self.run(move |hashing| hashing.verify(&password, &hash)).await
    }

    async fn verify_nobody(&self, password: &Password) -> Result<(), HasherError> {
        let password = password.clone();
        self.run(move |hashing| hashing.verify_nobody(&password)).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use doorward_testkit::sample::password;

    use super::*;

    const SETTINGS: BcryptSettings = BcryptSettings { cost: 4, threads: 1, queue: 2 };

    fn pool() -> BcryptPool {
        BcryptPool::start(SETTINGS, Pepper::from_bytes([7; 32])).unwrap()
    }

    /// Keeps the pool's one thread busy until the answer is dropped.
    fn occupy(pool: &BcryptPool) -> (mpsc::Sender<()>, oneshot::Receiver<()>) {
        let (release, released) = mpsc::channel();
        let (started, has_started) = mpsc::channel();
        let job = pool
            .submit(move |_| {
                started.send(()).unwrap();
                let _ = released.recv();
            })
            .unwrap();
        has_started.recv().unwrap();
        (release, job)
    }

    #[tokio::test]
    async fn a_password_is_hashed_and_recognised() {
        let pool = pool();
        let hash = pool.hash(&password("correct horse batt")).await.unwrap();
        let right = pool.verify(&password("correct horse batt"), &hash).await.unwrap();
        let wrong = pool.verify(&password("correct horse bats"), &hash).await.unwrap();
        assert_eq!((right, wrong), (Verdict::Right, Verdict::Wrong));
        pool.verify_nobody(&password("correct horse batt")).await.unwrap();
    }

    #[tokio::test]
    async fn dos_02_a_full_queue_refuses_at_once_and_loses_nothing() {
        let pool = pool();
        let (release, busy) = occupy(&pool);
        let first = pool.submit(|_| 1).unwrap();
        let second = pool.submit(|_| 2).unwrap();
        assert_eq!(pool.queued(), SETTINGS.queue);
        for _ in 0..3 {
            let refused = pool.verify_nobody(&password("correct horse batt")).await;
            assert!(matches!(refused, Err(HasherError::Overloaded)));
        }
        drop(release);
        busy.await.unwrap();
        assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 2));
        assert_eq!(pool.queued(), 0);
    }

    #[tokio::test]
    async fn dos_02_what_nobody_waits_for_any_longer_is_not_hashed() {
        let pool = pool();
        let hashed = Arc::new(AtomicUsize::new(0));
        let (release, busy) = occupy(&pool);
        let count = hashed.clone();
        drop(pool.submit(move |_| count.fetch_add(1, Ordering::SeqCst)).unwrap());
        let last = pool.submit(|_| ()).unwrap();
        drop(release);
        busy.await.unwrap();
        last.await.unwrap();
        assert_eq!(hashed.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_panic_fails_its_own_job_only() {
        let pool = pool();
        let failed: Result<(), _> = pool.run(|_| panic!("this one is meant")).await;
        assert!(matches!(failed, Err(HasherError::Broken(_))));
        pool.verify_nobody(&password("correct horse batt")).await.unwrap();
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
}
