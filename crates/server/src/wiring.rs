//! Which adapter answers which port: the only place that knows all of them.

use std::io;
use std::sync::Arc;

use doorward_crypto::{
    BcryptPool, BcryptSettings, ChaChaCursorSeal, CommonPasswordList, HmacPseudonyms, JwtSettings, JwtSigner,
    KeyDirectory, KeyRing, RandomIds, SystemClock,
};
use doorward_domain::accounts::{AccountImport, AccountPorts, AccountRules, Accounts, ImportPorts};
use doorward_domain::audit::{AuditPorts, AuditTrail};
use doorward_domain::sessions::{SessionPorts, SessionRules, Sessions};
use doorward_domain::throttle::{Guard, Limits};
use doorward_domain::token::RotationLimits;
use doorward_domain::user::PasswordRules;
use doorward_domain::{Copies, Passwords};
use doorward_http::{HttpSettings, RequestTraces, Service};

use crate::copies::{Beside, CopiesUnusable};
use crate::data_dir::{self, DataDirError};
use crate::ownership::{NotOwned, Ownership};
use crate::settings::Settings;
use crate::shared_keys::{KeeperParts, KeptKeys, KeyKeeper, KeysUnusable, Rules, SharedKeys};
use crate::store::{Opening, Store, StoreUnusable};

/// Why the parts cannot be put together.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WiringError {
    /// The data directory is not used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// There is no store to work with.
    #[error(transparent)]
    Store(#[from] StoreUnusable),
    /// Somebody else serves the database.
    #[error(transparent)]
    NotOwned(#[from] NotOwned),
    /// There is nothing to keep copies in.
    #[error(transparent)]
    Copies(#[from] CopiesUnusable),
    /// The pepper or the signing keys are not to be had, or are not those of the service.
    #[error(transparent)]
    Keys(#[from] KeysUnusable),
    /// The threads that hash passwords do not start.
    #[error("the threads that hash passwords cannot be started")]
    Hashing(#[source] io::Error),
}

impl WiringError {
    /// Whether trying later may help.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Store(error) => error.is_temporary(),
            Self::Keys(error) => error.is_temporary(),
            Self::NotOwned(error) => matches!(error, NotOwned::Taken(_)),
            Self::DataDir(_) | Self::Copies(_) | Self::Hashing(_) => false,
        }
    }
}

/// Everything that is served, and what it is served from.
pub(crate) struct Wired {
    /// What is served.
    pub(crate) service: Service,
    /// To be closed at the end.
    pub(crate) store: Arc<Store>,
    /// Its queue is watched.
    pub(crate) hasher: Arc<BcryptPool>,
    /// To be kept until then.
    pub(crate) beside: Beside,
    /// Likewise.
    pub(crate) keys: KeptKeys,
    /// Likewise, and longer.
    pub(crate) _ownership: Option<Ownership>,
}

/// Everything that is served.
pub(crate) async fn service(
    settings: &Settings,
    traces: Option<Arc<dyn RequestTraces>>,
) -> Result<Wired, WiringError> {
    // Before anything in the database is changed.
    if settings.uses_data_dir() {
        data_dir::prepare(&settings.data_dir)?;
    }
    let ownership = Ownership::of(settings)?;
    let Foundation { store, hasher, passwords, ring, cursors, pseudonyms, .. } =
        Foundation::lay(settings).await?;
    let beside = Beside::open(settings, &store).await?;
    let guard = Guard::new(beside.throttle.clone(), Arc::new(pseudonyms), limits(settings));
    let copies = beside.copies.clone();
    let tokens = Arc::new(JwtSigner::new(ring.clone(), jwt_settings(settings)));
    let keys = keep_keys(settings, &store, &tokens, ring).await?;
    let sessions =
        sessions_in(&store, copies.clone(), guard.clone(), passwords.clone(), tokens.clone(), settings);
    let service = Service {
        accounts: Arc::new(accounts_in(&store, copies, guard.clone(), passwords, settings)),
        sessions: Arc::new(sessions),
        audit: Arc::new(audit_trail(&store, settings)),
        guard,
        keys: tokens.clone(),
        cursors,
        ids: Arc::new(RandomIds),
        probes: [Some(store.probe.clone()), beside.probe.clone(), Some(tokens)]
            .into_iter()
            .flatten()
            .collect(),
        traces,
    };
    Ok(Wired { service, store: Arc::new(store), hasher, beside, keys, _ownership: ownership })
}

/// Has the signer follow what is in its directory. The other nodes learn what signs here before anything is signed.
async fn keep_keys(
    settings: &Settings,
    store: &Store,
    signer: &Arc<JwtSigner>,
    ring: Arc<KeyRing>,
) -> Result<KeptKeys, KeysUnusable> {
    let parts = KeeperParts {
        directory: KeyDirectory::at(settings.keys_path()),
        registry: store.keys.clone(),
        signer: signer.clone(),
        clock: Arc::new(SystemClock),
        rules: Rules::of(settings),
    };
    let mut keeper = KeyKeeper::new(parts, ring);
    keeper.look().await?;
    Ok(keeper.keep())
}

/// The use cases of accounts alone, for the command line, and their store. They open accounts, which nobody has a copy
/// of yet.
pub(crate) async fn accounts(settings: &Settings) -> Result<(Accounts, Store), WiringError> {
    let Foundation { store, passwords, .. } = Foundation::lay(settings).await?;
    Ok((accounts_in(&store, Copies::none(), Guard::off(), passwords, settings), store))
}

/// What an operator does with accounts and sessions at the command line.
pub(crate) struct Operating {
    /// The use cases of accounts.
    pub(crate) accounts: Accounts,
    /// Those of sessions.
    pub(crate) sessions: Sessions,
    /// Their store, to be closed at the end.
    pub(crate) store: Store,
    /// To be waited for before that.
    pub(crate) beside: Beside,
}

impl Operating {
    /// After what was begun is told to everybody.
    pub(crate) async fn finish(self, settings: &Settings) {
        self.beside.tasks.finish(settings.shutdown_timeout).await;
        drop(self.beside);
        self.store.close();
    }
}

/// The use cases of accounts and sessions, for an operator who changes them beside running services.
pub(crate) async fn operating(settings: &Settings) -> Result<Operating, WiringError> {
    let Foundation { store, passwords, ring, .. } = Foundation::lay(settings).await?;
    let beside = Beside::of_command(settings, &store).await?;
    let copies = beside.copies.clone();
    let tokens = Arc::new(JwtSigner::new(ring, jwt_settings(settings)));
    let sessions = sessions_in(&store, copies.clone(), Guard::off(), passwords.clone(), tokens, settings);
    let accounts = accounts_in(&store, copies, Guard::off(), passwords, settings);
    Ok(Operating { accounts, sessions, store, beside })
}

/// What takes accounts in, its store, and the fingerprint of the pepper that their hashes must have been made with.
pub(crate) async fn account_import(
    settings: &Settings,
) -> Result<(AccountImport, Store, String), WiringError> {
    let opening = Opening::in_bulk(settings);
    let Foundation { store, passwords, pepper, .. } = Foundation::lay_in(settings, opening).await?;
    let users = store.intake.clone();
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(RandomIds));
    Ok((AccountImport::new(ImportPorts { users, passwords, clock, ids }), store, pepper))
}

/// What every command needs: the store, and passwords and tokens that mean the same to all of them.
struct Foundation {
    store: Store,
    hasher: Arc<BcryptPool>,
    passwords: Passwords,
    ring: Arc<KeyRing>,
    cursors: Arc<ChaChaCursorSeal>,
    pseudonyms: HmacPseudonyms,
    /// The fingerprint of the pepper.
    pepper: String,
}

impl Foundation {
    async fn lay(settings: &Settings) -> Result<Self, WiringError> {
        Self::lay_in(settings, Opening::usual(settings)).await
    }

    async fn lay_in(settings: &Settings, opening: Opening) -> Result<Self, WiringError> {
        if settings.uses_data_dir() {
            data_dir::prepare(&settings.data_dir)?;
        }
        let store = Store::open_whole(settings, opening).await?;
        let SharedKeys { pepper, ring } = SharedKeys::of_service(settings, &store).await?;
        let cursors = ChaChaCursorSeal::new(&pepper);
        let pseudonyms = HmacPseudonyms::new(&pepper);
        let fingerprint = pepper.fingerprint();
        let hasher = BcryptPool::start(bcrypt_settings(settings), pepper).map_err(WiringError::Hashing)?;
        let rules = password_rules(settings);
        let hasher = Arc::new(hasher);
        Ok(Self {
            store,
            hasher: hasher.clone(),
            passwords: Passwords::new(hasher, Arc::new(CommonPasswordList), rules),
            ring,
            cursors: Arc::new(cursors),
            pseudonyms,
            pepper: fingerprint,
        })
    }
}

fn sessions_in(
    store: &Store,
    copies: Copies,
    guard: Guard,
    passwords: Passwords,
    tokens: Arc<JwtSigner>,
    settings: &Settings,
) -> Sessions {
    let ports = SessionPorts {
        users: store.users.clone(),
        sessions: store.sessions.clone(),
        copies,
        audit: store.audit.clone(),
        guard,
        passwords,
        tokens,
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
    };
    Sessions::new(ports, session_rules(settings))
}

fn accounts_in(
    store: &Store,
    copies: Copies,
    guard: Guard,
    passwords: Passwords,
    settings: &Settings,
) -> Accounts {
    let ports = AccountPorts {
        users: store.users.clone(),
        sessions: store.sessions.clone(),
        copies,
        audit: store.audit.clone(),
        guard,
        passwords,
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
    };
    Accounts::new(ports, account_rules(settings))
}

/// The use cases of the audit log.
pub(crate) fn audit_trail(store: &Store, settings: &Settings) -> AuditTrail {
    let ports = AuditPorts { log: store.audit.clone(), clock: Arc::new(SystemClock) };
    AuditTrail::new(ports, (!settings.audit_retention.is_zero()).then_some(settings.audit_retention))
}

fn account_rules(settings: &Settings) -> AccountRules {
    AccountRules {
        registration_open: settings.registration,
        directory: settings.directory,
        active_window: settings.active_window,
    }
}

fn password_rules(settings: &Settings) -> PasswordRules {
    PasswordRules { min: settings.password_min, max: settings.password_max }
}

fn session_rules(settings: &Settings) -> SessionRules {
    SessionRules {
        access_lifetime: settings.access_ttl,
        refresh_lifetime: settings.refresh_ttl,
        rotation: RotationLimits {
            replay_window: settings.replay_window,
            idle: (!settings.idle_ttl.is_zero()).then_some(settings.idle_ttl),
        },
        max_live: settings.max_sessions,
    }
}

fn limits(settings: &Settings) -> Limits {
    Limits {
        login_network: settings.throttle_login_network.clone(),
        login_guess: settings.throttle_login_guesses.clone(),
        login_account: settings.throttle_login_account.clone(),
        registration: settings.throttle_registration.clone(),
        refresh: settings.throttle_refresh.clone(),
        changes: settings.throttle_changes.clone(),
    }
}

fn bcrypt_settings(settings: &Settings) -> BcryptSettings {
    BcryptSettings {
        cost: settings.bcrypt_cost,
        threads: settings.hash_thread_count(),
        queue: settings.hash_queue,
    }
}

fn jwt_settings(settings: &Settings) -> JwtSettings {
    JwtSettings {
        issuer: settings.issuer.clone(),
        audience: settings.audience.clone(),
        leeway: settings.leeway,
        ..JwtSettings::default()
    }
}

/// What the HTTP server is told.
pub(crate) fn http_settings(settings: &Settings) -> HttpSettings {
    HttpSettings {
        workers: settings.worker_count(),
        body_limit: settings.body_limit,
        head_limit: settings.head_limit,
        url_limit: settings.url_limit,
        head_timeout: settings.head_timeout,
        body_timeout: settings.body_timeout,
        keep_alive: settings.keep_alive,
        write_timeout: settings.write_timeout,
        shutdown_delay: settings.shutdown_delay,
        shutdown_timeout: settings.shutdown_timeout,
        max_connections: settings.max_connections,
        trusted_proxies: settings.trusted_proxies.clone(),
        cors_origins: settings.cors_origins.clone(),
        hsts_max_age: settings.hsts_max_age,
        docs: settings.docs,
        log_requests: u32::try_from(settings.log_requests).unwrap_or(u32::MAX),
        log_addresses: settings.log_addresses,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_settings_are_the_defaults_of_every_part() {
        let settings = Settings::default();
        assert_eq!(account_rules(&settings), AccountRules::default());
        assert_eq!(password_rules(&settings), PasswordRules::default());
        assert_eq!(session_rules(&settings), SessionRules::default());
        assert_eq!(limits(&settings), Limits::default());
        assert_eq!(jwt_settings(&settings), JwtSettings::default());
        // As many workers as the machine has cores.
        let workers = settings.worker_count();
        assert_eq!(http_settings(&settings), HttpSettings { workers, ..HttpSettings::default() });
    }
}
