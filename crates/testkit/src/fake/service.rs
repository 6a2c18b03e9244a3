//! The use cases on fakes, wired as the server wires them on the real thing.

use std::sync::Arc;

use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts, NewAccount};
use doorward_domain::audit::{AuditPorts, AuditTrail};
use doorward_domain::sessions::{Caller, Login, SessionPorts, SessionRules, Sessions};
use doorward_domain::throttle::Guard;
use doorward_domain::user::{PasswordRules, User};
use doorward_domain::{Copies, Origin, Passwords};

use super::{CountingIds, FewCommonPasswords, ManualClock, MemoryStore, PlainPasswords, ReadableTokens};
use crate::sample;

/// A whole service in memory, with every fake at hand.
pub struct Service {
    /// The use cases of accounts.
    pub accounts: Arc<Accounts>,
    /// The use cases of sessions.
    pub sessions: Arc<Sessions>,
    /// The use cases of the audit log, which is kept for ever.
    pub audit: Arc<AuditTrail>,
    /// What both keep things in.
    pub store: Arc<MemoryStore>,
    /// What both take the time from.
    pub clock: Arc<ManualClock>,
    /// What both take identifiers from.
    pub ids: Arc<CountingIds>,
    rules: (AccountRules, SessionRules),
    parts: Parts,
}

/// What the ports of the use cases are made of.
#[derive(Clone)]
struct Parts {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    ids: Arc<CountingIds>,
    copies: Copies,
    guard: Guard,
}

impl Default for Service {
    fn default() -> Self {
        Self::new(AccountRules::default(), SessionRules::default())
    }
}

impl Service {
    /// An empty service with these rules, which keeps no copies and stops nobody.
    pub fn new(account_rules: AccountRules, session_rules: SessionRules) -> Self {
        let (store, clock, ids) = <(Arc<MemoryStore>, Arc<ManualClock>, Arc<CountingIds>)>::default();
        let parts = Parts { store, clock, ids, copies: Copies::none(), guard: Guard::off() };
        Self::node((account_rules, session_rules), parts)
    }

    /// Another node of the same service, with these copies beside the store.
    #[must_use]
    pub fn with_copies(&self, copies: Copies) -> Self {
        Self::node(self.rules, Parts { copies, ..self.parts.clone() })
    }

    /// Another node of the same service, with this guard.
    #[must_use]
    pub fn with_guard(&self, guard: Guard) -> Self {
        Self::node(self.rules, Parts { guard, ..self.parts.clone() })
    }

    fn node(rules: (AccountRules, SessionRules), parts: Parts) -> Self {
        Self {
            accounts: Arc::new(Accounts::new(parts.account_ports(), rules.0)),
            sessions: Arc::new(Sessions::new(parts.session_ports(), rules.1)),
            audit: Arc::new(AuditTrail::new(
                AuditPorts { log: parts.store.clone(), clock: parts.clock.clone() },
                None,
            )),
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            ids: parts.ids.clone(),
            rules,
            parts,
        }
    }

    /// The ports that the accounts use, for a test that replaces one of them.
    pub fn account_ports(&self) -> AccountPorts {
        self.parts.account_ports()
    }

    /// The ports that the sessions use, for a test that replaces one of them.
    pub fn session_ports(&self) -> SessionPorts {
        self.parts.session_ports()
    }

    /// Opens a member's account with [`sample::PASSWORD`].
    pub async fn member(&self, address: &str) -> User {
        self.accounts.register(new_account(address)).await.unwrap()
    }

    /// Opens an admin's account with [`sample::PASSWORD`].
    pub async fn admin(&self, address: &str) -> User {
        self.accounts.open_admin(new_account(address)).await.unwrap()
    }

    /// Logs somebody in who has [`sample::PASSWORD`].
    pub async fn login(&self, address: &str) -> Login {
        let password = sample::password(sample::PASSWORD);
        self.sessions.login(address, &password, Origin::default()).await.unwrap()
    }

    /// Whoever the tokens were given to, as a request of theirs is seen.
    pub async fn caller(&self, login: &Login) -> Caller {
        self.sessions.authenticate(&login.tokens.access, Origin::default()).await.unwrap()
    }

    /// An account that has [`sample::PASSWORD`], as a request of a new session of it is seen.
    pub async fn signed_in(&self, user: &User) -> Caller {
        let login = self.login(user.username.as_str()).await;
        self.caller(&login).await
    }
}

impl Parts {
    fn account_ports(&self) -> AccountPorts {
        let Self { store, clock, ids, copies, guard } = self.clone();
        let (users, audit) = (store.clone(), store.clone());
        AccountPorts { users, sessions: store, copies, audit, guard, passwords: passwords(), clock, ids }
    }

    fn session_ports(&self) -> SessionPorts {
        let Self { store, clock, ids, copies, guard } = self.clone();
        SessionPorts {
            users: store.clone(),
            audit: store.clone(),
            sessions: store,
            copies,
            guard,
            passwords: passwords(),
            tokens: Arc::new(ReadableTokens),
            clock,
            ids,
        }
    }
}

fn new_account(address: &str) -> NewAccount {
    NewAccount::new(sample::email(address), sample::password(sample::PASSWORD))
}

fn passwords() -> Passwords {
    Passwords::new(Arc::new(PlainPasswords), Arc::new(FewCommonPasswords), PasswordRules::default())
}
