//! Connections on the way of requests: one a thread, shared by everything that runs on it.
//!
//! A connection's driver runs where the connection was opened. A worker that has its own never waits for another
//! thread, and what several of its requests ask at once goes out together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use deadpool_redis::redis::{self, Cmd, FromRedisValue, RedisError};
use metrics::counter;
use parking_lot::Mutex;
use thread_local::ThreadLocal;
use tokio::sync::watch;

use crate::connect::{ConnectError, Connection, Connector, Witness};
use crate::gather::Gathered;
use crate::near::Near;

/// How long nobody tries to connect after that has failed. Until then whoever asks is told at once that there is
/// nobody to ask.
const PAUSE: Duration = Duration::from_millis(500);

/// How often a connection whose answers are remembered is asked whether it still stands.
const PULSE: Duration = Duration::from_secs(1);

/// Answers of a server that is well and where it should be: it refuses one command, or all writes, or has no time.
const WELL: &[&str] = &[
    "BUSY",
    "CROSSSLOT",
    "ERR",
    "EXECABORT",
    "MISCONF",
    "NOPERM",
    "NOREPLICAS",
    "NOSCRIPT",
    "OOM",
    "WRONGTYPE",
];

/// Whether an error says that the server is well, and will not do this one thing.
pub(crate) fn is_well(error: &RedisError) -> bool {
    error.code().is_some_and(|code| WELL.contains(&code))
}

/// The connections of all threads to one server.
pub(crate) struct Lanes {
    connector: Arc<Connector>,
    remember: bool,
    slots: ThreadLocal<Arc<Mutex<Slot>>>,
}

/// A thread's place for its connection.
enum Slot {
    /// There is none, and nobody tries before this moment.
    Empty(Option<Instant>),
    /// Somebody is connecting; when they are done, the sender is gone.
    Connecting(watch::Receiver<()>),
    /// There is one.
    Open(Arc<Lane>),
}

/// An open connection.
pub(crate) struct Lane {
    connection: Connection,
    witness: Witness,
    near: Option<Arc<Near>>,
    gathered: Gathered,
    opened: Instant,
    broken: Arc<AtomicBool>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LaneError {
    /// Nobody could be asked.
    #[error("there is no connection to Redis")]
    Closed,
    /// It cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It did not do what it was asked, or did not answer.
    #[error("Redis did not answer as it should")]
    Refused(#[from] RedisError),
}

impl Lanes {
    /// No connection yet. With `remember`, what was read is remembered for as long as the server tells of changes.
    pub(crate) fn new(connector: Arc<Connector>, remember: bool) -> Self {
        Self { connector, remember, slots: ThreadLocal::new() }
    }

    pub(crate) fn connector(&self) -> &Arc<Connector> {
        &self.connector
    }

    /// This thread's connection. Where there is none, one is opened in the background, for those who come later.
    pub(crate) fn at_once(&self) -> Option<Arc<Lane>> {
        let slot = self.slot();
        let claimed = slot.lock().claim();
        match claimed {
            Claim::Open(lane) => Some(lane),
            Claim::Wait(_) | Claim::Closed => None,
            Claim::Connect(done) => {
                let (connector, remember, place) =
                    (self.connector.clone(), self.remember, Place::new(slot, done));
                tokio::spawn(async move {
                    if let Err(error) = connect(&connector, remember, place).await {
                        tracing::debug!(error = &error as &dyn std::error::Error, "no connection to Redis");
                    }
                });
                None
            }
        }
    }

    /// This thread's connection, opened if there is none.
    pub(crate) async fn ready(&self) -> Result<Arc<Lane>, LaneError> {
        let slot = self.slot().clone();
        loop {
            let claimed = slot.lock().claim();
            match claimed {
                Claim::Open(lane) => return Ok(lane),
                Claim::Closed => return Err(LaneError::Closed),
                Claim::Connect(done) => {
                    return connect(&self.connector, self.remember, Place::new(&slot, done)).await;
                }
                // Another request of this thread is at it, and has deadlines of its own.
                Claim::Wait(mut done) => {
                    let _gone = done.changed().await;
                }
            }
        }
    }

    fn slot(&self) -> &Arc<Mutex<Slot>> {
        self.slots.get_or(|| Arc::new(Mutex::new(Slot::Empty(None))))
    }
}

/// What somebody who needs a connection does.
enum Claim {
    Open(Arc<Lane>),
    Connect(watch::Sender<()>),
    Wait(watch::Receiver<()>),
    Closed,
}

impl Slot {
    fn claim(&mut self) -> Claim {
        match self {
            Self::Open(lane) if !lane.is_broken() => Claim::Open(lane.clone()),
            Self::Connecting(done) => Claim::Wait(done.clone()),
            Self::Empty(Some(not_before)) if *not_before > Instant::now() => Claim::Closed,
            Self::Open(_) | Self::Empty(_) => {
                let (done, waiting) = watch::channel(());
                *self = Self::Connecting(waiting);
                Claim::Connect(done)
            }
        }
    }
}

async fn connect(connector: &Connector, remember: bool, mut place: Place) -> Result<Arc<Lane>, LaneError> {
    let opened = Lane::open(connector, remember).await;
    if opened.is_err() {
        counter!("doorward_redis_failures_total").increment(1);
    }
    place.becomes = match &opened {
        Ok(lane) => Slot::Open(lane.clone()),
        Err(_) => Slot::Empty(Some(Instant::now() + PAUSE)),
    };
    opened
}

/// A thread's place while somebody connects, and what it becomes when they are done with it. Whoever is thrown away
/// while connecting leaves it to the next.
struct Place {
    slot: Arc<Mutex<Slot>>,
    becomes: Slot,
    /// Goes after the slot has become what it is to be.
    _done: watch::Sender<()>,
}

impl Place {
    fn new(slot: &Arc<Mutex<Slot>>, done: watch::Sender<()>) -> Self {
        Self { slot: slot.clone(), becomes: Slot::Empty(None), _done: done }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *self.slot.lock() = std::mem::replace(&mut self.becomes, Slot::Empty(None));
    }
}

impl Lane {
    async fn open(connector: &Connector, remember: bool) -> Result<Arc<Self>, LaneError> {
        let (opened, broken) = (Instant::now(), Arc::new(AtomicBool::new(false)));
        if !remember {
            let mut connection = connector.connect(None).await?;
            let witness = connection.witness().await?;
            return Ok(Arc::new(Self {
                connection,
                witness,
                near: None,
                gathered: Gathered::default(),
                opened,
                broken,
            }));
        }
        let near = Arc::new(Near::new(connector.keyspace()));
        let mut connection = connector.connect(Some(near.sink(&broken))).await?;
        let witness = connection.witness().await?;
        let lane = Arc::new(Self {
            connection,
            witness,
            near: Some(near),
            gathered: Gathered::default(),
            opened,
            broken,
        });
        // Before anything is read: what is read later is told when it changes.
        lane.query::<()>(redis::cmd("CLIENT").arg("TRACKING").arg("ON")).await?;
        tokio::spawn(lane.clone().keep_pulse());
        Ok(lane)
    }

    /// The server and its life that this connection leads to, whatever happens elsewhere.
    pub(crate) fn witness(&self) -> &Witness {
        &self.witness
    }

    /// The server that is believed is another one. If the connection is not new, it is what is behind: whoever comes
    /// next looks for the server once more.
    pub(crate) fn leads_astray(&self) {
        if self.opened.elapsed() > PAUSE {
            self.broken.store(true, Ordering::Release);
        }
    }

    /// What is remembered of what was read here.
    pub(crate) fn near(&self) -> Option<&Near> {
        self.near.as_deref().filter(|_| !self.is_broken())
    }

    /// What is about to be asked here.
    pub(crate) fn gathered(&self) -> &Gathered {
        &self.gathered
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// Asks. After a failure that is the connection's or the server's, nobody else uses the connection.
    pub(crate) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisError> {
        let answer = command.query_async(&mut self.connection.clone()).await;
        if let Err(error) = &answer {
            self.judge(error);
        }
        answer
    }

    /// The connection, for what is more than one command. Whoever uses it reports errors by [`judge`](Self::judge).
    pub(crate) fn connection(&self) -> Connection {
        self.connection.clone()
    }

    /// Gives the connection up, unless the error says that the server is well and will not do this one thing.
    pub(crate) fn judge(&self, error: &RedisError) {
        counter!("doorward_redis_failures_total").increment(1);
        if !is_well(error) {
            self.broken.store(true, Ordering::Release);
        }
    }

    /// Notices a connection that is silent: nothing would tell what has changed any more.
    async fn keep_pulse(self: Arc<Self>) {
        // As long as anybody else knows the connection.
        while !self.is_broken() && Arc::strong_count(&self) > 1 {
            tokio::time::sleep(PULSE).await;
            let _answer: Result<(), RedisError> = self.query(&redis::cmd("PING")).await;
        }
    }
}
