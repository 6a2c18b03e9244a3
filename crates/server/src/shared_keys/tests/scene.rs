//! A service of several nodes, each with a directory of keys, and a clock that moves when a test says so.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use doorward_crypto::{JwtSettings, JwtSigner, KeyDirectory, TokenAlgorithm};
use doorward_domain::Timestamp;
use doorward_domain::port::{
    Clock as _, KeyFingerprint, KeyRegistry, Probe as _, StoreError, TokenSigner as _,
};
use doorward_domain::token::{Claims, TokenKind};
use doorward_testkit::fake::{ManualClock, MemoryStore};
use doorward_testkit::sample;
use tempfile::TempDir;

use super::super::choice::{Choice, Obstacle, Refused, Rules};
use super::super::error::LookFailed;
use super::super::fingerprints;
use super::super::keeper::{KeeperParts, KeyKeeper};
use super::super::news::News;
use super::super::overview::{KeyLine, KeyState, overview};
use super::super::register::Register;
use super::super::rotation::Rotation;

/// Refresh tokens last a day.
pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What all nodes share.
pub(super) struct Scene {
    pub(super) registry: Arc<Registry>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) rules: Rules,
}

impl Scene {
    /// A service that may have many nodes.
    pub(super) fn of_many() -> Self {
        Self {
            registry: Arc::new(Registry::default()),
            clock: Arc::new(ManualClock::default()),
            rules: Rules { alone: false, tokens_live: DAY },
        }
    }

    /// A service of one node.
    pub(super) fn of_one() -> Self {
        let scene = Self::of_many();
        Self { rules: Rules { alone: true, ..scene.rules }, ..scene }
    }

    /// A node with a directory of its own that is empty.
    pub(super) async fn first_node(&self) -> Node {
        Node::start(self, Arc::new(tempfile::tempdir().unwrap())).await.unwrap()
    }

    /// A node with a copy of another one's directory.
    pub(super) async fn node_like(&self, other: &Node) -> Node {
        let place = tempfile::tempdir().unwrap();
        for key in other.directory().read().unwrap().iter() {
            fs::copy(key.path(), place.path().join(key.path().file_name().unwrap())).unwrap();
        }
        Node::start(self, Arc::new(place)).await.unwrap()
    }

    pub(super) async fn register(&self) -> Register {
        Register::read(&self.registry.registered().await.unwrap())
    }

    pub(super) fn seconds_pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// What is registered, in a store that may fail to be changed.
#[derive(Default)]
pub(super) struct Registry {
    store: MemoryStore,
    fails: AtomicBool,
}

impl Registry {
    /// From now on nothing can be told, or again.
    pub(super) fn fails(&self, fails: bool) {
        self.fails.store(fails, Ordering::Relaxed);
    }

    /// The nodes that say that they lack a key, or said so once.
    pub(super) async fn lacking(&self) -> Vec<String> {
        let entries = self.registered().await.unwrap().into_iter();
        entries.map(|entry| entry.name).filter(|name| name.contains("/lacking/")).collect()
    }
}

#[async_trait]
impl KeyRegistry for Registry {
    async fn registered(&self) -> Result<Vec<KeyFingerprint>, StoreError> {
        self.store.registered().await
    }

    async fn register_first(&self, own: &[KeyFingerprint]) -> Result<Vec<KeyFingerprint>, StoreError> {
        self.store.register_first(own).await
    }

    async fn register(&self, own: &[KeyFingerprint]) -> Result<(), StoreError> {
        self.store.register(own).await
    }

    async fn amend(&self, these: &[KeyFingerprint], gone: &[String]) -> Result<(), StoreError> {
        if self.fails.load(Ordering::Relaxed) {
            return Err(StoreError::Broken("nothing can be told".into()));
        }
        self.store.amend(these, gone).await
    }
}

/// A node that serves.
pub(super) struct Node {
    place: Arc<TempDir>,
    signer: Arc<JwtSigner>,
    keeper: KeyKeeper,
}

impl Node {
    /// As a start does it, without the pepper.
    pub(super) async fn start(scene: &Scene, place: Arc<TempDir>) -> Result<Self, Refused> {
        let directory = KeyDirectory::at(place.path());
        let keys = directory.read_or_create(TokenAlgorithm::EdDsa).unwrap();
        let registered = scene.registry.register_first(&fingerprints(None, Some(&keys))).await.unwrap();
        let register = Register::read(&registered);
        let now = scene.clock.now();
        let choice = match Choice::among(&keys, None, &register, scene.rules, now) {
            Err(refused @ Refused::NothingSigns(_, Obstacle::Over)) => {
                let mut news = News::of(&Arc::from(""), scene.rules, now);
                news.of_refused(&refused);
                news.tell(&*scene.registry).await.unwrap();
                return Err(refused);
            }
            choice => choice?,
        };
        let ring = Arc::new(keys.ring(&choice.signing, None, |kid| choice.verifying.contains(kid)).unwrap());
        let signer = Arc::new(JwtSigner::new(ring.clone(), JwtSettings::default()));
        let parts = KeeperParts {
            directory,
            registry: scene.registry.clone(),
            signer: signer.clone(),
            clock: scene.clock.clone(),
            rules: scene.rules,
        };
        let keeper = KeyKeeper::new(parts, ring).called(&place.path().display().to_string());
        let mut node = Self { place, signer, keeper };
        node.look().await;
        Ok(node)
    }

    /// Starts anew from the same directory; nothing of the old one serves any more.
    pub(super) async fn restart(self, scene: &Scene) -> Result<Self, Refused> {
        Self::start(scene, self.place.clone()).await
    }

    /// Another node with the same directory.
    pub(super) async fn beside(&self, scene: &Scene) -> Self {
        Self::start(scene, self.place.clone()).await.unwrap()
    }

    pub(super) fn place(&self) -> Arc<TempDir> {
        self.place.clone()
    }

    pub(super) fn directory(&self) -> KeyDirectory {
        KeyDirectory::at(self.place.path())
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// What a process with this directory calls itself.
    pub(super) fn own_name(scene: &Scene, like: &Node) -> String {
        let parts = KeeperParts {
            directory: like.directory(),
            registry: scene.registry.clone(),
            signer: like.signer.clone(),
            clock: scene.clock.clone(),
            rules: scene.rules,
        };
        KeyKeeper::new(parts, like.keeper.shared_ring()).name().to_owned()
    }

    /// Gives the file of a key to another node.
    pub(super) fn hand_over(&self, kid: &str, other: &Node) {
        let keys = self.directory().read().unwrap();
        fs::copy(keys.find(kid).unwrap().path(), other.file(&format!("key-{kid}.pem"))).unwrap();
    }

    /// What a person does here.
    pub(super) fn at_the_command_line<'a>(&self, scene: &'a Scene) -> Rotation<'a> {
        Rotation {
            directory: self.directory(),
            registry: &*scene.registry,
            clock: &*scene.clock,
            rules: scene.rules,
        }
    }

    /// What happens every two seconds.
    pub(super) async fn look(&mut self) {
        self.keeper.look().await.unwrap();
    }

    /// From now on the directory does not answer, or it does again.
    pub(super) fn be_silent(&self, is_silent: bool) {
        self.keeper.ask(is_silent);
    }

    /// The same where it may fail.
    pub(super) async fn try_to_look(&mut self) -> Result<(), LookFailed> {
        self.keeper.look().await
    }

    /// What comes of it when looking at the directory ends in a panic.
    pub(super) async fn panics(&self) -> Result<(), LookFailed> {
        self.keeper.in_directory(|_| panic!("as a test wants it")).await
    }

    /// Whether it signs, as it tells readiness too.
    pub(super) async fn signs(&self, scene: &Scene) -> bool {
        let signs = self.try_token(scene).is_some();
        assert_eq!(self.signer.probe().await.is_ok(), signs);
        signs
    }

    /// The problems that were told at the last look.
    pub(super) fn remarks(&self) -> Vec<String> {
        self.keeper.remarks().map(|remark| format!("{remark:?}")).collect()
    }

    /// A token, for as long as a refresh token lasts.
    pub(super) fn token(&self, scene: &Scene) -> Token {
        self.try_token(scene).unwrap()
    }

    fn try_token(&self, scene: &Scene) -> Option<Token> {
        let user = sample::user(1);
        let session = sample::session(&user, 1, scene.clock.now());
        let claims = Claims { kind: TokenKind::Refresh, ..session.access_claims(scene.rules.tokens_live) };
        Some(Token { text: self.signer.sign(&claims, &user).ok()?, expires_at: claims.expires_at })
    }

    pub(super) fn accepts(&self, token: &Token, scene: &Scene) -> bool {
        self.signer.verify(&token.text, scene.clock.now()).is_ok()
    }

    /// The name of the key that signs.
    pub(super) fn signing(&self) -> String {
        self.keeper.ring().signing_kid().to_owned()
    }

    /// The keys that verify, without the one that signs.
    pub(super) fn others(&self) -> Vec<String> {
        self.keeper.ring().kids().skip(1).map(str::to_owned).collect()
    }

    /// How this node tells of two keys, which are all.
    pub(super) async fn lines(&self, scene: &Scene) -> [KeyLine; 2] {
        self.all_lines(scene).await.try_into().unwrap()
    }

    async fn all_lines(&self, scene: &Scene) -> Vec<KeyLine> {
        let keys = self.directory().read().unwrap();
        overview(Some(&keys), &scene.register().await, scene.rules, scene.clock.now())
    }

    /// How this node tells the state of a key.
    pub(super) async fn state_of(&self, kid: &str, scene: &Scene) -> KeyState {
        let lines = self.all_lines(scene).await;
        lines.into_iter().find(|line| line.kid == kid).unwrap().state
    }
}

/// Something that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    text: String,
    pub(super) expires_at: Timestamp,
}

/// Every token is good for every node.
pub(super) fn assert_good(tokens: &[Token], nodes: &[&Node], scene: &Scene) {
    for node in nodes {
        assert!(tokens.iter().all(|token| node.accepts(token, scene)));
    }
}
