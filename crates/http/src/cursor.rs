//! Page cursors: a position, sealed for the one list it belongs to.

use doorward_domain::Timestamp;
use doorward_domain::accounts::ListRequest;
use doorward_domain::audit::{Action, AuditId, Outcome};
use doorward_domain::port::{
    AuditFilter, AuditPosition, CursorSeal, Direction, Position, SortKey, SortValue, UserFilter,
};
use doorward_domain::user::UserId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::FieldFault;

#[derive(Serialize, Deserialize)]
struct Plain {
    value: PlainValue,
    id: Uuid,
}

#[derive(Serialize, Deserialize)]
enum PlainValue {
    CreatedAt(i64),
    Username(String),
    LastLogin(Option<i64>),
}

/// Seals `position` for the list that `request` asks for.
pub(crate) fn seal(seal: &dyn CursorSeal, list: &str, request: &ListRequest, position: &Position) -> String {
    let value = match &position.value {
        SortValue::CreatedAt(time) => PlainValue::CreatedAt(time.millis()),
        SortValue::Username(name) => PlainValue::Username(name.clone()),
        SortValue::LastLogin(time) => PlainValue::LastLogin(time.map(Timestamp::millis)),
    };
    let plain = serde_json::to_vec(&Plain { value, id: position.id.uuid() }).unwrap_or_default();
    seal.seal(&plain, &context(list, request))
}

/// Opens a cursor of the list that `request` asks for.
pub(crate) fn unseal(
    seal: &dyn CursorSeal,
    list: &str,
    request: &ListRequest,
    sealed: &str,
) -> Result<Position, FieldFault> {
    let refused = || FieldFault::new("cursor", "is not a cursor of this list");
    let plain = seal.unseal(sealed, &context(list, request)).ok_or_else(refused)?;
    let Plain { value, id } = serde_json::from_slice(&plain).map_err(|_| refused())?;
    let value = match (value, request.sort) {
        (PlainValue::CreatedAt(time), SortKey::CreatedAt) => {
            SortValue::CreatedAt(Timestamp::from_millis(time))
        }
        (PlainValue::Username(name), SortKey::Username) => SortValue::Username(name),
        (PlainValue::LastLogin(time), SortKey::LastLogin) => {
            SortValue::LastLogin(time.map(Timestamp::from_millis))
        }
        _ => return Err(refused()),
    };
    Ok(Position { value, id: UserId::new(id) })
}

/// The page's size and whether it is counted may change along a walk; filter and order may not.
fn context(list: &str, request: &ListRequest) -> Vec<u8> {
    let UserFilter {
        name_prefix,
        prefix_of_address: _,
        role,
        active,
        user_type,
        created_after,
        created_before,
        logged_in: _,
    } = &request.filter;
    let descending = request.direction == Direction::Descending;
    let filter = (
        name_prefix,
        role.map(doorward_domain::user::Role::as_str),
        active,
        user_type.map(doorward_domain::user::UserTypeName::as_str),
        created_after.map(Timestamp::millis),
        created_before.map(Timestamp::millis),
    );
    serde_json::to_vec(&(list, request.sort.as_str(), descending, filter)).unwrap_or_default()
}

/// Seals a position in the part of the audit log that passes a filter.
pub(crate) fn seal_audit(seal: &dyn CursorSeal, filter: &AuditFilter, position: AuditPosition) -> String {
    let plain = serde_json::to_vec(&(position.at.millis(), position.id.uuid())).unwrap_or_default();
    seal.seal(&plain, &audit_context(filter))
}

/// Opens a cursor of the part of the audit log that passes a filter.
pub(crate) fn unseal_audit(
    seal: &dyn CursorSeal,
    filter: &AuditFilter,
    sealed: &str,
) -> Result<AuditPosition, FieldFault> {
    let refused = || FieldFault::new("cursor", "is not a cursor of this list");
    let plain = seal.unseal(sealed, &audit_context(filter)).ok_or_else(refused)?;
    let (at, id): (i64, Uuid) = serde_json::from_slice(&plain).map_err(|_| refused())?;
    Ok(AuditPosition { at: Timestamp::from_millis(at), id: AuditId::new(id) })
}

fn audit_context(filter: &AuditFilter) -> Vec<u8> {
    let AuditFilter { actor, target, action, outcome, request_id, since, until } = filter;
    let what = (action.map(Action::as_str), outcome.map(Outcome::as_str));
    let when = (since.map(Timestamp::millis), until.map(Timestamp::millis));
    serde_json::to_vec(&("audit", actor, target, what, request_id, when)).unwrap_or_default()
}
