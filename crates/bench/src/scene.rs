//! A whole service in this process: the adapters of a default installation, and one member who is logged in.
//!
//! Beside the binary it has passwords at the lowest cost, no throttles, and nobody who reads its log or its metrics,
//! which is how metrics are unless they are asked for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_crypto::{
    BcryptPool, BcryptSettings, COSTS, ChaChaCursorSeal, CommonPasswordList, JwtSettings, JwtSigner, KeyRing,
    Pepper, RandomIds, SystemClock,
};
use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts, NewAccount};
use doorward_domain::audit::{AuditPorts, AuditTrail};
use doorward_domain::sessions::{SessionPorts, SessionRules, Sessions};
use doorward_domain::throttle::Guard;
use doorward_domain::token::TokenPair;
use doorward_domain::user::{Email, Password, PasswordRules};
use doorward_domain::{Copies, Origin, Passwords};
use doorward_http::Service;
use doorward_memory::{DocumentRoom, Lease, MemoryDocuments, MemoryRevocations, RevocationRoom};
use doorward_sqlite::{SqliteSettings, SqliteStore};
use tempfile::TempDir;

use crate::Trouble;

const USERNAME: &str = "ada@example.com";
const PASSWORD: &str = "correct horse batt";

/// Longer than anything is measured.
const ALL_THE_TIME: Duration = Duration::from_secs(24 * 60 * 60);

/// What answers who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// Copies in this process, once the store was asked.
    Copies,
    /// The store, each time.
    Store,
}

/// A service and somebody who uses it.
pub struct Scene {
    /// What is served.
    pub service: Service,
    /// Of the member's session.
    pub tokens: TokenPair,
    _directory: TempDir,
}

/// What the use cases of accounts and of sessions have in common.
struct Parts {
    store: Arc<SqliteStore>,
    copies: Copies,
    passwords: Passwords,
}

impl Scene {
    /// Opens an empty store, an account in it, and a session of that.
    pub async fn open(answering: Answering) -> Result<Self, Trouble> {
        let directory = tempfile::tempdir()?;
        let store = SqliteStore::open(&directory.path().join("doorward.db"), SqliteSettings::default())?;
        let copies = match answering {
            Answering::Copies => copies(),
            Answering::Store => Copies::none(),
        };
        let pepper = Pepper::from_bytes([7; 32]);
        let cursors = Arc::new(ChaChaCursorSeal::new(&pepper));
        let hashing = BcryptSettings { cost: *COSTS.start(), threads: 1, queue: 8 };
        let hasher = Arc::new(BcryptPool::start(hashing, pepper)?);
        let passwords = Passwords::new(hasher, Arc::new(CommonPasswordList), PasswordRules::default());
        let parts = Parts { store: Arc::new(store), copies, passwords };
        let service = parts.service(cursors);

        let password = Password::parse(PASSWORD)?;
        service.accounts.register(NewAccount::new(Email::parse(USERNAME)?, password.clone())).await?;
        let login = service.sessions.login(USERNAME, &password, Origin::default()).await?;
        Ok(Self { service, tokens: login.tokens, _directory: directory })
    }
}

impl Parts {
    fn service(&self, cursors: Arc<ChaChaCursorSeal>) -> Service {
        let tokens = Arc::new(JwtSigner::new(KeyRing::ephemeral(), JwtSettings::default()));
        let log = AuditPorts { log: self.store.clone(), clock: Arc::new(SystemClock) };
        Service {
            accounts: Arc::new(Accounts::new(self.account_ports(), AccountRules::default())),
            sessions: Arc::new(Sessions::new(self.session_ports(tokens.clone()), SessionRules::default())),
            audit: Arc::new(AuditTrail::new(log, None)),
            guard: Guard::off(),
            keys: tokens,
            cursors,
            ids: Arc::new(RandomIds),
            probes: vec![self.store.clone()],
            traces: None,
        }
    }

    fn account_ports(&self) -> AccountPorts {
        AccountPorts {
            users: self.store.clone(),
            sessions: self.store.clone(),
            copies: self.copies.clone(),
            audit: self.store.clone(),
            guard: Guard::off(),
            passwords: self.passwords.clone(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
        }
    }

    fn session_ports(&self, tokens: Arc<JwtSigner>) -> SessionPorts {
        SessionPorts {
            users: self.store.clone(),
            sessions: self.store.clone(),
            copies: self.copies.clone(),
            audit: self.store.clone(),
            guard: Guard::off(),
            passwords: self.passwords.clone(),
            tokens,
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
        }
    }
}

/// As for a file of our own that nobody else writes to, so that the lease is not renewed here.
fn copies() -> Copies {
    let lease = Arc::new(Lease::default());
    lease.renew(Instant::now() + ALL_THE_TIME);
    let revocations = MemoryRevocations::new(
        RevocationRoom::default(),
        JwtSettings::default().leeway,
        Arc::new(SystemClock),
        Arc::new(RandomIds),
    );
    Copies {
        revocations: Arc::new(revocations.leased(lease)),
        documents: Arc::new(MemoryDocuments::new(DocumentRoom::default())),
        ..Copies::none()
    }
}
