//! Lists of users, by GET and by PUT.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::Data;
use doorward_domain::accounts::{Accounts, Page as UserPage};
use doorward_domain::port::CursorSeal;
use doorward_domain::user::User;
use paperclip::actix::api_v2_operation;

use crate::bodies::ListFilter;
use crate::cursor;
use crate::error::ApiError;
use crate::extract::{Authenticated, JsonBody, QueryOf};
use crate::read::with_cursor;
use crate::views::{Listed, Page, UserEntry};

/// List users
///
/// A page of all users. Members see the public part of each, admins everything. Walk with `page.next`: each user
/// who was there when the walk began is met exactly once, as long as the field sorted by does not change.
#[api_v2_operation(tags(User), operation_id = "list_users")]
pub(crate) async fn list(
    accounts: Data<Accounts>,
    cursors: Data<Arc<dyn CursorSeal>>,
    caller: Authenticated,
    query: QueryOf<ListFilter>,
    request: HttpRequest,
) -> Result<Listed<UserEntry>, ApiError> {
    let filter = query.read()?;
    page(List::All, &accounts, cursors.as_ref().as_ref(), &caller.0.user, filter, Some(&request)).await
}

/// List users (by PUT)
///
/// The same as GET, with the filter as a JSON body.
#[api_v2_operation(tags(User), operation_id = "list_users_by_put")]
pub(crate) async fn list_by_put(
    accounts: Data<Accounts>,
    cursors: Data<Arc<dyn CursorSeal>>,
    caller: Authenticated,
    body: JsonBody<ListFilter>,
) -> Result<Listed<UserEntry>, ApiError> {
    let filter = body.read().await?;
    page(List::All, &accounts, cursors.as_ref().as_ref(), &caller.0.user, filter, None).await
}

/// List active users
///
/// A page of the users who logged in lately (5 hours unless configured) and have a session that is not logged out.
#[api_v2_operation(tags(User), operation_id = "list_active_users")]
pub(crate) async fn list_active(
    accounts: Data<Accounts>,
    cursors: Data<Arc<dyn CursorSeal>>,
    caller: Authenticated,
    query: QueryOf<ListFilter>,
    request: HttpRequest,
) -> Result<Listed<UserEntry>, ApiError> {
    let filter = query.read()?;
    page(List::Active, &accounts, cursors.as_ref().as_ref(), &caller.0.user, filter, Some(&request)).await
}

/// List active users (by PUT)
///
/// The same as GET, with the filter as a JSON body.
#[api_v2_operation(tags(User), operation_id = "list_active_users_by_put")]
pub(crate) async fn list_active_by_put(
    accounts: Data<Accounts>,
    cursors: Data<Arc<dyn CursorSeal>>,
    caller: Authenticated,
    body: JsonBody<ListFilter>,
) -> Result<Listed<UserEntry>, ApiError> {
    let filter = body.read().await?;
    page(List::Active, &accounts, cursors.as_ref().as_ref(), &caller.0.user, filter, None).await
}

/// Which list.
#[derive(Clone, Copy)]
enum List {
    All,
    Active,
}

impl List {
    /// A cursor of one list is no cursor of the other.
    const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Active => "active",
        }
    }
}

/// One page; `address` is the request whose URL the next page's is made from.
async fn page(
    list: List,
    accounts: &Accounts,
    cursors: &dyn CursorSeal,
    caller: &User,
    filter: ListFilter,
    address: Option<&HttpRequest>,
) -> Result<Listed<UserEntry>, ApiError> {
    let ListFilter { mut request, cursor } = filter;
    if let Some(cursor) = cursor {
        request.after = Some(cursor::unseal(cursors, list.name(), &request, &cursor)?);
    }
    let UserPage { users, next, total } = match list {
        List::All => accounts.list(caller, request.clone()).await?,
        List::Active => accounts.list_active(caller, request.clone()).await?,
    };
    let next = next.map(|position| cursor::seal(cursors, list.name(), &request, &position));
    let link = next.as_deref().zip(address).map(|(next, address)| next_link(address, next));
    let entries = users.into_iter().map(|user| UserEntry::for_caller(user, caller)).collect();
    Ok(Listed::new(entries, Page { limit: request.limit, next, total }, link))
}

/// The same path and query with another cursor; relative, because a host header is nobody's word.
pub(super) fn next_link(request: &HttpRequest, cursor: &str) -> String {
    format!("{}?{}", request.path(), with_cursor(request.query_string(), cursor))
}
