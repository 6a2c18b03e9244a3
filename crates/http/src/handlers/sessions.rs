//! Sessions: one's own, and those of others.

use actix_web::web::Data;
use doorward_domain::sessions::Sessions;
use paperclip::actix::api_v2_operation;

use crate::bodies::LARGEST_PAGE;
use crate::error::ApiError;
use crate::extract::{AnyUser, Authenticated, NamedSession};
use crate::views::{Answer, Ended, Listed, Nothing, Page, SessionView};

/// List the own sessions
///
/// Every live session of the caller's account, the newest login first, with what logged in and from where. There are 32
/// at most unless configured, and never more than one page has.
#[api_v2_operation(tags(Sessions), operation_id = "list_sessions")]
pub(crate) async fn list(
    sessions: Data<Sessions>,
    caller: Authenticated,
) -> Result<Listed<SessionView>, ApiError> {
    let live = sessions.list(&caller.0).await?;
    let views: Vec<_> = live.iter().map(|session| SessionView::new(session, &caller.0.session)).collect();
    let page = Page { limit: LARGEST_PAGE.into(), next: None, total: None };
    Ok(Listed::new(views, page, None))
}

/// End one session
///
/// One of the caller's, this one or another: its tokens stop working at once, everywhere.
#[api_v2_operation(tags(Sessions), operation_id = "end_session")]
pub(crate) async fn end(
    sessions: Data<Sessions>,
    caller: Authenticated,
    session: NamedSession,
) -> Result<Answer<Nothing>, ApiError> {
    sessions.end_own(&caller.0, session.id()?).await?;
    Ok(Answer::new("Session ended.", Nothing {}))
}

/// Log out everywhere else
///
/// Ends every session of the caller but this one.
#[api_v2_operation(tags(Sessions), operation_id = "logout_others")]
pub(crate) async fn end_others(
    sessions: Data<Sessions>,
    caller: Authenticated,
) -> Result<Answer<Ended>, ApiError> {
    let count = sessions.end_others(&caller.0).await?;
    Ok(Answer::new("Other sessions ended.", Ended::from(count)))
}

/// Log out everywhere
///
/// Ends every session of the caller, this one too.
#[api_v2_operation(tags(Sessions), operation_id = "logout_all")]
pub(crate) async fn end_all(
    sessions: Data<Sessions>,
    caller: Authenticated,
) -> Result<Answer<Ended>, ApiError> {
    let count = sessions.end_all(&caller.0).await?;
    Ok(Answer::new("All sessions ended.", Ended::from(count)))
}

/// End a user's sessions
///
/// For admins: logs somebody out everywhere.
#[api_v2_operation(tags(Sessions), operation_id = "end_sessions_of_user")]
pub(crate) async fn end_all_of(sessions: Data<Sessions>, target: AnyUser) -> Result<Answer<Ended>, ApiError> {
    let count = sessions.end_all_of(&target.admin, &target.address).await?;
    Ok(Answer::new("All sessions of the user ended.", Ended::from(count)))
}
