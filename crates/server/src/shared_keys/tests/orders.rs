//! Whatever is done where first: what any node has signed is good for every node that serves.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use doorward_crypto::{KeyDirectory, TokenAlgorithm};
use doorward_domain::port::Clock as _;
use proptest::prelude::*;
use tempfile::TempDir;

use super::super::overview::{KeyState, overview};
use super::scene::{Node, Scene, Token};

/// What may happen to one of two nodes.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The new key is copied there.
    Bring,
    /// Somebody puts the new key into `signing.pem` by hand.
    LeadByHand,
    /// `doorward keys rotate`.
    Rotate,
    /// `doorward keys rotate` back to the first key, of which there is a copy somewhere.
    RotateBack,
    /// `doorward keys retire` for the first key.
    Retire,
    /// So much time passes that what signs no more is needed no more, and its files are removed here.
    Forget,
    /// Two seconds pass, and both nodes look, this one first.
    Look,
    /// A minute passes likewise.
    LookForAMinute,
    /// The node is stopped, and started anew if it starts.
    Restart,
}

const TOKENS_LIVE: Duration = Duration::from_secs(5 * 60);

fn file_of(kid: &str) -> String {
    format!("key-{kid}.pem")
}

struct Pair {
    scene: Scene,
    places: [Arc<TempDir>; 2],
    nodes: [Option<Node>; 2],
    first: String,
    new: String,
    source: Arc<TempDir>,
    tokens: Vec<Token>,
}

impl Pair {
    /// Both nodes have `first`; `new` is in neither's directory, or in the first one's.
    async fn start() -> Self {
        let mut scene = Scene::of_many();
        // So that all of it can pass in steps that are shorter than what a key waits for.
        scene.rules.tokens_live = TOKENS_LIVE;
        let a = scene.first_node().await;
        let b = scene.node_like(&a).await;
        let first = a.signing();
        // What is brought to the nodes was made elsewhere.
        let elsewhere = Scene::of_many().first_node().await;
        let new = elsewhere.directory().generate(TokenAlgorithm::EdDsa).unwrap().kid().to_owned();
        let places = [a.place(), b.place()];
        let source = elsewhere.place();
        std::fs::copy(a.file("signing.pem"), source.path().join(file_of(&first))).unwrap();
        Self { scene, places, nodes: [Some(a), Some(b)], first, new, source, tokens: Vec::new() }
    }

    async fn take(&mut self, step: Step, number: usize) {
        let directory = KeyDirectory::at(self.places[number].path());
        match step {
            Step::Bring => self.bring(&self.new, number),
            // It may not be there.
            Step::LeadByHand => drop(directory.lead_with(&self.new)),
            Step::Rotate => {
                if let Some(node) = &self.nodes[number] {
                    // It may not be possible.
                    let _ = node.at_the_command_line(&self.scene).rotate(None, false).await;
                }
            }
            Step::RotateBack => {
                let is_half = directory.read().is_ok_and(|keys| {
                    keys.find(&self.first)
                        .is_some_and(|key| !key.can_sign() && std::fs::remove_file(key.path()).is_ok())
                });
                // It need not be there any more, and may be retired.
                if is_half || !self.scene.register().await.key(&self.first).is_retired() {
                    self.bring(&self.first, number);
                }
                if let Some(node) = &self.nodes[number] {
                    let _ = node.at_the_command_line(&self.scene).rotate(Some(&self.first), false).await;
                }
            }
            Step::Forget => {
                // Ten minutes is how long a key may have signed since that was told.
                for _ in 0..=(5 + 10) * 12 {
                    self.seconds_pass(5, number).await;
                }
                self.forget(number).await;
            }
            Step::Retire => {
                if let Some(node) = &self.nodes[number] {
                    let _ = node.at_the_command_line(&self.scene).retire(&self.first, false).await;
                }
            }
            Step::Look => self.look(number).await,
            Step::LookForAMinute => {
                for _ in 0..30 {
                    self.look(number).await;
                }
            }
            Step::Restart => {
                self.nodes[number] = None;
                self.nodes[number] = Node::start(&self.scene, self.places[number].clone()).await.ok();
            }
        }
    }

    /// Copies the file of a key there unless it is there.
    fn bring(&self, kid: &str, number: usize) {
        let directory = KeyDirectory::at(self.places[number].path());
        if directory.read().is_ok_and(|keys| keys.find(kid).is_none()) {
            let name = file_of(kid);
            std::fs::copy(self.source.path().join(&name), self.places[number].path().join(&name)).unwrap();
        }
    }

    /// Removes what nobody needs, as `doorward keys list` tells.
    async fn forget(&self, number: usize) {
        let directory = KeyDirectory::at(self.places[number].path());
        let now = self.scene.clock.now();
        let lines =
            overview(Some(&directory.read().unwrap()), &self.scene.register().await, self.scene.rules, now);
        for line in lines {
            let is_over = line.tokens_until.is_some_and(|until| until <= now);
            if line.state == KeyState::Retired || is_over {
                // It may lead.
                let _ = directory.remove(&line.kid);
            }
        }
    }

    async fn look(&mut self, first: usize) {
        self.seconds_pass(2, first).await;
    }

    /// Time passes, and both nodes look, this one first.
    async fn seconds_pass(&mut self, seconds: u64, first: usize) {
        self.scene.seconds_pass(seconds);
        for number in [first, 1 - first] {
            if let Some(node) = &mut self.nodes[number] {
                node.look().await;
            }
        }
    }

    /// Every node signs, and every node accepts whatever was signed and is not over.
    fn check(&mut self, step: impl Debug) {
        let now = self.scene.clock.now();
        self.tokens.retain(|token| now < token.expires_at);
        assert!(self.nodes.iter().any(Option::is_some), "after {step:?} no node serves");
        let nodes: Vec<_> = self.nodes.iter().flatten().collect();
        for node in &nodes {
            let token = node.token(&self.scene);
            if !self.tokens.contains(&token) {
                self.tokens.push(token);
            }
        }
        for (number, node) in nodes.iter().enumerate() {
            for token in &self.tokens {
                assert!(
                    node.accepts(token, &self.scene),
                    "after {step:?} node {number} refused {token:?}, which signs with {} and has {:?}: {:?}",
                    node.signing(),
                    node.others(),
                    node.remarks()
                );
            }
        }
    }
}

impl Pair {
    /// Every node can be started that has all keys; some of them when the other one had the time to hear of its key.
    async fn all_start(&mut self) {
        for number in [0, 1] {
            for kid in [&self.first, &self.new] {
                if !self.scene.register().await.key(kid).is_retired() {
                    self.bring(kid, number);
                }
            }
        }
        for number in [0, 1] {
            self.take(Step::LookForAMinute, 1 - number).await;
            self.take(Step::Restart, number).await;
            if self.nodes[number].is_none() {
                self.take(Step::LookForAMinute, 1 - number).await;
                self.take(Step::Restart, number).await;
            }
            assert!(self.nodes[number].is_some(), "node {number} does not start");
            self.check("a start with all keys");
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Bring),
        2 => Just(Step::LeadByHand),
        2 => Just(Step::Rotate),
        2 => Just(Step::RotateBack),
        1 => Just(Step::Retire),
        1 => Just(Step::Forget),
        4 => Just(Step::Look),
        2 => Just(Step::LookForAMinute),
        2 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn tok_16_in_every_order_of_steps_every_token_stays_good(
        has_gone_over in any::<bool>(),
        steps in prop::collection::vec((step(), 0_usize..2), 1..24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut pair = Pair::start().await;
            // Half of the time it begins where both sign with the new key.
            // The first try to rotate is what the others hear of the key by.
            let before = [Step::Bring, Step::Rotate, Step::LookForAMinute, Step::Rotate, Step::Look];
            let before = before.into_iter().flat_map(|step| [(step, 0), (step, 1)]);
            for (step, number) in before.filter(|_| has_gone_over).chain(steps) {
                pair.take(step, number).await;
                pair.check(step);
            }
            pair.all_start().await;
        });
    }
}
