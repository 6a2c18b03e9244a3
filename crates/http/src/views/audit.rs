//! An entry of the audit log.

use std::collections::BTreeMap;

use doorward_domain::audit::{AuditEntry, Party};
use paperclip::actix::Apiv2Schema;
use serde::Serialize;

use super::View;
use crate::read::written_time;

/// Who did what to whom, when, from where, and what came of it.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "AuditEntry")]
pub(crate) struct AuditEntryView {
    /// A UUID. The log may be read twice over a time: an entry is the same exactly when this is.
    id: String,
    /// When it was done, on the clock of the node that did it: RFC 3339 in UTC with milliseconds.
    at: String,
    /// user.register, user.import, user.update, user.email, user.role, user.disable, user.enable, user.delete, user.password,
    /// session.login, session.logout, session.end, session.reuse or store.restore.
    action: String,
    /// done or refused.
    outcome: String,
    /// Who did it; null where nobody was known, or an operator did it at the command line.
    actor: Option<PartyView>,
    /// Whose account it is about; null where there is no such account.
    target: Option<PartyView>,
    /// The session it was done from, or is about: a UUID, the claim `sid` of its tokens.
    session: Option<String>,
    /// The IP address it came from.
    address: Option<String>,
    /// The request it was part of: its `X-Request-Id`, which the client may have chosen. At most 64 letters, digits and -.
    request_id: Option<String>,
    /// What else there is to say, each as text. `fields`: names of fields with spaces between, such as
    /// "profile favorites". `from`, `to`: what it was and what it is, a role (user or admin) or an e-mail address.
    /// `role`: the role of a new account. `reason`: why it was refused, a word such as `wrong_password`.
    /// `sessions`: the UUID of the one that was ended, "others" or "all"; of these, `count`: how many, in digits.
    /// `ended`: the UUIDs of sessions that made room for a new one, with spaces between.
    details: BTreeMap<String, String>,
}

/// An account, which may be gone.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "AuditParty")]
struct PartyView {
    /// A UUID.
    id: String,
    /// In lower case.
    username: String,
}

impl From<&Party> for PartyView {
    fn from(party: &Party) -> Self {
        Self { id: party.id.to_string(), username: party.username.normal().to_owned() }
    }
}

impl From<&AuditEntry> for AuditEntryView {
    fn from(entry: &AuditEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: written_time(entry.at),
            action: entry.action.as_str().to_owned(),
            outcome: entry.outcome.as_str().to_owned(),
            actor: entry.actor.as_ref().map(PartyView::from),
            target: entry.target.as_ref().map(PartyView::from),
            session: entry.session.map(|session| session.to_string()),
            address: entry.address.map(|address| address.to_string()),
            request_id: entry.request_id.clone(),
            details: entry.details.clone(),
        }
    }
}

/// An entry as the API shows it, on one line.
pub fn audit_entry_as_json(entry: &AuditEntry) -> serde_json::Result<String> {
    serde_json::to_string(&AuditEntryView::from(entry))
}

impl View for AuditEntryView {
    const LIST: &'static str = "Audit log.";

    fn example() -> Self {
        let party = |id: &str, username: &str| Some(PartyView { id: id.into(), username: username.into() });
        Self {
            id: "5b0f0f5e-7a51-4b7e-9f0c-3f8f3f0f6f11".into(),
            at: "2026-01-01T12:45:00.000Z".into(),
            action: "user.role".into(),
            outcome: "done".into(),
            actor: party("9c1f6a3e-33cf-4a39-8b1d-7a5d1c9d2e42", "root@example.com"),
            target: party("0b9f6f5e-5f0c-4a53-9d8e-3f1d2f4c7a10", "ada@example.com"),
            session: Some("d1b9c1f2-63a5-4d0b-8a4e-6a3f0f8b7c21".into()),
            address: Some("192.0.2.17".into()),
            request_id: Some("0d6f2a9b-2f1e-4c7d-8e3b-5a4c6d7e8f90".into()),
            details: [("from", "user"), ("to", "admin")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        }
    }
}
