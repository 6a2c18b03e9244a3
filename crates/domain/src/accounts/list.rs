//! Walking through accounts, a page at a time.

use std::sync::Arc;

use tracing::{Instrument as _, info_span};

use super::{Accounts, Directory};
use crate::port::{Direction, LoggedInSince, Position, SortKey, StoreError, UserFilter, UserQuery};
use crate::user::{KeptDocument, Role, User};

/// Most bytes of people's lists on one page. A page is cut short, and goes on with the next, rather than grow with
/// what people keep in their documents.
const PAGE_BYTES: usize = 1024 * 1024;

/// A page to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRequest {
    /// Which accounts; who is logged in is decided by the use case.
    pub filter: UserFilter,
    /// Ordered by.
    pub sort: SortKey,
    /// From which end.
    pub direction: Direction,
    /// Where the page begins.
    pub after: Option<Position>,
    /// Most accounts, at least 1.
    pub limit: usize,
    /// Whether to count everything that passes the filter.
    pub count: bool,
}

/// A page of accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// In order.
    pub users: Vec<Arc<KeptDocument>>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<Position>,
    /// Everything that passes the filter, if that was asked.
    pub total: Option<u64>,
}

/// Why no page is shown.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The directory is for admins.
    #[error("only admins may do this")]
    Forbidden,
    /// A member may not filter by role or state, nor sort by address.
    #[error("members may not filter or sort by this")]
    NotForMembers(MemberField),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a member may not filter or sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberField {
    /// The filter `role`.
    Role,
    /// The filter `active`.
    Active,
    /// Sorting by `username`.
    SortByUsername,
}

impl Accounts {
    /// A page of all accounts.
    pub async fn list(&self, caller: &User, request: ListRequest) -> Result<Page, ListError> {
        async move { self.page(caller, request).await }.instrument(info_span!("accounts.list")).await
    }

    /// A page of the accounts that are active, logged in within the window and have a live session.
    pub async fn list_active(&self, caller: &User, mut request: ListRequest) -> Result<Page, ListError> {
        async move {
            let now = self.clock.now();
            request.filter.logged_in =
                Some(LoggedInSince { since: now.minus(self.rules.active_window), now });
            self.page(caller, request).await
        }
        .instrument(info_span!("accounts.list_active"))
        .await
    }

    async fn page(&self, caller: &User, request: ListRequest) -> Result<Page, ListError> {
        let ListRequest { mut filter, sort, direction, after, limit, count } = request;
        filter.prefix_of_address = caller.role == Role::Admin;
        self.check(caller, &filter, sort)?;
        let total = if count { Some(self.store.count(&filter).await?) } else { None };
        // One more than asked for shows whether another page follows.
        let query = UserQuery { filter, sort, direction, after, limit: limit.saturating_add(1) };
        let mut users = self.store.list(&query).await?;
        let fitting = fitting(&users).min(limit);
        let more = users.len() > fitting;
        users.truncate(fitting);
        let next = users.last().filter(|_| more).map(|last| Position::after(last, sort));
        Ok(Page { users, next, total })
    }

    fn check(&self, caller: &User, filter: &UserFilter, sort: SortKey) -> Result<(), ListError> {
        if caller.role == Role::Admin {
            return Ok(());
        }
        if self.rules.directory == Directory::Admins {
            return Err(ListError::Forbidden);
        }
        let hidden = [
            (filter.role.is_some(), MemberField::Role),
            (filter.active.is_some(), MemberField::Active),
            (sort == SortKey::Username, MemberField::SortByUsername),
        ];
        match hidden.into_iter().find(|(used, _)| *used) {
            Some((_, field)) => Err(ListError::NotForMembers(field)),
            None => Ok(()),
        }
    }
}

/// How many of the users fit on one page: at least one, and no more than [`PAGE_BYTES`] of what people keep.
fn fitting(users: &[Arc<KeptDocument>]) -> usize {
    let mut bytes = 0;
    let within = |user: &&Arc<KeptDocument>| {
        bytes += user.bytes_of_lists();
        bytes <= PAGE_BYTES
    };
    users.iter().take_while(within).count().max(1)
}
