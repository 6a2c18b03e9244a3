//! Many sessions that end before and while something happens to Redis, and somebody who tries them all the time.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use doorward_domain::sessions::Login;
use doorward_redis::RedisSettings;
use doorward_testkit::redis::{self, RedisOptions, RedisSentinels, RedisServer, SentinelOptions};
use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::join;
use tokio::task::JoinHandle;

use crate::disk;
use crate::stage::{SHORT, Stage};
use crate::support::{Leaver, Scene, Way, in_time, on, settings};

/// How many sessions end: a half before it happens, the other while it does.
const MANY: usize = 200;

/// How many stay.
const STAY: usize = 10;

/// How many leave at the same moment.
const AT_ONCE: usize = 25;

struct Crowd {
    stage: Arc<Stage>,
    leaving: Vec<Leaver>,
    staying: Vec<Login>,
    thieves: Arc<Thieves>,
}

/// Those who have kept the tokens of ended sessions, and show them again and again.
#[derive(Default)]
struct Thieves {
    tokens: Mutex<Vec<String>>,
    tried: AtomicUsize,
    served: AtomicUsize,
    are_caught: AtomicBool,
}

impl Thieves {
    /// Tries all tokens on one of the nodes until somebody stops it.
    fn begin(self: &Arc<Self>, stage: &Arc<Stage>, node: usize) -> JoinHandle<()> {
        let (thieves, stage) = (self.clone(), stage.clone());
        tokio::spawn(async move {
            for next in 0.. {
                if thieves.are_caught.load(Ordering::Relaxed) {
                    return;
                }
                let token = {
                    let tokens = thieves.tokens.lock();
                    tokens[next % tokens.len()].clone()
                };
                let served = in_time(stage.nodes()[node].sessions.identify(&token)).await.is_ok();
                thieves.tried.fetch_add(1, Ordering::Relaxed);
                thieves.served.fetch_add(usize::from(served), Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        })
    }
}

impl Crowd {
    /// Everybody is logged in, and both nodes know them.
    async fn gather(story: &str, scene: Scene, mut settings: RedisSettings) -> Self {
        settings.timeout = SHORT;
        let stage = Arc::new(Stage::set(story, scene, settings.clone(), settings).await);
        let ways = Way::ALL.into_iter().cycle().take(MANY);
        let leaving = join_all(ways.map(|way| stage.leaver(way))).await;
        let staying = join_all((0..STAY).map(|_| stage.newcomer())).await;
        let everybody: Vec<_> = leaving.iter().map(|leaver| &leaver.login).chain(&staying).collect();
        for _ in 0..2 {
            for node in stage.nodes() {
                let shown = join_all(everybody.iter().map(|login| node.serves(login))).await;
                assert!(shown.into_iter().all(|served| served));
            }
        }
        Self { stage, leaving, staying, thieves: Arc::default() }
    }

    /// Some leave, half of them on each node. Their tokens are stolen the moment they have been told that it is done.
    async fn leave(&self, leaving: &[Leaver]) {
        for group in leaving.chunks(AT_ONCE) {
            join_all(group.iter().enumerate().map(async |(number, leaver)| {
                self.stage.nodes()[number / Way::ALL.len() % 2].end(leaver).await;
                self.thieves.tokens.lock().push(leaver.login.tokens.access.clone());
            }))
            .await;
        }
    }

    /// What must hold while this happens, and afterwards.
    async fn endure(self, begin: impl FnOnce(), end: impl FnOnce()) {
        let (before, meanwhile) = self.leaving.split_at(MANY / 2);
        self.leave(before).await;
        let thieves = [0, 1].map(|node| self.thieves.begin(&self.stage, node));
        begin();
        self.leave(meanwhile).await;
        for login in &self.staying {
            self.stage.assert_served(login, "while it happens").await;
        }
        end();
        self.stage.wait_until_in_use().await;
        for leaver in &self.leaving {
            self.stage.assert_left(leaver, "afterwards").await;
        }
        for login in &self.staying {
            self.stage.assert_served(login, "afterwards").await;
        }
        self.thieves.are_caught.store(true, Ordering::Relaxed);
        for thief in thieves {
            thief.await.unwrap();
        }
        let (tried, served) =
            (self.thieves.tried.load(Ordering::Relaxed), self.thieves.served.load(Ordering::Relaxed));
        assert!(tried > MANY, "only {tried} tokens were tried");
        assert_eq!(served, 0, "of {tried} tokens of ended sessions");
    }
}

/// A fault of one server.
async fn endure(
    story: &str,
    options: RedisOptions,
    begin: impl FnOnce(&mut RedisServer),
    end: impl FnOnce(&mut RedisServer),
) {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(options);
    let crowd = Crowd::gather(story, Scene::beside(&server).await, on(&server)).await;
    let server = RefCell::new(server);
    crowd.endure(|| begin(&mut server.borrow_mut()), || end(&mut server.borrow_mut())).await;
}

fn order(server: &RedisServer, command: &[&str]) {
    assert_eq!(server.cli(command), "OK", "{command:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r02_and_ses_15_redis_is_killed() {
    let (plain, append_only) = (RedisOptions::new(), RedisOptions::new().append_only());
    join!(
        endure("kill -9", plain, RedisServer::kill, RedisServer::restart_empty),
        endure("kill -9 with AOF", append_only, RedisServer::kill, RedisServer::restart),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r03_and_ses_15_redis_hangs() {
    let stop = |server: &mut RedisServer| server.stop_answering();
    let go_on = |server: &mut RedisServer| server.answer_again();
    endure("SIGSTOP", RedisOptions::new(), stop, go_on).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r04_and_ses_15_redis_loses_everything() {
    let flush = |server: &mut RedisServer| order(server, &["FLUSHALL"]);
    join!(
        endure("FLUSHALL", RedisOptions::new(), flush, |_| {}),
        endure("restart", RedisOptions::new(), RedisServer::restart_empty, |_| {}),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r05_and_ses_15_a_sentinel_makes_another_server_the_primary() {
    if !redis::is_there() {
        return;
    }
    let sentinels = RedisSentinels::start(&SentinelOptions::new());
    let settings = settings(&sentinels.url(0), &sentinels.url(1));
    let scene = Scene::beside(sentinels.primary()).await;
    let crowd = Crowd::gather("Sentinel", scene, settings).await;
    let sentinels = RefCell::new(sentinels);
    crowd.endure(|| sentinels.borrow_mut().fail_over(), || {}).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r06_and_ses_15_redis_takes_nothing_down() {
    join!(
        endure(
            "READONLY",
            RedisOptions::new(),
            |server| order(server, &["REPLICAOF", "127.0.0.1", "1"]),
            |server| order(server, &["REPLICAOF", "NO", "ONE"]),
        ),
        endure(
            "OOM",
            RedisOptions::new(),
            |server| order(server, &["CONFIG", "SET", "maxmemory", "1"]),
            |server| order(server, &["CONFIG", "SET", "maxmemory", "0"]),
        ),
        endure("MISCONF", disk::kept(), |server| disk::fail(server), |server| disk::mend(server)),
    );
}
