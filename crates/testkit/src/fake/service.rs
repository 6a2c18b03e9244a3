//! The use cases on fakes, wired as the server wires them on the real thing.

use std::sync::Arc;

use doorward_domain::Passwords;
use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts, NewAccount};
use doorward_domain::sessions::{Caller, Login, SessionPorts, SessionRules, Sessions};
use doorward_domain::token::Device;
use doorward_domain::user::{PasswordRules, User};

use super::{CountingIds, FewCommonPasswords, ManualClock, MemoryStore, PlainPasswords, ReadableTokens};
use crate::sample;

/// A whole service in memory, with every fake at hand.
pub struct Service {
    /// The use cases of accounts.
    pub accounts: Arc<Accounts>,
    /// The use cases of sessions.
    pub sessions: Arc<Sessions>,
    /// What both keep things in.
    pub store: Arc<MemoryStore>,
    /// What both take the time from.
    pub clock: Arc<ManualClock>,
    /// What both take identifiers from.
    pub ids: Arc<CountingIds>,
}

impl Default for Service {
    fn default() -> Self {
        Self::new(AccountRules::default(), SessionRules::default())
    }
}

impl Service {
    /// An empty service with these rules.
    pub fn new(account_rules: AccountRules, session_rules: SessionRules) -> Self {
        let (store, clock, ids) = <(Arc<MemoryStore>, Arc<ManualClock>, Arc<CountingIds>)>::default();
        let accounts = Accounts::new(account_ports(&store, &clock, &ids), account_rules);
        let sessions = Sessions::new(session_ports(&store, &clock, &ids), session_rules);
        Self { accounts: Arc::new(accounts), sessions: Arc::new(sessions), store, clock, ids }
    }

    /// The ports that the accounts use, for a test that replaces one of them.
    pub fn account_ports(&self) -> AccountPorts {
        account_ports(&self.store, &self.clock, &self.ids)
    }

    /// The ports that the sessions use, for a test that replaces one of them.
    pub fn session_ports(&self) -> SessionPorts {
        session_ports(&self.store, &self.clock, &self.ids)
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
        self.sessions.login(address, &password, Device::default()).await.unwrap()
    }

    /// Whoever the tokens were given to, as a request of theirs is seen.
    pub async fn caller(&self, login: &Login) -> Caller {
        self.sessions.authenticate(&login.tokens.access).await.unwrap()
    }
}

fn new_account(address: &str) -> NewAccount {
    NewAccount::new(sample::email(address), sample::password(sample::PASSWORD))
}

fn account_ports(store: &Arc<MemoryStore>, clock: &Arc<ManualClock>, ids: &Arc<CountingIds>) -> AccountPorts {
    AccountPorts { users: store.clone(), passwords: passwords(), clock: clock.clone(), ids: ids.clone() }
}

fn session_ports(store: &Arc<MemoryStore>, clock: &Arc<ManualClock>, ids: &Arc<CountingIds>) -> SessionPorts {
    SessionPorts {
        users: store.clone(),
        sessions: store.clone(),
        passwords: passwords(),
        tokens: Arc::new(ReadableTokens),
        clock: clock.clone(),
        ids: ids.clone(),
    }
}

fn passwords() -> Passwords {
    Passwords::new(Arc::new(PlainPasswords), Arc::new(FewCommonPasswords), PasswordRules::default())
}
