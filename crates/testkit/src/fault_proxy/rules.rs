//! The rules of a proxy, and how often each was followed.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::moment::Occasion;
use super::{Action, Rule};

/// Rules in the order in which they were added. Each counts every moment of its own; the first that is due is followed.
#[derive(Debug, Default)]
pub(super) struct Rules(Mutex<Vec<Arc<InForce>>>);

#[derive(Debug)]
struct InForce {
    rule: Mutex<Rule>,
    followed: watch::Sender<usize>,
}

impl Rules {
    pub(super) fn add(self: &Arc<Self>, rule: Rule) -> RuleHandle {
        let in_force = Arc::new(InForce { rule: Mutex::new(rule), followed: watch::Sender::new(0) });
        self.0.lock().push(in_force.clone());
        RuleHandle { rules: self.clone(), in_force }
    }

    pub(super) fn clear(&self) {
        self.0.lock().clear();
    }

    /// What is to be done now.
    pub(super) fn due(&self, occasion: &Occasion<'_>) -> Option<Due> {
        let mut due = None;
        for in_force in self.0.lock().iter() {
            let mut rule = in_force.rule.lock();
            if rule.moment.is(occasion) && rule.is_due() && due.is_none() {
                rule.take();
                due = Some(Due { action: rule.action.clone(), in_force: in_force.clone() });
            }
        }
        due
    }
}

/// An action that is to be done.
pub(super) struct Due {
    pub(super) action: Action,
    in_force: Arc<InForce>,
}

impl Due {
    /// The action is being done.
    pub(super) fn done(&self) {
        self.in_force.followed.send_modify(|followed| *followed += 1);
    }

    /// There is no occasion for it after all.
    pub(super) fn give_back(self) {
        self.in_force.rule.lock().give_back();
    }
}

/// A rule that a proxy follows. Dropping this changes nothing.
#[derive(Debug, Clone)]
pub struct RuleHandle {
    rules: Arc<Rules>,
    in_force: Arc<InForce>,
}

impl RuleHandle {
    /// How often the rule was followed. With [`carried_out`](super::Action::carried_out) that is counted when the
    /// server has answered.
    pub fn followed(&self) -> usize {
        *self.in_force.followed.borrow()
    }

    /// Waits until the rule was followed so many times.
    pub async fn until_followed(&self, times: usize) {
        let mut followed = self.in_force.followed.subscribe();
        followed.wait_for(|followed| *followed >= times).await.unwrap();
    }

    /// Takes the rule away. What it has begun goes on.
    pub fn remove(&self) {
        self.rules.0.lock().retain(|in_force| !Arc::ptr_eq(in_force, &self.in_force));
    }
}
