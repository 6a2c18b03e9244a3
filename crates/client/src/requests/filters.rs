//! Which page of which list.

use crate::answers::{AuditAction, AuditOutcome, Role, UserTypeName};
use crate::words::words;

words! {
    /// What a list of users is sorted by.
    UserSort {
        /// When they came, the oldest first.
        CreatedAt = "created_at",
        /// The newest first.
        CreatedAtDescending = "-created_at",
        /// Their names; for admins.
        Username = "username",
        /// The same from the end; for admins.
        UsernameDescending = "-username",
        /// When they logged in last.
        LastLogin = "last_login",
        /// Whoever logged in last first.
        LastLoginDescending = "-last_login",
    }
}

/// Which users. Times are RFC 3339.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Most users on a page: 1 to 200.
    pub limit: Option<u16>,
    /// [`Page::next`](crate::answers::Page::next) of the page before, with the same filter and sort.
    pub cursor: Option<String>,
    /// In which order.
    pub sort: Option<UserSort>,
    /// What the full name begins with; for admins the username or the e-mail address as well.
    pub q: Option<String>,
    /// Those with this user type.
    pub user_type: Option<UserTypeName>,
    /// Those who came at this time or later.
    pub created_after: Option<String>,
    /// Those who came before this time.
    pub created_before: Option<String>,
    /// Those with this role; for admins.
    pub role: Option<Role>,
    /// Those who may log in, or those who may not; for admins.
    pub active: Option<bool>,
    /// Whether they are counted.
    pub count: bool,
}

impl UserFilter {
    pub(crate) fn query(&self) -> Vec<(&'static str, String)> {
        given([
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("cursor", self.cursor.clone()),
            ("sort", self.sort.as_ref().map(ToString::to_string)),
            ("q", self.q.clone()),
            ("user_type", self.user_type.as_ref().map(ToString::to_string)),
            ("created_after", self.created_after.clone()),
            ("created_before", self.created_before.clone()),
            ("role", self.role.as_ref().map(ToString::to_string)),
            ("active", self.active.map(|active| active.to_string())),
            ("count", self.count.then(|| "true".to_owned())),
        ])
    }
}

/// Which entries of the audit log. Times are RFC 3339.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Most entries on a page: 1 to 200.
    pub limit: Option<u16>,
    /// [`Page::next`](crate::answers::Page::next) of the page before, with the same filter.
    pub cursor: Option<String>,
    /// The username of whoever did it.
    pub actor: Option<String>,
    /// The username of whoever it was done to.
    pub target: Option<String>,
    /// What was done.
    pub action: Option<AuditAction>,
    /// What came of it.
    pub outcome: Option<AuditOutcome>,
    /// In the request with this id.
    pub request_id: Option<String>,
    /// At this time or later.
    pub since: Option<String>,
    /// Before this time.
    pub until: Option<String>,
}

impl AuditFilter {
    pub(crate) fn query(&self) -> Vec<(&'static str, String)> {
        given([
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("cursor", self.cursor.clone()),
            ("actor", self.actor.clone()),
            ("target", self.target.clone()),
            ("action", self.action.as_ref().map(ToString::to_string)),
            ("outcome", self.outcome.as_ref().map(ToString::to_string)),
            ("request_id", self.request_id.clone()),
            ("since", self.since.clone()),
            ("until", self.until.clone()),
        ])
    }
}

fn given<const COUNT: usize>(fields: [(&'static str, Option<String>); COUNT]) -> Vec<(&'static str, String)> {
    fields.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect()
}
