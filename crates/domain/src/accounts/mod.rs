//! What people and admins do with accounts.

mod delete;
mod import;
mod list;
mod operate;
mod register;
mod update;
mod view;

pub use delete::DeleteError;
pub use import::{
    AccountImport, Credential, ImportBatch, ImportError, ImportPorts, Imported, ImportedAccount,
    PreparedBatch,
};
pub use list::{ListError, ListRequest, MemberField, Page};
pub use register::{NewAccount, RegisterError, RegistrationHold};
pub use update::UpdateError;
pub use view::ViewError;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::audit::AuditWriter;
use crate::port::{AuditLog, Clock, Ids, SessionRepository, UserRepository};
use crate::store::Store;
use crate::throttle::Guard;
use crate::user::{Email, Role, User};
use crate::{Copies, Passwords};

/// The ports that account use cases need.
pub struct AccountPorts {
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
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New identifiers.
    pub ids: Arc<dyn Ids>,
}

/// What an operator decides about accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountRules {
    /// Whether anyone may open an account.
    pub registration_open: bool,
    /// Who may list accounts.
    pub directory: Directory,
    /// How long after a login somebody counts as active.
    pub active_window: Duration,
}

impl Default for AccountRules {
    fn default() -> Self {
        Self {
            registration_open: true,
            directory: Directory::Members,
            active_window: Duration::from_secs(5 * 60 * 60),
        }
    }
}

/// Who may list accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directory {
    /// Everybody who is signed in; members see the public part of each account.
    Members,
    /// Admins.
    Admins,
}

/// The use cases of accounts.
pub struct Accounts {
    store: Store,
    audit: AuditWriter,
    guard: Guard,
    passwords: Passwords,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    rules: AccountRules,
    registration_held: AtomicBool,
}

impl Accounts {
    /// Joins rules and ports.
    pub fn new(ports: AccountPorts, rules: AccountRules) -> Self {
        let AccountPorts { users, sessions, copies, audit, guard, passwords, clock, ids } = ports;
        let audit = AuditWriter::new(audit, ids.clone(), copies.tasks.clone());
        let store = Store::new(users, sessions, copies);
        Self { store, audit, guard, passwords, clock, ids, rules, registration_held: AtomicBool::new(false) }
    }
}

/// Whether the account found is really one that `caller` may touch: the address may have gone to somebody else since
/// the caller was looked up.
fn may_have(caller: &User, found: &User) -> bool {
    caller.role == Role::Admin || caller.id == found.id
}

/// Whether `caller` may see and change the account that `address` names. It is answered without looking whether
/// there is one, so that a refusal tells nothing.
pub fn may_touch(caller: &User, address: &Email) -> bool {
    caller.role == Role::Admin || caller.answers_to(address)
}
