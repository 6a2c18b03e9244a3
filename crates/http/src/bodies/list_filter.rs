//! Which page of which list: the query of a GET, the body of a PUT.

use std::str::FromStr;

use doorward_domain::accounts::ListRequest;
use doorward_domain::port::{Direction, SortKey, UserFilter};
use serde_json::{Value, json};

use super::own_fields::user_type_names;
use super::user_update::role_names;
use super::{Body, LARGEST_PAGE};
use crate::read::{Fields, flag, number, one_of, text, timestamp, written};

const DEFAULT_LIMIT: i64 = 50;

/// A page that was asked for; the cursor is not opened yet.
pub(crate) struct ListFilter {
    pub(crate) request: ListRequest,
    pub(crate) cursor: Option<String>,
}

const UNKNOWN_SORT: &str =
    "must be one of created_at, username, last_login, with a - in front for descending";

#[derive(Clone, Copy, Default)]
struct Sort(SortKey, Direction);

/// What a list may be sorted by.
pub(crate) fn sort_names() -> Vec<String> {
    SortKey::ALL
        .into_iter()
        .map(SortKey::as_str)
        .flat_map(|key| [key.to_owned(), format!("-{key}")])
        .collect()
}

impl FromStr for Sort {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key, direction) = match text.strip_prefix('-') {
            Some(key) => (key, Direction::Descending),
            None => (text, Direction::Ascending),
        };
        let key = SortKey::ALL.into_iter().find(|known| known.as_str() == key).ok_or(UNKNOWN_SORT)?;
        Ok(Self(key, direction))
    }
}

impl Body for ListFilter {
    const NAME: &'static str = "ListFilter";
    const MAY_BE_ABSENT: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let limit = number(1, LARGEST_PAGE.into())
            .described("Most users on the page; 50 unless given.", DEFAULT_LIMIT);
        let limit = fields.take_if_given("limit", &limit).unwrap_or(DEFAULT_LIMIT);
        let cursor = written(1_024)
            .described("`page.next` of the page before, with the same filter and sort.", "opaque-cursor");
        let cursor = fields.take_if_given("cursor", &cursor);
        let sort = one_of(sort_names)
            .described("With a - in front for descending; `username` is for admins.", "-last_login");
        let Sort(sort, direction) = fields.take_if_given("sort", &sort).unwrap_or_default();
        let prefix = text::<254>().described(
            "What the full name begins with, in any case of ASCII letters; for admins the username or the e-mail address as well.",
            "kucing",
        );
        let created_after = timestamp().described("Opened at this time or later.", "2026-01-01T00:00:00Z");
        let created_before = timestamp().described("Opened before this time.", "2027-01-01T00:00:00Z");
        let filter = UserFilter {
            name_prefix: fields.take_if_given("q", &prefix).map(|prefix| prefix.as_str().to_owned()),
            prefix_of_address: false,
            role: fields.take_if_given("role", &one_of(role_names).described("For admins.", "user")),
            active: fields.take_if_given("active", &flag().described("For admins.", true)),
            user_type: fields.take_if_given(
                "user_type",
                &one_of(user_type_names).described("Has this user type.", "streamer"),
            ),
            created_after: fields.take_if_given("created_after", &created_after),
            created_before: fields.take_if_given("created_before", &created_before),
            logged_in: None,
        };
        let count = flag().described("Whether `page.total` is counted.", true);
        let count = fields.take_if_given("count", &count).unwrap_or_default();
        let limit = usize::try_from(limit).ok()?;
        Some(Self { request: ListRequest { filter, sort, direction, after: None, limit, count }, cursor })
    }

    fn example() -> Value {
        json!({ "limit": 20, "sort": "-created_at", "count": true })
    }
}
