//! The audit log.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::Data;
use doorward_domain::audit::{AuditPage, AuditTrail};
use doorward_domain::port::CursorSeal;
use paperclip::actix::api_v2_operation;

use super::lists::next_link;
use crate::bodies::AuditQuery;
use crate::cursor;
use crate::error::ApiError;
use crate::extract::{Admin, QueryOf};
use crate::views::{AuditEntryView, Listed, Page};

/// Read the audit log
///
/// For admins: who did what to whom, when, from where and with what outcome, the newest first. Walk with `page.next`.
#[api_v2_operation(tags(Audit), operation_id = "list_audit")]
pub(crate) async fn list(
    trail: Data<AuditTrail>,
    cursors: Data<Arc<dyn CursorSeal>>,
    admin: Admin,
    query: QueryOf<AuditQuery>,
    request: HttpRequest,
) -> Result<Listed<AuditEntryView>, ApiError> {
    let AuditQuery { request: mut asked, cursor } = query.read()?;
    let cursors = cursors.as_ref().as_ref();
    if let Some(cursor) = cursor {
        asked.after = Some(cursor::unseal_audit(cursors, &asked.filter, &cursor)?);
    }
    let (filter, limit) = (asked.filter.clone(), asked.limit);
    let AuditPage { entries, next } = trail.list(&admin.0, asked).await?;
    let next = next.map(|position| cursor::seal_audit(cursors, &filter, position));
    let link = next.as_deref().map(|next| next_link(&request, next));
    let entries = entries.iter().map(AuditEntryView::from).collect();
    Ok(Listed::new(entries, Page { limit, next, total: None }, link))
}
