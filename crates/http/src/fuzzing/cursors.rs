//! Cursors behind their seal: whatever stands there is a position of this very list or nothing.

use doorward_domain::accounts::ListRequest;
use doorward_domain::port::{AuditFilter, CursorSeal, SortKey, SortValue};

use crate::bodies::{AuditQuery, Body as _, ListFilter};
use crate::cursor;
use crate::read::{Fields, Json};

/// Opens a cursor, of users and of the audit log. The input is three lines: a list, another list, and what was sealed.
pub(crate) fn hold(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mut lines = text.splitn(3, '\n');
    let (Some(list), Some(other), Some(plain)) = (lines.next(), lines.next(), lines.next()) else { return };
    of_users(list, other, plain);
    of_entries(list, other, plain);
}

fn of_users(list: &str, other: &str, plain: &str) {
    let (Some(list), Some(other)) = (request(list), request(other)) else { return };
    let Ok(position) = cursor::unseal(&Glass { is_bound: false }, "all", &list, plain) else { return };

    assert_eq!(list.sort, sorted_by(&position.value));
    let seal = Glass { is_bound: true };
    let sealed = cursor::seal(&seal, "all", &list, &position);
    assert_eq!(cursor::unseal(&seal, "all", &list, &sealed), Ok(position.clone()));
    assert!(cursor::unseal(&seal, "active", &list, &sealed).is_err(), "the cursor opens another list");
    let log = cursor::unseal_audit(&seal, &AuditFilter::default(), &sealed);
    assert!(log.is_err(), "the cursor opens the audit log");
    let is_same = (&list.filter, list.sort, list.direction) == (&other.filter, other.sort, other.direction);
    assert_eq!(cursor::unseal(&seal, "all", &other, &sealed).ok(), is_same.then_some(position));
}

fn of_entries(list: &str, other: &str, plain: &str) {
    let (Some(list), Some(other)) = (filter(list), filter(other)) else { return };
    let Ok(position) = cursor::unseal_audit(&Glass { is_bound: false }, &list, plain) else { return };

    let seal = Glass { is_bound: true };
    let sealed = cursor::seal_audit(&seal, &list, position);
    assert_eq!(cursor::unseal_audit(&seal, &list, &sealed), Ok(position));
    for users in ["all", "active"] {
        let users = cursor::unseal(&seal, users, &ListRequest::default(), &sealed);
        assert!(users.is_err(), "the cursor opens a list of users");
    }
    let opened = cursor::unseal_audit(&seal, &other, &sealed).ok();
    assert_eq!(opened, (list == other).then_some(position));
}

fn filter(query: &str) -> Option<AuditFilter> {
    let parameters = Json::read_query(query).ok()?;
    Fields::read(&parameters, AuditQuery::read).ok().map(|query| query.request.filter)
}

fn request(query: &str) -> Option<ListRequest> {
    let parameters = Json::read_query(query).ok()?;
    Fields::read(&parameters, ListFilter::read).ok().map(|filter| filter.request)
}

fn sorted_by(value: &SortValue) -> SortKey {
    match value {
        SortValue::CreatedAt(_) => SortKey::CreatedAt,
        SortValue::Username(_) => SortKey::Username,
        SortValue::LastLogin(_) => SortKey::LastLogin,
    }
}

/// A seal that everybody can look through.
struct Glass {
    /// Whether it opens for the context alone that it was made for.
    is_bound: bool,
}

impl CursorSeal for Glass {
    fn seal(&self, plain: &[u8], context: &[u8]) -> String {
        // Both are JSON in one line.
        [context, plain].map(String::from_utf8_lossy).join("\n")
    }

    fn unseal(&self, sealed: &str, context: &[u8]) -> Option<Vec<u8>> {
        if !self.is_bound {
            return Some(sealed.into());
        }
        let (made_for, plain) = sealed.split_once('\n')?;
        (made_for.as_bytes() == context).then(|| plain.into())
    }
}
