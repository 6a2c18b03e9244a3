//! What people do with sessions.

mod authenticate;
mod change_password;
mod end;
mod identify;
mod list;
mod login;
mod refresh;
mod set_password;

pub use authenticate::{AuthenticateError, Caller};
pub use change_password::ChangePasswordError;
pub use end::EndError;
pub use login::LoginError;
pub use refresh::RefreshError;
pub use set_password::{PasswordSet, SetPasswordError};

use std::sync::Arc;
use std::time::Duration;

use crate::audit::AuditWriter;
use crate::port::{AuditLog, Clock, Ids, SessionRepository, SignError, TokenSigner, UserRepository};
use crate::store::Store;
use crate::throttle::Guard;
use crate::token::{RotationLimits, Session, Successor, TokenPair};
use crate::user::User;
use crate::{Copies, Passwords};

/// The ports that session use cases need.
pub struct SessionPorts {
    /// Where accounts are kept.
    pub users: Arc<dyn UserRepository>,
    /// Where sessions are kept.
    pub sessions: Arc<dyn SessionRepository>,
    /// What is kept beside both.
    pub copies: Copies,
    /// Where it is kept who did what.
    pub audit: Arc<dyn AuditLog>,
    /// How often somebody may try.
    pub guard: Guard,
    /// How passwords are accepted and compared.
    pub passwords: Passwords,
    /// How tokens are signed and read.
    pub tokens: Arc<dyn TokenSigner>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New identifiers.
    pub ids: Arc<dyn Ids>,
}

/// What an operator decides about sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRules {
    /// How long an access token lasts.
    pub access_lifetime: Duration,
    /// How long a session lasts, whatever the rotations.
    pub refresh_lifetime: Duration,
    /// What bounds a rotation.
    pub rotation: RotationLimits,
    /// Most live sessions an account; the oldest ends.
    pub max_live: usize,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self {
            access_lifetime: Duration::from_secs(15 * 60),
            refresh_lifetime: Duration::from_secs(30 * 24 * 60 * 60),
            rotation: RotationLimits { replay_window: Duration::from_secs(10), idle: None },
            max_live: 32,
        }
    }
}

/// Tokens just given out, and to whom.
#[derive(Clone, Debug)]
pub struct Login {
    /// The tokens.
    pub tokens: TokenPair,
    /// The account.
    pub user: User,
}

/// The use cases of sessions.
pub struct Sessions {
    store: Store,
    audit: AuditWriter,
    guard: Guard,
    passwords: Passwords,
    tokens: Arc<dyn TokenSigner>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    rules: SessionRules,
}

impl Sessions {
    /// Joins rules and ports.
    pub fn new(ports: SessionPorts, rules: SessionRules) -> Self {
        let SessionPorts { users, sessions, copies, audit, guard, passwords, tokens, clock, ids } = ports;
        let audit = AuditWriter::new(audit, ids.clone(), copies.tasks.clone());
        let store = Store::new(users, sessions, copies);
        Self { store, audit, guard, passwords, tokens, clock, ids, rules }
    }

    fn successor(&self) -> Successor {
        Successor { refresh_id: self.ids.token(), access_id: self.ids.token() }
    }

    /// The session's current pair. Signing the same claims again gives the same text.
    fn sign_pair(&self, session: &Session, user: &User) -> Result<TokenPair, SignError> {
        let access = session.access_claims(self.rules.access_lifetime);
        let refresh = session.refresh_claims();
        Ok(TokenPair {
            access: self.tokens.sign(&access, user)?,
            refresh: self.tokens.sign(&refresh, user)?,
            issued_at: access.issued_at,
            access_expires_at: access.expires_at,
            refresh_expires_at: refresh.expires_at,
        })
    }
}
