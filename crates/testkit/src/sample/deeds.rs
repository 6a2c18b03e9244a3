//! What is written down of what people do, and in whose name.

use doorward_domain::Origin;
use doorward_domain::audit::{Action, AuditEntry, AuditId, Authority, Deed};
use doorward_domain::token::{Device, Session};

use super::{NOW, session_id, user, uuid};

/// What names an entry; a greater number gives a greater one.
pub fn audit_id(number: u32) -> AuditId {
    AuditId::new(uuid(0xa0d1_0000, number))
}

/// An entry with nothing in it that may be missing.
pub fn entry(number: u32) -> AuditEntry {
    AuditEntry::new(audit_id(number), NOW, Action::Update, &Origin::default())
}

/// An entry with everything: person 1 about person 2, from somewhere.
pub fn full_entry(number: u32) -> AuditEntry {
    let address = Some("2001:db8::1".parse().unwrap());
    let device = Device { user_agent: Some("Mozilla/5.0".to_owned()), address };
    let origin = Origin { device, request_id: Some("0123456789abcdef".to_owned()) };
    AuditEntry::new(audit_id(number), NOW, Action::ChangeRole, &origin)
        .by(&user(1))
        .about(&user(2))
        .in_session(session_id(1))
        .noting("from", "user")
        .noting("to", "\"admin\", \\ and ünï🦀")
}

/// What is written down where a token was used again.
pub fn reuse() -> AuditEntry {
    AuditEntry::new(audit_id(0xabcd), NOW, Action::ReuseToken, &Origin::default())
}

/// What hangs on nobody's right, and is written down with the entry of this number.
pub fn deed(number: u32) -> Deed {
    Deed { authority: None, entries: vec![entry(number)] }
}

/// What a session does now, and is written down with the entry of this number.
pub fn deed_of(session: &Session, as_admin: bool, number: u32) -> Deed {
    Deed { authority: Some(Authority { session: session.id, as_admin, at: NOW }), ..deed(number) }
}
