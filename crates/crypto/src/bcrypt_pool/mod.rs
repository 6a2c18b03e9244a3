//! Password hashing behind a door: a few threads of its own, a queue that ends, and nothing of it on the reactor.
//!
//! A flood of logins therefore costs logins, and never the other routes; and it costs those most that it comes from.

mod backlog;
mod fair_queue;
mod hashing;
mod stored_hash;

use std::error::Error;
use std::io;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use async_trait::async_trait;
use doorward_domain::port::{HasherError, PasswordHasher, Verdict};
use doorward_domain::throttle::Network;
use doorward_domain::user::{Password, PasswordHash};
use futures_channel::oneshot;
use metrics::{counter, histogram};

use self::backlog::{Backlog, Full, Place};
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
    /// Most passwords that wait, 1 at least. Three quarters of them at most come from one network.
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
///
/// Networks take turns at the threads. When the queue is full, work of the network that has most waiting makes room for
/// that of others, and is answered [`HasherError::Overloaded`]. What comes from nobody in particular is a network of its
/// own. Whoever stops waiting for an answer gives up their place at once.
pub struct BcryptPool {
    backlog: Arc<Backlog<Lane, Job>>,
    hashing: Arc<Hashing>,
}

type Lane = Option<Network>;
type Job = Box<dyn FnOnce(&Hashing) + Send>;

/// An answer that is waited for as long as this is kept.
struct Pending<T> {
    answered: oneshot::Receiver<thread::Result<T>>,
    _place: Place<Lane, Job>,
}

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
        let hashing = Arc::new(Hashing::new(cost, pepper));
        let pool = Self { backlog: Arc::new(Backlog::new(queue)), hashing: hashing.clone() };
        for number in 0..threads {
            let (hashing, backlog) = (hashing.clone(), pool.backlog.clone());
            thread::Builder::new().name(format!("bcrypt-{number}")).spawn(move || {
                while let Some(job) = backlog.next() {
                    job(&hashing);
                }
            })?;
        }
        Ok(pool)
    }

    /// How many passwords wait for a thread.
    pub fn queued(&self) -> usize {
        self.backlog.len()
    }

    async fn run<T: Send + 'static>(
        &self,
        from: Option<Network>,
        work: impl FnOnce(&Hashing) -> T + Send + 'static,
    ) -> Result<T, HasherError> {
        self.submit(from, work)?.answer().await
    }

    /// Puts work into the queue, or says at once that there is no room.
    fn submit<T: Send + 'static>(
        &self,
        from: Option<Network>,
        work: impl FnOnce(&Hashing) -> T + Send + 'static,
    ) -> Result<Pending<T>, HasherError> {
        let (answer, answered) = oneshot::channel();
        let since = Instant::now();
        let job: Job = Box::new(move |hashing| {
            histogram!("doorward_password_hashing_wait_seconds").record(since.elapsed());
            let begun = Instant::now();
            // A panic ends the job and not the thread. Whoever asked may have left meanwhile.
            let _ = answer.send(catch_unwind(AssertUnwindSafe(|| work(hashing))));
            histogram!("doorward_password_hashing_duration_seconds").record(begun.elapsed());
        });
        let place = self.backlog.push(from, job).map_err(|Full| refused())?;
        Ok(Pending { answered, _place: place })
    }
}

/// Ends the threads.
impl Drop for BcryptPool {
    fn drop(&mut self) {
        self.backlog.close();
    }
}

impl<T> Pending<T> {
    async fn answer(self) -> Result<T, HasherError> {
        match self.answered.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(broken("hashing a password panicked")),
            // Dropped without an answer: somebody else has the place now.
            Err(oneshot::Canceled) => Err(refused()),
        }
    }
}

/// Counts who finds no place, or loses it.
fn refused() -> HasherError {
    counter!("doorward_password_hashing_refused_total").increment(1);
    HasherError::Overloaded
}

fn broken(error: impl Into<Box<dyn Error + Send + Sync>>) -> HasherError {
    HasherError::Broken(error.into())
}

#[async_trait]
impl PasswordHasher for BcryptPool {
    fn has_room(&self, from: Option<Network>) -> bool {
        let has_room = self.backlog.has_room(from);
        if !has_room {
            refused();
        }
        has_room
    }

    fn can_read(&self, hash: &PasswordHash) -> bool {
        self.hashing.can_read(hash)
    }

    async fn hash(&self, password: &Password, from: Option<Network>) -> Result<PasswordHash, HasherError> {
        let password = password.clone();
        self.run(from, move |hashing| hashing.hash(&password)).await?.map_err(broken)
    }

    async fn verify(
        &self,
        password: &Password,
        hash: &PasswordHash,
        from: Option<Network>,
    ) -> Result<Verdict, HasherError> {
        let (password, hash) = (password.clone(), hash.clone());
        self.run(from, move |hashing| hashing.verify(&password, &hash)).await
    }

    async fn verify_nobody(&self, password: &Password, from: Option<Network>) -> Result<(), HasherError> {
        let password = password.clone();
        self.run(from, move |hashing| hashing.verify_nobody(&password)).await
    }
}

#[cfg(test)]
mod tests;
