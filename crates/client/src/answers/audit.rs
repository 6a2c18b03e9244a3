//! The audit log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::words::words;

words! {
    /// What was done.
    AuditAction {
        /// An account was opened.
        Register = "user.register",
        /// Accounts were taken in from a file.
        Import = "user.import",
        /// An account was changed.
        Update = "user.update",
        /// Its e-mail address was changed.
        Email = "user.email",
        /// Its role was changed.
        Role = "user.role",
        /// It was disabled.
        Disable = "user.disable",
        /// It was enabled.
        Enable = "user.enable",
        /// It was deleted.
        Delete = "user.delete",
        /// Its password was changed.
        Password = "user.password",
        /// Somebody logged in.
        Login = "session.login",
        /// Somebody logged out.
        Logout = "session.logout",
        /// Sessions were ended.
        End = "session.end",
        /// A refresh token was shown that was spent before.
        Reuse = "session.reuse",
        /// A backup was put in the place of the database.
        Restore = "store.restore",
    }
}

words! {
    /// What came of it.
    AuditOutcome {
        /// It was done.
        Done = "done",
        /// It was refused.
        Refused = "refused",
    }
}

/// Who did what to whom, when, from where, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// An entry is the same exactly when this is.
    pub id: Uuid,
    /// When, as RFC 3339 in UTC.
    pub at: String,
    /// What was done.
    pub action: AuditAction,
    /// What came of it.
    pub outcome: AuditOutcome,
    /// Who did it; `None` where nobody was known, or at the command line.
    pub actor: Option<AuditParty>,
    /// Whose account it is about.
    pub target: Option<AuditParty>,
    /// The session it was done from, or is about.
    pub session: Option<Uuid>,
    /// The network address it came from.
    pub address: Option<String>,
    /// The request it was part of.
    pub request_id: Option<String>,
    /// What else there is to say.
    pub details: BTreeMap<String, String>,
}

/// An account, which may be gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditParty {
    /// The account.
    pub id: Uuid,
    /// Its name, in lower case.
    pub username: String,
}
