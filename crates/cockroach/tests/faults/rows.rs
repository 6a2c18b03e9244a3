//! One account as its tables have it, read past the code under test.

use std::collections::BTreeMap;

use doorward_domain::audit::AuditId;
use doorward_domain::token::{EndReason, Session};
use doorward_domain::user::UserId;
use tokio_postgres::Client;

const ACCOUNT: &str =
    "SELECT version, password_hash, coalesce(city, '') FROM users WHERE id = $1::TEXT::UUID";
const ADDRESSES: &str =
    "SELECT address_norm FROM user_addresses WHERE user_id = $1::TEXT::UUID ORDER BY address_norm";
const ENTRY: &str = "SELECT count(*) FROM audit_log WHERE id = $1::TEXT::UUID";
const SESSIONS: &str = "SELECT id::TEXT, generation, refresh_id::TEXT, coalesce(end_reason, 'live') \
     FROM sessions WHERE user_id = $1::TEXT::UUID";

/// Everything that a write of these tests may touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) account: Option<Account>,
    pub(crate) addresses: Vec<String>,
    /// By identifier.
    pub(crate) sessions: BTreeMap<String, Row>,
    /// How many entries of the audit log tell of the write.
    pub(crate) entries: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) version: i64,
    pub(crate) password: String,
    pub(crate) city: String,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) generation: i64,
    pub(crate) refresh: String,
    /// Why it ended, or `live`.
    pub(crate) end: String,
}

impl Rows {
    pub(crate) async fn of(client: &Client, user: UserId, entry: AuditId) -> Self {
        let id = user.uuid().to_string();
        let account = client.query_opt(ACCOUNT, &[&id]).await.unwrap();
        let addresses = client.query(ADDRESSES, &[&id]).await.unwrap();
        let sessions = client.query(SESSIONS, &[&id]).await.unwrap();
        let entries = client.query_one(ENTRY, &[&entry.to_string()]).await.unwrap();
        Self {
            account: account.map(|row| Account {
                version: row.get(0),
                password: row.get(1),
                city: row.get(2),
            }),
            addresses: addresses.iter().map(|row| row.get(0)).collect(),
            sessions: sessions
                .iter()
                .map(|row| (row.get(0), Row { generation: row.get(1), refresh: row.get(2), end: row.get(3) }))
                .collect(),
            entries: entries.get(0),
        }
    }

    /// The row of a session that is there.
    pub(crate) fn session(&mut self, session: &Session) -> &mut Row {
        self.sessions.get_mut(&session.id.uuid().to_string()).unwrap()
    }

    pub(crate) fn end(&mut self, session: &Session, reason: EndReason) {
        self.session(session).end = String::from(reason.as_str());
    }

    pub(crate) fn add(&mut self, session: &Session) {
        let row =
            Row { generation: 0, refresh: session.refresh_id.uuid().to_string(), end: "live".to_owned() };
        self.sessions.insert(session.id.uuid().to_string(), row);
    }
}
