//! Two nodes of a service, and what must hold for them whatever happens to Redis.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use doorward_domain::sessions::Login;
use doorward_domain::throttle::{Pseudonym, Rate, Scope, ThrottleKey};
use doorward_redis::RedisSettings;
use futures_util::future::join_all;
use tokio::sync::OnceCell;

use crate::support::{Leaver, Node, Scene, Way, in_time, until};

/// How long an answer may take where it is the fault that there is none.
pub(crate) const SHORT: Duration = Duration::from_millis(250);

/// How many tries a key has that nobody has used.
const TRIES: u32 = 4;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Two nodes, and somebody who stays logged in.
pub(crate) struct Stage {
    pub(crate) scene: Scene,
    pub(crate) one: Node,
    pub(crate) other: Node,
    pub(crate) ada: Login,
    /// What goes wrong, for messages.
    story: String,
    people: AtomicU32,
    admin: OnceCell<Login>,
}

impl Stage {
    /// Two nodes of this service; Redis is in use on both.
    pub(crate) async fn set(story: &str, scene: Scene, one: RedisSettings, other: RedisSettings) -> Self {
        let (one, other) = (scene.node(one).await, scene.node(other).await);
        let ada = one.newcomer("ada@example.com").await;
        let (story, people, admin) = (story.to_owned(), AtomicU32::new(0), OnceCell::new());
        let stage = Self { scene, one, other, ada, story, people, admin };
        stage.wait_until_in_use().await;
        stage
    }

    pub(crate) fn nodes(&self) -> [&Node; 2] {
        [&self.one, &self.other]
    }

    /// Until both nodes have answers without the database.
    pub(crate) async fn wait_until_in_use(&self) {
        self.wait_until_known(&self.ada).await;
    }

    /// Until both nodes have answers for this session without the database.
    pub(crate) async fn wait_until_known(&self, login: &Login) {
        for (number, node) in self.nodes().into_iter().enumerate() {
            let what = format!("{}: Redis is in use on node {number}", self.story);
            until(&what, async || node.answers_from_copies(login).await).await;
        }
    }

    /// An admin, who logs in when there is something to do for the first time.
    pub(crate) async fn admin(&self) -> &Login {
        self.admin.get_or_init(|| self.one.admin()).await
    }

    /// Somebody else who logs in, on the first node.
    pub(crate) async fn newcomer(&self) -> Login {
        self.one.newcomer(&self.new_address()).await
    }

    /// The same, and both nodes know them already.
    pub(crate) async fn acquaintance(&self) -> Login {
        let login = self.newcomer().await;
        self.wait_until_known(&login).await;
        login
    }

    /// Somebody who will leave in this way.
    pub(crate) async fn leaver(&self, way: Way) -> Leaver {
        self.one.leaver(&self.new_address(), way, self.admin().await).await
    }

    /// One for each way to leave, and both nodes know them already. Which way comes first is another one in another
    /// story: it may be the only one that meets what the others put right.
    pub(crate) async fn leavers(&self) -> Vec<Leaver> {
        let first: usize = self.story.bytes().map(usize::from).sum();
        let mut leavers = Vec::new();
        for number in first..first + Way::ALL.len() {
            let leaver = self.leaver(Way::ALL[number % Way::ALL.len()]).await;
            self.wait_until_known(&leaver.login).await;
            leavers.push(leaver);
        }
        leavers
    }

    fn new_address(&self) -> String {
        format!("person{}@example.com", self.people.fetch_add(1, Ordering::Relaxed))
    }

    /// What names the session, and is a key of database 0 once it has ended.
    pub(crate) fn session(&self, login: &Login) -> String {
        self.scene.claims(&login.tokens.access).session.to_string()
    }

    /// Whoever has logged out is refused on both nodes, at once.
    pub(crate) async fn assert_gone(&self, login: &Login, when: &str) {
        for (number, node) in self.nodes().into_iter().enumerate() {
            let story = &self.story;
            assert!(node.refuses(login).await, "{story}: an ended session is alive on node {number} {when}");
        }
    }

    /// The same for whoever has left in another way.
    pub(crate) async fn assert_left(&self, leaver: &Leaver, when: &str) {
        self.assert_gone(&leaver.login, &format!("after {:?}, {when}", leaver.way)).await;
    }

    pub(crate) async fn assert_all_left(&self, leavers: &[Leaver], when: &str) {
        join_all(leavers.iter().map(|leaver| self.assert_left(leaver, when))).await;
    }

    /// Whoever has not is served.
    pub(crate) async fn assert_served(&self, login: &Login, when: &str) {
        for (number, node) in self.nodes().into_iter().enumerate() {
            let story = &self.story;
            assert!(node.serves(login).await, "{story}: a live session is refused on node {number} {when}");
        }
    }

    /// What must hold through a fault: while there is one, and afterwards.
    pub(crate) async fn endure(&self, begin: impl AsyncFnOnce(), end: impl AsyncFnOnce()) {
        let (before, on_one, on_other) = (self.leavers().await, self.leavers().await, self.leavers().await);
        for leaver in &before {
            self.one.end(leaver).await;
            self.assert_left(leaver, "before the fault").await;
        }

        begin().await;
        self.assert_served(&self.ada, "in the fault").await;
        for (on_one, on_other) in on_one.iter().zip(&on_other) {
            self.one.end(on_one).await;
            self.assert_left(on_one, "in the fault").await;
            self.other.end(on_other).await;
            self.assert_left(on_other, "in the fault").await;
        }
        self.assert_all_left(&before, "in the fault").await;
        let newcomer = self.newcomer().await;
        self.assert_served(&newcomer, "in the fault").await;
        self.assert_bounded().await;

        end().await;
        self.wait_until_in_use().await;
        self.assert_all_left(&[before, on_one, on_other].concat(), "after the fault").await;
        self.assert_served(&newcomer, "after the fault").await;
        self.other.logout(&newcomer).await;
        self.assert_gone(&newcomer, "after the fault").await;
    }

    /// Somebody may try, and not for ever: what a node counts alone lets half as many pass, once more.
    async fn assert_bounded(&self) {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        let subject = Pseudonym::new(u128::from(number).to_be_bytes());
        let key = ThrottleKey { scope: Scope::LoginGuess, subject };
        let rates = [Rate::new(TRIES, DAY).unwrap()];
        let mut passed = 0;
        for _ in 0..4 * TRIES {
            passed += u32::from(in_time(self.one.copies.throttle.take(&key, &rates)).await.is_ok());
        }
        assert!(
            (1..=TRIES + TRIES / 2).contains(&passed),
            "{}: {passed} of {TRIES} tries passed",
            self.story
        );
    }
}
