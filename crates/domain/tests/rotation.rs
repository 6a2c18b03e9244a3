//! The rule of rotation against a model that remembers every token: random walks of clients, thieves and time.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::collections::HashMap;
use std::time::Duration;

use doorward_domain::Timestamp;
use doorward_domain::token::{EndReason, Rotation, RotationLimits, Session, Successor, TokenId};
use doorward_testkit::sample;
use proptest::prelude::*;

/// Something that happens to a session.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The token so many before the current one is shown; one that never was when there are not as many.
    Show { back: usize },
    /// The last showing is carried out once more, as a store does that does not know whether it was written.
    Again,
    /// Time passes.
    Wait(Duration),
    /// Time passes until a limit is reached, or is a millisecond away.
    WaitFor { limit: Limit, almost: bool },
    /// The password is changed in this session.
    ChangePassword,
    /// The person logs out.
    Logout,
}

/// A moment from which on something is no longer allowed.
#[derive(Clone, Copy, Debug)]
enum Limit {
    Window,
    Idle,
    Lifetime,
}

fn event() -> impl Strategy<Value = Event> {
    let wait = prop_oneof![
        0..3_000_u64,
        9_990..=10_010_u64,
        (23 * 3_600_000..25 * 3_600_000_u64),
        (0..20 * 24 * 3_600_000_u64),
    ];
    let limit = prop_oneof![6 => Just(Limit::Window), 2 => Just(Limit::Idle), 1 => Just(Limit::Lifetime)];
    prop_oneof![
        12 => Just(Event::Show { back: 0 }),
        6 => Just(Event::Show { back: 1 }),
        2 => (2..6_usize).prop_map(|back| Event::Show { back }),
        2 => Just(Event::Again),
        9 => wait.prop_map(|millis| Event::Wait(Duration::from_millis(millis))),
        3 => (limit, any::<bool>()).prop_map(|(limit, almost)| Event::WaitFor { limit, almost }),
        1 => Just(Event::ChangePassword),
        1 => Just(Event::Logout),
    ]
}

fn limits() -> impl Strategy<Value = RotationLimits> {
    let window = prop_oneof![Just(0_u64), Just(10_000), 0..60_000_u64].prop_map(Duration::from_millis);
    let idle = prop::option::of((1..72_u64).prop_map(|hours| Duration::from_secs(hours * 3_600)));
    (window, idle).prop_map(|(replay_window, idle)| RotationLimits { replay_window, idle })
}

/// What the rule says, told by remembering everything.
struct Model {
    /// Every refresh token that was ever current, the current one last.
    issued: Vec<Issued>,
    ended: bool,
    expires_at: Timestamp,
    limits: RotationLimits,
}

struct Issued {
    token: TokenId,
    at: Timestamp,
    /// Whether the token before leads here within the window.
    by_rotation: bool,
}

impl Model {
    fn current(&self) -> &Issued {
        self.issued.last().unwrap()
    }

    /// Counted from the current token; one that never was when there are not as many.
    fn token(&self, back: usize) -> TokenId {
        let issued = self.issued.iter().rev().nth(back);
        issued.map_or(sample::successor(u32::MAX).refresh_id, |issued| issued.token)
    }

    /// When the limit is reached if nothing happens before.
    fn moment(&self, limit: Limit) -> Timestamp {
        let last = self.current().at;
        match limit {
            Limit::Window => last.plus(self.limits.replay_window),
            Limit::Idle => last.plus(self.limits.idle.unwrap_or_default()),
            Limit::Lifetime => self.expires_at,
        }
    }

    fn show(&mut self, presented: TokenId, successor: Successor, now: Timestamp) -> Rotation {
        let current = self.current();
        let idle_too_long = self.limits.idle.is_some_and(|idle| now >= current.at.plus(idle));
        if self.ended {
            Rotation::Ended
        } else if successor.refresh_id == current.token {
            Rotation::Rotated
        } else if now >= self.expires_at || idle_too_long {
            Rotation::Expired
        } else if presented == current.token {
            self.issued.push(Issued { token: successor.refresh_id, at: now, by_rotation: true });
            Rotation::Rotated
        } else if presented == self.token(1)
            && current.by_rotation
            && now < current.at.plus(self.limits.replay_window)
        {
            Rotation::Replayed
        } else {
            self.ended = true;
            Rotation::Reused
        }
    }
}

/// A session and its model, with all that has been seen of them.
struct Walk {
    session: Session,
    model: Model,
    now: Timestamp,
    made: u32,
    last: Option<(TokenId, Successor)>,
    /// Which successor each token was answered with.
    successors: HashMap<TokenId, TokenId>,
}

impl Walk {
    fn begin(limits: RotationLimits) -> Self {
        let session = sample::session(&sample::user(1), 1, sample::NOW);
        let first = Issued { token: session.refresh_id, at: sample::NOW, by_rotation: false };
        let model = Model { issued: vec![first], ended: false, expires_at: session.expires_at, limits };
        Self { session, model, now: sample::NOW, made: 0, last: None, successors: HashMap::new() }
    }

    fn next_successor(&mut self) -> Successor {
        self.made += 1;
        sample::successor(self.made)
    }

    fn take(&mut self, event: Event) -> Result<(), TestCaseError> {
        match event {
            Event::Wait(duration) => self.now = self.now.plus(duration),
            Event::WaitFor { limit, almost } => {
                let early = Duration::from_millis(almost.into());
                self.now = self.now.max(self.model.moment(limit).minus(early));
            }
            Event::Logout => {
                self.session.end(self.now, EndReason::Logout);
                self.model.ended = true;
            }
            Event::ChangePassword if self.session.is_live(self.now) => {
                let successor = self.next_successor();
                self.session.renew(successor, self.now);
                let token = successor.refresh_id;
                self.model.issued.push(Issued { token, at: self.now, by_rotation: false });
            }
            Event::ChangePassword => {}
            Event::Show { back } => {
                let successor = self.next_successor();
                self.show(self.model.token(back), successor)?;
            }
            Event::Again => {
                if let Some((presented, successor)) = self.last {
                    self.show(presented, successor)?;
                }
            }
        }
        self.check()
    }

    fn show(&mut self, presented: TokenId, successor: Successor) -> Result<(), TestCaseError> {
        let was_over = self.session.ended.is_some();
        let rotation = self.session.rotate(presented, successor, self.now, self.model.limits);
        prop_assert_eq!(rotation, self.model.show(presented, successor, self.now));
        self.last = Some((presented, successor));
        if matches!(rotation, Rotation::Rotated | Rotation::Replayed) {
            prop_assert!(!was_over, "an ended session gave tokens");
            let next = self.session.refresh_id;
            let first = *self.successors.entry(presented).or_insert(next);
            prop_assert_eq!(first, next, "one token led to two successors");
        }
        if rotation == Rotation::Reused {
            prop_assert_eq!(self.session.ended.map(|end| end.reason), Some(EndReason::Reuse));
        }
        Ok(())
    }

    /// What holds after every event.
    fn check(&self) -> Result<(), TestCaseError> {
        let Self { session, model, .. } = self;
        prop_assert_eq!(session.expires_at, model.expires_at, "the end of the session moved");
        prop_assert_eq!(session.refresh_id, model.current().token);
        prop_assert_eq!(session.ended.is_some(), model.ended);
        let generation = usize::try_from(session.generation).unwrap();
        prop_assert_eq!(generation, model.issued.len() - 1);
        let rotating = model.issued.iter().filter(|issued| self.would_be(issued.token) == Rotation::Rotated);
        prop_assert!(rotating.count() <= 1, "two tokens are current");
        for older in model.issued.iter().rev().skip(2) {
            let rotation = self.would_be(older.token);
            prop_assert!(
                matches!(rotation, Rotation::Reused | Rotation::Ended | Rotation::Expired),
                "a token older than the one before the current led to {:?}",
                rotation
            );
        }
        prop_assert!(session.access_claims(sample::LIFETIME).expires_at <= session.expires_at);
        Ok(())
    }

    /// What showing `token` now would lead to.
    fn would_be(&self, token: TokenId) -> Rotation {
        let successor = sample::successor(u32::MAX - 1);
        self.session.clone().rotate(token, successor, self.now, self.model.limits)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_session_follows_the_rule_whatever_happens_to_it(
        limits in limits(),
        events in prop::collection::vec(event(), 1..60),
    ) {
        let mut walk = Walk::begin(limits);
        for event in events {
            walk.take(event)?;
        }
    }
}

#[test]
fn a_token_shown_by_its_owner_and_by_a_thief_ends_the_session_for_both() {
    let mut session = sample::session(&sample::user(1), 1, sample::NOW);
    let stolen = session.refresh_id;
    let mut show = |presented, number, second| {
        session.rotate(presented, sample::successor(number), sample::seconds_later(second), sample::LIMITS)
    };
    assert_eq!(show(stolen, 1, 60), Rotation::Rotated);
    assert_eq!(show(stolen, 2, 120), Rotation::Reused);
    assert_eq!(show(sample::successor(1).refresh_id, 3, 121), Rotation::Ended);
}

#[test]
fn a_rotation_that_was_carried_out_unheard_ends_nothing_when_its_successor_is_spent_meanwhile() {
    let mut session = sample::session(&sample::user(1), 1, sample::NOW);
    let (first, ours, next) = (session.refresh_id, sample::successor(1), sample::successor(2));
    session.rotate(first, ours, sample::NOW, sample::LIMITS);
    // Whoever asked elsewhere with the same token got our successor, and spent it.
    session.rotate(ours.refresh_id, next, sample::seconds_later(1), sample::LIMITS);
    let before = session.clone();
    let again = session.rotate(first, ours, sample::seconds_later(1), sample::LIMITS);
    assert_eq!((again, session), (Rotation::Replayed, before));
}
