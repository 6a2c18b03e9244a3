//! Which adapter answers which port: the only place that knows all of them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorward_crypto::{
    BcryptPool, BcryptSettings, ChaChaCursorSeal, CommonPasswordList, JwtSettings, JwtSigner, KeyFileError,
    KeyRing, Pepper, RandomIds, SystemClock,
};
use doorward_domain::Passwords;
use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts};
use doorward_domain::sessions::{SessionPorts, SessionRules, Sessions};
use doorward_domain::token::RotationLimits;
use doorward_domain::user::PasswordRules;
use doorward_http::{HttpSettings, Service};
use doorward_sqlite::{OpenError, SqliteSettings, SqliteStore};

use crate::data_dir::{self, DataDirError};
use crate::settings::Settings;

/// Why the parts cannot be put together.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WiringError {
    /// The data directory is not used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The database does not open.
    #[error("the database {} cannot be opened", .0.display())]
    Store(PathBuf, #[source] OpenError),
    /// The database was made with a pepper that is not there.
    #[error(
        "the database {} is there, but not the pepper of its passwords, {}; bring it back, or remove the database too",
        database.display(),
        pepper.display()
    )]
    PepperLost {
        /// The database.
        database: PathBuf,
        /// Where the pepper should be.
        pepper: PathBuf,
    },
    /// The pepper or a signing key is not to be had.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The threads that hash passwords do not start.
    #[error("the threads that hash passwords cannot be started")]
    Hashing(#[source] io::Error),
}

/// Everything that is served.
pub(crate) fn service(settings: &Settings) -> Result<Service, WiringError> {
    let Foundation { store, passwords, cursors } = Foundation::lay(settings)?;
    let keys = KeyRing::load_or_create(&settings.keys_path())?;
    let tokens = Arc::new(JwtSigner::new(keys, jwt_settings(settings)));
    let sessions = Sessions::new(
        SessionPorts {
            users: store.clone(),
            sessions: store.clone(),
            passwords: passwords.clone(),
            tokens: tokens.clone(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
        },
        session_rules(settings),
    );
    Ok(Service {
        accounts: Arc::new(accounts_in(store.clone(), passwords, settings)),
        sessions: Arc::new(sessions),
        keys: tokens,
        cursors,
        ids: Arc::new(RandomIds),
        probes: vec![store],
    })
}

/// The use cases of accounts alone, for the command line.
pub(crate) fn accounts(settings: &Settings) -> Result<Accounts, WiringError> {
    let Foundation { store, passwords, cursors: _ } = Foundation::lay(settings)?;
    Ok(accounts_in(store, passwords, settings))
}

/// What every command needs: the store, and passwords that mean the same to all of them.
struct Foundation {
    store: Arc<SqliteStore>,
    passwords: Passwords,
    cursors: Arc<ChaChaCursorSeal>,
}

impl Foundation {
    fn lay(settings: &Settings) -> Result<Self, WiringError> {
        data_dir::prepare(&settings.data_dir)?;
        let database = settings.database_path();
        // Before the database: a first start that is cut short must not look like one whose pepper was lost.
        let pepper = pepper_of(&database, &settings.pepper_path())?;
        let store = SqliteStore::open(&database, SqliteSettings::default())
            .map_err(|error| WiringError::Store(database, error))?;
        let cursors = ChaChaCursorSeal::new(&pepper);
        let hasher = BcryptPool::start(bcrypt_settings(settings), pepper).map_err(WiringError::Hashing)?;
        let rules = password_rules(settings);
        Ok(Self {
            store: Arc::new(store),
            passwords: Passwords::new(Arc::new(hasher), Arc::new(CommonPasswordList), rules),
            cursors: Arc::new(cursors),
        })
    }
}

/// A new pepper is for a new database: with another one every password would be wrong, and nobody would know why.
fn pepper_of(database: &Path, pepper: &Path) -> Result<Pepper, WiringError> {
    if database.exists() && !pepper.exists() {
        return Err(WiringError::PepperLost { database: database.to_owned(), pepper: pepper.to_owned() });
    }
    Ok(Pepper::load_or_create(pepper)?)
}

fn accounts_in(store: Arc<SqliteStore>, passwords: Passwords, settings: &Settings) -> Accounts {
    let ports =
        AccountPorts { users: store, passwords, clock: Arc::new(SystemClock), ids: Arc::new(RandomIds) };
    Accounts::new(ports, account_rules(settings))
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
        shutdown_timeout: settings.shutdown_timeout,
        max_connections: settings.max_connections,
        cors_origins: settings.cors_origins.clone(),
        docs: settings.docs,
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
        assert_eq!(jwt_settings(&settings), JwtSettings::default());
        // As many workers as the machine has cores.
        let workers = settings.worker_count();
        assert_eq!(http_settings(&settings), HttpSettings { workers, ..HttpSettings::default() });
    }
}
