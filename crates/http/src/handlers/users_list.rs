//! What the four list routes share: opening the cursor, showing each user as the caller may see them.

use actix_web::HttpRequest;
use doorward_domain::accounts::{Accounts, Page as UserPage};
use doorward_domain::port::CursorSeal;
use doorward_domain::user::User;

use crate::bodies::ListFilter;
use crate::cursor;
use crate::error::ApiError;
use crate::views::{Listed, Page, UserEntry};

/// Which list.
#[derive(Clone, Copy)]
pub(super) enum List {
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
pub(super) async fn page(
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
    let entries = users.iter().map(|user| UserEntry::for_caller(user, caller)).collect();
    Ok(Listed::new("Users.", entries, Page { limit: request.limit, next, total }, link))
}

/// The same path and query with another cursor; relative, because a host header is nobody's word.
fn next_link(request: &HttpRequest, cursor: &str) -> String {
    let kept =
        request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: Vec<&str> = kept.collect();
    let separator = if query.is_empty() { "" } else { "&" };
    format!("{}?{}{separator}cursor={cursor}", request.path(), query.join("&"))
}
