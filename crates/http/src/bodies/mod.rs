//! What a request says, read into values of the domain.

mod audit_query;
mod credentials;
mod list_filter;
mod new_password;
mod own_fields;
mod registration;
mod user_update;

pub(crate) use audit_query::AuditQuery;
pub(crate) use credentials::Credentials;
pub(crate) use list_filter::{ListFilter, sort_names};
pub(crate) use new_password::NewPassword;
pub(crate) use own_fields::own_fields;
pub(crate) use registration::{Registration, set_fullname};
pub(crate) use user_update::{OwnUpdate, Update, UserUpdate, role_names};

use serde_json::Value;

use crate::read::Fields;

/// Most entries on a page of any list.
pub const LARGEST_PAGE: u16 = 200;

/// A JSON object that a route takes.
pub(crate) trait Body: Sized + 'static {
    /// Its name in the API description.
    const NAME: &'static str;
    /// Whether a request without any body is read as the empty object.
    const MAY_BE_ABSENT: bool = false;

    /// Asks for every field; `None` only when a fault was noted or there was nothing to read.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;

    /// What the API description shows somebody to start from.
    fn example() -> Value;
}
