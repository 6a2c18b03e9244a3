//! A row of `audit_log`.

use std::net::IpAddr;

use diesel::prelude::*;
use doorward_domain::audit::{Action, AuditEntry, Outcome, Party};
use doorward_domain::user::Email;

use crate::columns::{Id, Json, Time};
use crate::error::BadColumn;
use crate::schema::audit_log;

/// An entry as it stands in its table.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_log, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct AuditRow {
    id: Id,
    at: Time,
    action: String,
    outcome: String,
    actor_id: Option<Id>,
    actor: Option<String>,
    target_id: Option<Id>,
    target: Option<String>,
    session_id: Option<Id>,
    address: Option<String>,
    request_id: Option<String>,
    details: Json,
}

impl AuditRow {
    /// The rows of entries, in their order.
    pub fn all_of(entries: &[AuditEntry]) -> Result<Vec<Self>, BadColumn> {
        entries.iter().map(Self::try_from).collect()
    }
}

impl TryFrom<&AuditEntry> for AuditRow {
    type Error = BadColumn;

    fn try_from(entry: &AuditEntry) -> Result<Self, BadColumn> {
        let id = |party: &Party| Id::from(party.id);
        let name = |party: &Party| party.username.normal().to_owned();
        let details = serde_json::to_string(&entry.details);
        Ok(Self {
            id: entry.id.into(),
            at: entry.at.into(),
            action: entry.action.as_str().to_owned(),
            outcome: entry.outcome.as_str().to_owned(),
            actor_id: entry.actor.as_ref().map(id),
            actor: entry.actor.as_ref().map(name),
            target_id: entry.target.as_ref().map(id),
            target: entry.target.as_ref().map(name),
            session_id: entry.session.map(Id::from),
            address: entry.address.map(|address| address.to_string()),
            request_id: entry.request_id.clone(),
            details: Json(BadColumn::name("audit_log.details", details)?),
        })
    }
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = BadColumn;

    fn try_from(row: AuditRow) -> Result<Self, BadColumn> {
        let action = Action::named(&row.action).ok_or("an unknown action");
        let outcome = Outcome::named(&row.outcome).ok_or("an unknown outcome");
        Ok(Self {
            id: row.id.into(),
            at: row.at.into(),
            action: BadColumn::name("audit_log.action", action)?,
            outcome: BadColumn::name("audit_log.outcome", outcome)?,
            actor: party("audit_log.actor", row.actor_id, row.actor)?,
            target: party("audit_log.target", row.target_id, row.target)?,
            session: row.session_id.map(Into::into),
            address: row.address.as_deref().and_then(|text| text.parse::<IpAddr>().ok()),
            request_id: row.request_id,
            details: BadColumn::name("audit_log.details", serde_json::from_str(&row.details.0))?,
        })
    }
}

fn party(column: &'static str, id: Option<Id>, name: Option<String>) -> Result<Option<Party>, BadColumn> {
    let (Some(id), Some(name)) = (id, name) else { return Ok(None) };
    let username = BadColumn::name(column, Email::parse(&name))?;
    Ok(Some(Party { id: id.into(), username }))
}

/// The entries of rows, in their order.
pub fn audit_entries(rows: Vec<AuditRow>) -> Result<Vec<AuditEntry>, BadColumn> {
    rows.into_iter().map(AuditEntry::try_from).collect()
}
