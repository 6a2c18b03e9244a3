//! What the contract is held against, and the few steps that most promises begin with.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use doorward_domain::port::{
    Archive, AuditLog, EpochRegistry, KeyRegistry, NewSession, Opened, Rotated, SessionRepository,
    UserIntake, UserRepository,
};
use doorward_domain::token::{End, Rotation, Session};
use doorward_domain::user::{User, UserId};

use crate::sample;

/// A place for accounts and their sessions, and for what goes with them.
pub trait Store:
    UserRepository + SessionRepository + AuditLog + KeyRegistry + EpochRegistry + Archive + UserIntake
{
}

impl<S: UserRepository + SessionRepository + AuditLog + KeyRegistry + EpochRegistry + Archive + UserIntake>
    Store for S
{
}

/// A store with nothing in it, and what must live as long as it does.
pub struct EmptyStore {
    store: Arc<dyn Store>,
    _kept: Box<dyn Any>,
}

impl EmptyStore {
    /// A store that needs nothing else.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::keeping(store, ())
    }

    /// A store that lasts only while `kept` does, such as its directory; `kept` is dropped after it.
    pub fn keeping(store: Arc<dyn Store>, kept: impl Any) -> Self {
        Self { store, _kept: Box::new(kept) }
    }

    /// The store.
    pub fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }
}

impl dyn Store + '_ {
    /// Adds an account that has every right to be there.
    pub(super) async fn add(&self, user: &User) {
        self.insert(user, &[]).await.unwrap();
    }

    /// Adds everybody.
    pub(super) async fn add_all<'a>(&self, users: impl IntoIterator<Item = &'a User>) {
        for user in users {
            self.add(user).await;
        }
    }

    /// An account that is there.
    pub(super) async fn stored(&self, id: UserId) -> User {
        self.find(id).await.unwrap().unwrap()
    }

    /// Opens a session that nothing stands against.
    pub(super) async fn log_in(&self, new: &NewSession) -> User {
        match self.open(new).await.unwrap() {
            Opened::Done(user) => *user,
            Opened::CredentialChanged => panic!("the credential has not changed"),
        }
    }

    /// Adds `user` and opens its session of the same number.
    pub(super) async fn add_and_log_in(&self, user: &User, number: u32) -> Session {
        self.add(user).await;
        let new = sample::login(user, number, sample::NOW);
        self.log_in(&new).await;
        new.session
    }

    /// Shows the session's token `presented` for the successor of this number.
    pub(super) async fn refresh(&self, session: &Session, number: u32, seconds: i64) -> Rotated {
        let now = sample::seconds_later(seconds);
        let successor = sample::successor(number);
        let rotated = self
            .rotate(session.id, session.refresh_id, successor, now, sample::LIMITS, &sample::reuse())
            .await;
        rotated.unwrap().unwrap()
    }

    /// Whether the session opens anything when it has just begun.
    pub(super) async fn is_live(&self, session: &Session) -> bool {
        self.find_live(session.id, session.created_at).await.unwrap().is_some()
    }

    /// How a session ended that is still remembered; `None` while it lives.
    pub(super) async fn end_of(&self, session: &Session) -> Option<End> {
        if self.is_live(session).await {
            return None;
        }
        // An ended session answers a refresh with how it stands, and changes no more.
        let rotated = self.refresh(session, u32::MAX, 0).await;
        assert_eq!(rotated.rotation, Rotation::Ended);
        rotated.session.ended
    }
}

/// The account as `change` makes it: its next version, a second later.
pub(super) fn changed(user: &User, change: impl FnOnce(&mut User)) -> User {
    let mut user = user.clone();
    user.version += 1;
    user.updated_at = user.updated_at.plus(Duration::from_secs(1));
    change(&mut user);
    user
}

/// The account with the spelling of its addresses, which equality does not see.
pub(super) fn spelled(user: &User) -> (User, String, String) {
    (user.clone(), user.username.as_str().to_owned(), user.email.as_str().to_owned())
}
