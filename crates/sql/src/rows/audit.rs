//! A row of `audit_log`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use diesel::prelude::*;
use doorward_domain::audit::{AuditEntry, Party};
use serde_json::Value;

use crate::columns::{Id, Json, Time};
use crate::error::BadColumn;
use crate::schema::audit_log;

/// An entry as it stands in its table.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_log, treat_none_as_default_value = false, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
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

/// What this version does not understand is told as it stands: a newer one may have written it, and one bad row must not
/// keep anybody from reading the others.
impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        let mut details = details(row.details);
        let address: Option<IpAddr> = row.address.as_deref().and_then(|text| text.parse().ok());
        if let (Some(text), None) = (row.address, address) {
            details.insert("address".to_owned(), text);
        }
        Self {
            id: row.id.into(),
            at: row.at.into(),
            action: row.action.into(),
            outcome: row.outcome.into(),
            actor: party(row.actor_id, row.actor),
            target: party(row.target_id, row.target),
            session: row.session_id.map(Into::into),
            address,
            request_id: row.request_id,
            details,
        }
    }
}

/// The tables have both or neither.
fn party(id: Option<Id>, name: Option<String>) -> Option<Party> {
    Some(Party { id: id?.into(), username: name?.into() })
}

/// What is no text is told as JSON, and what has no names under that of the column.
fn details(Json(text): Json) -> BTreeMap<String, String> {
    let Ok(details) = serde_json::from_str::<BTreeMap<String, Value>>(&text) else {
        return BTreeMap::from([("details".to_owned(), text)]);
    };
    let told = |value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    details.into_iter().map(|(name, value)| (name, told(value))).collect()
}

/// The entries of rows, in their order.
pub fn audit_entries(rows: Vec<AuditRow>) -> Vec<AuditEntry> {
    rows.into_iter().map(AuditEntry::from).collect()
}
