//! Whatever is forgotten, and whenever: what the copies say is what the store has.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Timestamp;
use doorward_domain::port::{Clock as _, Revocations, Revoked, Stamp, Standing, UserDocuments};
use doorward_domain::token::Claims;
use doorward_domain::user::{User, UserDocument};
use doorward_memory::{DocumentRoom, MemoryDocuments, MemoryRevocations, RevocationRoom};
use doorward_testkit::fake::{CountingIds, ManualClock};
use doorward_testkit::sample;
use proptest::prelude::*;

const PEOPLE: u32 = 5;

/// A part of what a node does; several nodes' parts come in any order.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Asks what is known of a person's session, and the store.
    Read { person: u32, second: bool },
    /// Keeps what the store answered then.
    Keep { person: u32, second: bool },
    /// The store changes the account.
    Change { person: u32 },
    /// The store ends a session.
    End { person: u32, second: bool },
    /// The copies are told of everything that has changed.
    Tell { person: u32 },
    /// Time passes.
    Wait { minutes: u64 },
    /// Somebody sets the clock, ahead or back.
    Set { minutes: i64 },
    /// Somebody shows a token.
    Look { person: u32, second: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let session = || (0..PEOPLE, any::<bool>());
    prop_oneof![
        4 => session().prop_map(|(person, second)| Step::Read { person, second }),
        4 => session().prop_map(|(person, second)| Step::Keep { person, second }),
        1 => (0..PEOPLE).prop_map(|person| Step::Change { person }),
        1 => session().prop_map(|(person, second)| Step::End { person, second }),
        2 => (0..PEOPLE).prop_map(|person| Step::Tell { person }),
        1 => (0..4_u64).prop_map(|minutes| Step::Wait { minutes }),
        1 => (-30..30_i64).prop_map(|minutes| Step::Set { minutes }),
        6 => session().prop_map(|(person, second)| Step::Look { person, second }),
    ]
}

fn token(person: u32, second: bool) -> Claims {
    let number = person * 2 + u32::from(second);
    sample::session(&sample::user(person), number, sample::NOW).access_claims(Duration::from_secs(600))
}

/// The store as it is, and what was read of it.
#[derive(Default)]
struct Model {
    versions: HashMap<u32, i64>,
    ended: HashMap<(u32, bool), bool>,
    untold: HashMap<u32, Vec<Revoked>>,
    read: HashMap<(u32, bool), (Stamp, i64)>,
    /// Answers that came from the copies.
    served: usize,
}

impl Model {
    fn version(&mut self, person: u32) -> &mut i64 {
        self.versions.entry(person).or_insert(1)
    }
}

struct Copies {
    clock: Arc<ManualClock>,
    revocations: MemoryRevocations,
    documents: MemoryDocuments,
}

impl Copies {
    fn new(revocations: RevocationRoom, documents: DocumentRoom) -> Self {
        let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(CountingIds::default()));
        Self {
            revocations: MemoryRevocations::new(revocations, Duration::ZERO, clock.clone(), ids),
            documents: MemoryDocuments::new(documents),
            clock,
        }
    }

    async fn take(&self, model: &mut Model, step: Step) {
        match step {
            Step::Read { person, second } => {
                let standing = self.revocations.find(&token(person, second)).await;
                let (Standing::Live(stamp) | Standing::Unknown(Some(stamp))) = standing else { return };
                if !model.ended.contains_key(&(person, second)) {
                    let version = *model.version(person);
                    model.read.insert((person, second), (stamp, version));
                }
            }
            Step::Keep { person, second } => {
                let Some((stamp, version)) = model.read.remove(&(person, second)) else { return };
                let document = UserDocument::from(User { version, ..sample::user(person) });
                self.documents.keep(&Arc::new(document.into()), stamp).await;
                self.revocations.confirm(&token(person, second), stamp).await;
            }
            Step::Change { person } => {
                *model.version(person) += 1;
                model.untold.entry(person).or_default();
            }
            Step::End { person, second } => {
                model.ended.insert((person, second), true);
                let Claims { session, expires_at, .. } = token(person, second);
                let revoked = Revoked { id: session.uuid(), until: expires_at };
                model.untold.entry(person).or_default().push(revoked);
            }
            Step::Tell { person } => {
                let Some(revoked) = model.untold.remove(&person) else { return };
                self.revocations.changed(sample::user_id(person), &revoked).await.unwrap();
            }
            Step::Wait { minutes } => self.clock.advance(Duration::from_secs(60 * minutes)),
            Step::Set { minutes } => {
                let now = self.clock.now().millis() + minutes * 60_000;
                self.clock.set(Timestamp::from_millis(now));
            }
            Step::Look { person, second } => self.look(model, person, second).await,
        }
    }

    /// Where the copies were told of everything, what they know is right.
    async fn look(&self, model: &mut Model, person: u32, second: bool) {
        let is_told = !model.untold.contains_key(&person);
        let has_ended = model.ended.contains_key(&(person, second));
        match self.revocations.find(&token(person, second)).await {
            Standing::Revoked => assert!(has_ended),
            Standing::Live(stamp) => {
                assert!(!has_ended || !is_told);
                if let Some(document) = self.documents.find(sample::user_id(person), stamp).await {
                    assert!(document.version == *model.version(person) || !is_told);
                    model.served += 1;
                }
            }
            Standing::Unknown(stamp) => assert!(stamp.is_some()),
        }
    }
}

fn run(copies: &Copies, steps: &[Step]) -> Model {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut model = Model::default();
        for step in steps {
            copies.take(&mut model, *step).await;
        }
        model
    })
}

proptest! {
    /// With room for almost nothing, so that whatever can be forgotten is.
    #[test]
    fn what_is_forgotten_makes_nothing_wrong(
        steps in prop::collection::vec(step(), 1..500),
        accounts in 1..20_usize,
        sessions in 1..40_usize,
        revoked in 1..20_usize,
        documents in 1..20_usize,
    ) {
        let room = RevocationRoom { accounts, sessions, revoked };
        run(&Copies::new(room, DocumentRoom { bytes: documents * 1_024 }), &steps);
    }

    #[test]
    fn with_room_for_everything_nothing_is_wrong_either(steps in prop::collection::vec(step(), 1..500)) {
        run(&Copies::new(RevocationRoom::default(), DocumentRoom::default()), &steps);
    }
}

#[test]
fn in_the_runs_above_copies_do_answer() {
    let about_one = |person| {
        let steps = [
            Step::Look { person, second: false },
            Step::Read { person, second: false },
            Step::Keep { person, second: false },
            Step::Look { person, second: false },
            Step::Change { person },
            Step::Tell { person },
            Step::Look { person, second: false },
        ];
        run(&Copies::new(RevocationRoom::default(), DocumentRoom::default()), &steps).served
    };
    assert_eq!((0..PEOPLE).map(about_one).sum::<usize>(), 5);
}
