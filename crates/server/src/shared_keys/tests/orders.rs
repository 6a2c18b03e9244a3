//! Whatever is done where first: what any node has signed is good for every node that serves.

use std::sync::Arc;

use doorward_crypto::TokenAlgorithm;
use proptest::prelude::*;
use tempfile::TempDir;

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
    /// `doorward keys retire` for the first key.
    Retire,
    /// Two seconds pass, and both nodes look, this one first.
    Look,
    /// A minute passes likewise.
    LookForAMinute,
    /// The node is stopped, and started anew if it starts.
    Restart,
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
        let scene = Scene::of_many();
        let a = scene.first_node().await;
        let b = scene.node_like(&a).await;
        let first = a.signing();
        // What is brought to the nodes was made elsewhere.
        let elsewhere = Scene::of_many().first_node().await;
        let new = elsewhere.directory().generate(TokenAlgorithm::EdDsa).unwrap().kid().to_owned();
        let places = [a.place(), b.place()];
        let source = elsewhere.place();
        Self { scene, places, nodes: [Some(a), Some(b)], first, new, source, tokens: Vec::new() }
    }

    async fn take(&mut self, step: Step, number: usize) {
        let directory = doorward_crypto::KeyDirectory::at(self.places[number].path());
        match step {
            Step::Bring => {
                let name = format!("key-{}.pem", self.new);
                let there = directory.read().is_ok_and(|keys| keys.find(&self.new).is_some());
                if !there {
                    std::fs::copy(self.source.path().join(&name), self.places[number].path().join(&name))
                        .unwrap();
                }
            }
            // It may not be there.
            Step::LeadByHand => drop(directory.lead_with(&self.new)),
            Step::Rotate => {
                if let Some(node) = &self.nodes[number] {
                    // It may not be possible.
                    let _ = node.at_the_command_line(&self.scene).rotate(None, false).await;
                }
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

    async fn look(&mut self, first: usize) {
        self.scene.seconds_pass(2);
        for number in [first, 1 - first] {
            if let Some(node) = &mut self.nodes[number] {
                node.look().await;
            }
        }
    }

    /// Every node signs, and every node accepts whatever was signed.
    fn check(&mut self, step: Step) {
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

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Bring),
        2 => Just(Step::LeadByHand),
        2 => Just(Step::Rotate),
        1 => Just(Step::Retire),
        4 => Just(Step::Look),
        2 => Just(Step::LookForAMinute),
        2 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn tok_16_in_every_order_of_steps_every_token_stays_good(
        steps in prop::collection::vec((step(), 0_usize..2), 1..24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut pair = Pair::start().await;
            for (step, number) in steps {
                pair.take(step, number).await;
                pair.check(step);
            }
        });
    }
}
