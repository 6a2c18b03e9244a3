//! Looks after the epoch of this node: reads it, renews the lease, ends it when the server is another one, begins the
//! next, and fills what the server has lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use deadpool_redis::redis::{self, RedisError};
use doorward_domain::port::{Clock, EndedSession, Epoch, SessionRepository, StoreError};
use doorward_domain::user::UserId;
use parking_lot::Mutex;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use super::Trust;
use crate::connect::{ConnectError, Connection, Connector, Fault, Witness};
use crate::lanes::is_well;
use crate::revocations::revoke;

/// How often the epoch is read.
const EVERY: Duration = Duration::from_millis(250);

/// How often a start looks before it goes on.
const FIRST_LOOKS: usize = 2;

/// How many ended sessions are fetched from the database, and written to Redis, at a time.
const PAGE: usize = 500;

/// An epoch that ends sooner was begun in vain: somebody cannot tell its server of changes.
const SHORT: Duration = Duration::from_secs(3);

/// How many seconds nobody begins another one at most, where epochs keep ending soon. The first time it is two.
const LONGEST_PAUSE: u32 = 8;

/// What a keeper works with.
#[derive(Clone)]
pub(crate) struct KeeperParts {
    pub(crate) trust: Arc<Trust>,
    pub(crate) connector: Arc<Connector>,
    pub(crate) sessions: Arc<dyn SessionRepository>,
    pub(crate) clock: Arc<dyn Clock>,
    /// How long after the end of a session a token of it may still be shown.
    pub(crate) retention: Duration,
}

/// Looks after the epoch.
pub(crate) struct Keeper {
    parts: KeeperParts,
    health: Arc<Health>,
    connection: Option<Connection>,
    /// What was wrong with the server's set-up when somebody last looked.
    faults: Vec<Fault>,
    refill: Option<JoinHandle<Result<(), KeeperError>>>,
    epochs: Epochs,
}

/// How long the epochs have lasted that were seen here.
#[derive(Default)]
struct Epochs {
    /// The one that is believed, and since when it has been seen.
    believed: Option<(Uuid, Instant)>,
    /// When it had ended, and until when nobody begins the next.
    pause: Option<Instant>,
    /// How many in a row were short.
    short: u32,
}

impl Epochs {
    fn believes(&mut self, epoch: Uuid, now: Instant) {
        if self.believed.is_none_or(|(believed, _)| believed != epoch) {
            self.believed = Some((epoch, now));
        }
        self.pause = None;
    }

    /// Whether the next may begin.
    fn may_begin(&mut self, now: Instant) -> bool {
        if let Some((_, since)) = self.believed.take() {
            self.short = if now.duration_since(since) < SHORT { self.short.saturating_add(1) } else { 0 };
            let seconds = 2_u32.saturating_pow(self.short).min(LONGEST_PAUSE);
            // The first of them begins as soon as it may.
            self.pause = (self.short > 0).then(|| now + Duration::from_secs(seconds.into()));
        }
        self.pause.is_none_or(|pause| pause <= now)
    }
}

/// How things stood when a keeper looked last: `None` when all was well.
#[derive(Default)]
pub(crate) struct Health {
    trouble: Mutex<Option<Arc<KeeperError>>>,
    was_in_use: AtomicBool,
}

impl Health {
    /// What is wrong.
    pub(crate) fn trouble(&self) -> Option<Arc<KeeperError>> {
        self.trouble.lock().clone()
    }

    /// Notes how things stand, and says so where that has changed.
    fn note(&self, looked: Result<(), KeeperError>) {
        let mut trouble = self.trouble.lock();
        match &looked {
            Ok(()) if !self.was_in_use.swap(true, Ordering::Relaxed) => tracing::info!("Redis is in use"),
            Ok(()) if trouble.is_some() => tracing::info!("Redis is in use again"),
            // That is over in a moment, or something else is wrong.
            Err(KeeperError::Between) => {}
            Err(error) if matches!(trouble.as_deref(), None | Some(KeeperError::Between)) => {
                let error: &dyn std::error::Error = error;
                tracing::warn!(error, "Redis is not in use; the database answers instead");
            }
            _ => {}
        }
        *trouble = looked.err().map(Arc::new);
    }
}

/// Why Redis is not in use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeeperError {
    /// The database does not say which epoch it is.
    #[error("the database does not say which Redis to believe")]
    Store(#[from] StoreError),
    /// The server is out of reach.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server did not answer.
    #[error("Redis did not answer as it should")]
    Redis(#[from] RedisError),
    /// The server would lose what it must keep, or lacks commands.
    #[error("Redis cannot be used as it is set up")]
    Unfit(#[source] Fault),
    /// The task that fills it has failed.
    #[error("Redis was not filled to the end")]
    Interrupted(#[from] JoinError),
    /// An epoch has ended, and the next has not begun.
    #[error("what Redis knows is being gathered anew")]
    Between,
}

impl Keeper {
    pub(crate) fn new(parts: KeeperParts) -> Self {
        Self {
            parts,
            health: Arc::default(),
            connection: None,
            faults: Vec::new(),
            refill: None,
            epochs: Epochs::default(),
        }
    }

    /// How things stand.
    pub(crate) fn health(&self) -> Arc<Health> {
        self.health.clone()
    }

    /// Looks, so that a server which is believed already is in use from the start, and goes on looking in a task.
    pub(crate) async fn start(mut self) -> JoinHandle<()> {
        for _ in 0..FIRST_LOOKS {
            if self.look_and_note().await {
                break;
            }
        }
        tokio::spawn(self.keep())
    }

    async fn keep(mut self) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.look_and_note().await;
        }
    }

    /// Whether all is well.
    async fn look_and_note(&mut self) -> bool {
        let looked = self.look().await;
        let all_is_well = looked.is_ok();
        match &looked {
            Err(KeeperError::Connect(_)) => self.connection = None,
            Err(KeeperError::Redis(error)) if !is_well(error) => self.connection = None,
            _ => {}
        }
        self.health.note(looked);
        all_is_well
    }

    async fn look(&mut self) -> Result<(), KeeperError> {
        let read = Instant::now();
        let present = self.parts.trust.present().await?;
        let believed = present.as_ref().and_then(|epoch| epoch.witness.as_deref());
        let (mut connection, witness) = self.server(believed).await?;
        let trust = self.parts.trust.clone();
        match present {
            Some(Epoch { id, witness: Some(believed) }) if believed == witness.to_string() => {
                trust.renew(id, &witness, read);
                self.epochs.believes(id, Instant::now());
                if self.marker(&mut connection).await? == Some(id) {
                    return Ok(());
                }
                self.fill(connection, id).await
            }
            Some(Epoch { id, witness: Some(_) }) => {
                trust.doubt(id);
                trust.begin(Some(id), None).await?;
                Err(KeeperError::Between)
            }
            Some(Epoch { id, witness: None }) => {
                if self.epochs.may_begin(Instant::now()) && trust.is_over(id) {
                    let (mut connection, witness) = self.connect().await?;
                    self.probe(&mut connection).await?;
                    trust.begin(Some(id), Some(&witness)).await?;
                }
                Err(KeeperError::Between)
            }
            // A new database, or one whose epoch was lost: somebody may believe in that one for another moment.
            None => {
                trust.begin(None, None).await?;
                Err(KeeperError::Between)
            }
        }
    }

    /// The server and its life, looked at now. If it is not the one that is believed, it may be the connection that is
    /// behind: then it is looked for once more.
    async fn server(&mut self, believed: Option<&str>) -> Result<(Connection, Witness), KeeperError> {
        if let Some(mut connection) = self.connection.clone() {
            let witness = connection.witness().await?;
            if believed.is_none_or(|believed| believed == witness.to_string()) {
                return Ok((connection, witness));
            }
        }
        self.connect().await
    }

    async fn connect(&mut self) -> Result<(Connection, Witness), KeeperError> {
        let mut connection = self.parts.connector.connect(None).await?;
        let inspection = connection.inspect().await?;
        let faults = inspection.faults();
        for fault in faults.iter().filter(|fault| !self.faults.contains(fault)) {
            tracing::warn!(server = self.parts.connector.describe(), "{fault}");
        }
        self.faults = faults;
        if let Some(fault) = inspection.unfit(true) {
            return Err(KeeperError::Unfit(fault));
        }
        let witness = connection.witness().await?;
        self.connection = Some(connection.clone());
        Ok((connection, witness))
    }

    /// Whether the server takes down what it will be told: one that is out of memory or of replicas may be read, and must
    /// not be believed; and a user may lack a right.
    async fn probe(&self, connection: &mut Connection) -> Result<(), RedisError> {
        let keyspace = self.parts.connector.keyspace();
        let at = self.parts.clock.now().plus(Duration::from_secs(60)).seconds();
        let mut commands = redis::pipe();
        commands.cmd("SET").arg(keyspace.probe()).arg(1).arg("EX").arg(60).ignore();
        commands.cmd("EXPIREAT").arg(keyspace.probe()).arg(at).arg("GT").ignore();
        let nobody = keyspace.user(UserId::new(Uuid::nil()), Uuid::nil());
        commands.cmd("SET").arg(&nobody).arg(1).arg("EX").arg(60).ignore();
        commands.cmd("DEL").arg(keyspace.probe()).ignore().cmd("DEL").arg(&nobody).ignore();
        commands.query_async(connection).await
    }

    async fn marker(&self, connection: &mut Connection) -> Result<Option<Uuid>, RedisError> {
        let key = self.parts.connector.keyspace().complete();
        let marker: Option<Vec<u8>> = redis::cmd("GET").arg(key).query_async(connection).await?;
        Ok(marker.and_then(|marker| Uuid::try_parse_ascii(&marker).ok()))
    }

    /// Has the server filled, in a task of its own: the epoch is to be read again meanwhile.
    async fn fill(&mut self, connection: Connection, epoch: Uuid) -> Result<(), KeeperError> {
        match self.refill.take() {
            Some(refill) if refill.is_finished() => refill.await??,
            Some(refill) => self.refill = Some(refill),
            None => self.refill = Some(tokio::spawn(refill(self.parts.clone(), connection, epoch))),
        }
        Err(KeeperError::Between)
    }
}

/// Writes down which sessions have ended, and then that this is complete. One node at a time.
async fn refill(parts: KeeperParts, mut connection: Connection, epoch: Uuid) -> Result<(), KeeperError> {
    let KeeperParts { connector, sessions, clock, retention, .. } = parts;
    let (keyspace, connection) = (connector.keyspace(), &mut connection);
    let mine = redis::cmd("SET").arg(keyspace.refill()).arg(1).arg("NX").arg("EX").arg(5).to_owned();
    if mine.query_async::<Option<String>>(connection).await?.is_none() {
        // Somebody is at it. If they left it for ever, it is over soon all the same.
        let over_soon = redis::cmd("EXPIRE").arg(keyspace.refill()).arg(5).arg("NX").to_owned();
        over_soon.query_async::<()>(connection).await?;
        return Err(KeeperError::Between);
    }
    let (mut after, mut count) = (None, 0);
    loop {
        let page = sessions.list_ended(clock.now().minus(retention), after, PAGE).await?;
        let mut commands = redis::pipe();
        for EndedSession { at, id } in &page {
            revoke(&mut commands, keyspace, id.uuid(), at.plus(retention));
        }
        commands.cmd("EXPIRE").arg(keyspace.refill()).arg(5).ignore();
        commands.query_async::<()>(connection).await?;
        (after, count) = (page.last().copied(), count + page.len());
        if page.len() < PAGE {
            break;
        }
    }
    let complete = redis::cmd("SET").arg(keyspace.complete()).arg(epoch.to_string()).to_owned();
    complete.query_async::<()>(connection).await?;
    redis::cmd("DEL").arg(keyspace.refill()).query_async::<()>(connection).await?;
    tracing::info!(ended_sessions = count, "Redis was filled from the database");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::iter::repeat_n;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    /// An epoch that is only just short.
    const JUST_SHORT: Duration = SHORT.saturating_sub(MOMENT);

    /// An epoch is seen again and again for so long; when it has ended.
    fn pass(epochs: &mut Epochs, number: u128, began: Instant, lasts: Duration) -> Instant {
        for seen in [Duration::ZERO, lasts / 2, lasts.saturating_sub(MOMENT)] {
            epochs.believes(Uuid::from_u128(number), began + seen);
        }
        began + lasts
    }

    /// Whoever asks again and again is told after so many seconds that the next may begin; when that is.
    fn wait(epochs: &mut Epochs, ended: Instant, seconds: u64) -> Instant {
        let pause = Duration::from_secs(seconds);
        for too_short in [Duration::ZERO, MOMENT, pause.saturating_sub(MOMENT)] {
            assert!(!epochs.may_begin(ended + too_short), "{too_short:?} are enough");
        }
        assert!(epochs.may_begin(ended + pause), "{pause:?} are not enough");
        ended + pause
    }

    #[test]
    fn the_first_epoch_begins_at_once() {
        assert!(Epochs::default().may_begin(Instant::now()));
    }

    #[test]
    fn after_each_epoch_that_was_short_the_pause_is_twice_as_long_up_to_the_longest() {
        let (mut epochs, mut now) = (Epochs::default(), Instant::now());
        for (number, seconds) in (1..).zip([2, 4].into_iter().chain(repeat_n(LONGEST_PAUSE.into(), 40))) {
            let ended = pass(&mut epochs, number, now, JUST_SHORT);
            now = wait(&mut epochs, ended, seconds);
        }
    }

    #[test]
    fn after_a_long_epoch_there_is_no_pause_and_after_the_next_short_one_the_shortest() {
        let (mut epochs, mut now) = (Epochs::default(), Instant::now());
        for (number, seconds) in (1..).zip([2, 4]) {
            let ended = pass(&mut epochs, number, now, JUST_SHORT);
            now = wait(&mut epochs, ended, seconds);
        }
        let ended = pass(&mut epochs, 3, now, SHORT);
        assert!(epochs.may_begin(ended));
        let ended = pass(&mut epochs, 4, ended, JUST_SHORT);
        wait(&mut epochs, ended, 2);
    }
}
