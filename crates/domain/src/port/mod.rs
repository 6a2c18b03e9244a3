//! What the domain asks of the world: a trait a file, each a promise that every adapter keeps.
//!
//! `find` answers an `Option`: absence is no error. Every method of a store is one atomic step that may safely run
//! twice, so that an adapter can try again by itself.

mod archive;
mod audit_log;
mod clock;
mod common_passwords;
mod cursor_seal;
mod epochs;
mod ids;
mod key_registry;
mod login_throttle;
mod password_hasher;
mod probe;
mod pseudonyms;
mod revocations;
mod sessions;
mod store_error;
mod tasks;
mod token_signer;
mod user_documents;
mod user_intake;
mod user_query;
mod users;

pub use archive::Archive;
pub use audit_log::{AuditFilter, AuditLog, AuditPosition, AuditQuery, OldEntries};
pub use clock::Clock;
pub use common_passwords::CommonPasswords;
pub use cursor_seal::CursorSeal;
pub use epochs::{Epoch, EpochRegistry};
pub use ids::Ids;
pub use key_registry::{KeyFingerprint, KeyRegistry};
pub use login_throttle::LoginThrottle;
pub use password_hasher::{HasherError, PasswordHasher, Verdict};
pub use probe::Probe;
pub use pseudonyms::Pseudonyms;
pub use revocations::{Revocations, Revoked, Stamp, Standing};
pub use sessions::{
    EndSessionsError, EndedSession, Ending, LiveSession, NewSession, Opened, Rotated, SessionRepository,
    Which,
};
pub use store_error::StoreError;
pub use tasks::{Tasks, Work};
pub use token_signer::{PublishedKeys, SignError, TokenError, TokenSigner};
pub use user_documents::UserDocuments;
pub use user_intake::{Inserted, NewUsers, UserIntake};
pub use user_query::{Direction, LoggedInSince, Position, SortKey, SortValue, UserFilter, UserQuery};
pub use users::{
    DeleteUserError, InsertUserError, NewPassword, PasswordChange, PasswordChanged, UpdateUserError,
    UserRepository,
};

#[cfg(feature = "mock")]
pub use {
    archive::MockArchive,
    audit_log::MockAuditLog,
    clock::MockClock,
    common_passwords::MockCommonPasswords,
    cursor_seal::MockCursorSeal,
    epochs::MockEpochRegistry,
    ids::MockIds,
    key_registry::MockKeyRegistry,
    login_throttle::MockLoginThrottle,
    password_hasher::MockPasswordHasher,
    probe::MockProbe,
    pseudonyms::MockPseudonyms,
    revocations::MockRevocations,
    sessions::MockSessionRepository,
    tasks::MockTasks,
    token_signer::{MockPublishedKeys, MockTokenSigner},
    user_documents::MockUserDocuments,
    user_intake::MockUserIntake,
    users::MockUserRepository,
};
