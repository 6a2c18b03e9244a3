//! One line of the audit log.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use uuid::Uuid;

use super::{Action, Outcome, Word};
use crate::token::SessionId;
use crate::user::{Email, User, UserId};
use crate::{Origin, Timestamp};

/// What names an entry for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuditId(Uuid);

impl AuditId {
    /// Takes a UUID as the identifier.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for AuditId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An account as an entry names it: still told when the account is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Which account.
    pub id: UserId,
    /// Its username, which never changes.
    pub username: PartyName,
}

impl From<&User> for Party {
    fn from(user: &User) -> Self {
        Self { id: user.id, username: (&user.username).into() }
    }
}

/// A username in normal form as it stands in an entry. The rules for usernames may have changed since.
#[derive(Clone, PartialEq, Eq)]
pub struct PartyName(String);

impl PartyName {
    /// The normal form.
    pub fn normal(&self) -> &str {
        &self.0
    }
}

impl From<&Email> for PartyName {
    fn from(username: &Email) -> Self {
        Self(username.normal().to_owned())
    }
}

/// As it is stored.
impl From<String> for PartyName {
    fn from(stored: String) -> Self {
        Self(stored)
    }
}

impl fmt::Debug for PartyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Addresses are personal: they stay out of logs.
        formatter.write_str("PartyName([redacted])")
    }
}

/// Who did what to whom, when, from where, and what came of it. No secret is ever in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Which entry.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// What: an [`Action`].
    pub action: Word,
    /// What came of it: an [`Outcome`].
    pub outcome: Word,
    /// Who; `None` where nobody was known, or an operator did it at the command line.
    pub actor: Option<Party>,
    /// Whose account it was about; `None` where there is no such account.
    pub target: Option<Party>,
    /// The session it was done from, or the one that it was about.
    pub session: Option<SessionId>,
    /// The network address it came from.
    pub address: Option<IpAddr>,
    /// The request it was part of, as the log names it.
    pub request_id: Option<String>,
    /// What else there is to say of it, by name: which fields, from which role to which, why not.
    pub details: BTreeMap<String, String>,
}

impl AuditEntry {
    /// Something that was done, by nobody and to nobody so far.
    pub fn new(id: AuditId, at: Timestamp, action: Action, origin: &Origin) -> Self {
        Self {
            id,
            at,
            action: action.into(),
            outcome: Outcome::Done.into(),
            actor: None,
            target: None,
            session: None,
            address: origin.device.address,
            request_id: origin.request_id.clone(),
            details: BTreeMap::new(),
        }
    }

    /// Who did it.
    #[must_use]
    pub fn by(self, user: &User) -> Self {
        Self { actor: Some(user.into()), ..self }
    }

    /// An operator did it at the command line, who needs no account: nobody else has the database.
    #[must_use]
    pub fn at_command_line(self) -> Self {
        self.noting("by", "command_line")
    }

    /// Whose account it is about.
    #[must_use]
    pub fn about(self, user: &User) -> Self {
        Self { target: Some(user.into()), ..self }
    }

    /// Which session it was done from, or is about.
    #[must_use]
    pub fn in_session(self, session: SessionId) -> Self {
        Self { session: Some(session), ..self }
    }

    /// It was refused.
    #[must_use]
    pub fn refused(self, why: &str) -> Self {
        Self { outcome: Outcome::Refused.into(), ..self }.noting("reason", why)
    }

    /// Something else to say of it.
    #[must_use]
    pub fn noting(mut self, name: &str, value: impl Into<String>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}
