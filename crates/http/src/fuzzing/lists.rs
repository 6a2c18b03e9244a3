//! Queries of lists: bounded, the same as an object with types, and kept from page to page.

use std::fmt::Debug;

use doorward_domain::Timestamp;
use doorward_domain::accounts::ListRequest;
use doorward_domain::audit::AuditRequest;
use doorward_domain::port::AuditFilter;
use doorward_domain::user::Email;

use crate::bodies::{AuditQuery, Body, ListFilter};
use crate::read::{Fields, Json, QueryError, with_cursor};

/// From the year 0 to the end of 9999.
const TIMES: std::ops::Range<i64> = -62_167_219_200_000..253_402_300_800_000;

/// Reads a query, as that of users and as that of the audit log.
pub(crate) fn hold(bytes: &[u8]) {
    let Ok(query) = str::from_utf8(bytes) else { return };
    let parameters = match Json::read_query(query) {
        Ok(parameters) => parameters,
        Err(QueryError::Twice(fault)) => return assert!(fault.field.chars().count() <= 64),
        Err(QueryError::Encoding) => return,
    };
    if let Some(request) = holds(query, &parameters, |ListFilter { request, cursor }| (request, cursor)) {
        users_are_bounded(&request);
    }
    if let Some(request) = holds(query, &parameters, |AuditQuery { request, cursor }| (request, cursor)) {
        entries_are_bounded(&request);
    }
}

/// What holds of every list; the page that is asked for, if there is one.
fn holds<T: Body, R: Clone + Debug + PartialEq>(
    query: &str,
    parameters: &Json,
    parts: fn(T) -> (R, Option<String>),
) -> Option<R> {
    let read = |parameters: &Json| Fields::read(parameters, T::read).map(parts);
    let (request, cursor) = read(parameters).ok()?;
    assert!(cursor.as_ref().is_none_or(|cursor| (1..=1_024).contains(&cursor.chars().count())));
    are_clean([cursor.as_ref()]);

    assert_eq!(read(&with_types(parameters.clone())), Ok((request.clone(), cursor)));

    let next = Json::read_query(&with_cursor(query, "next_-1")).map(|next| read(&next));
    let same = (request.clone(), Some("next_-1".to_owned()));
    assert_eq!(next, Ok(Ok(same)), "the next page is another");
    Some(request)
}

fn users_are_bounded(request: &ListRequest) {
    assert!((1..=200).contains(&request.limit) && request.after.is_none());
    are_clean([request.filter.name_prefix.as_ref()]);
    are_within_times([request.filter.created_after, request.filter.created_before]);
}

fn entries_are_bounded(request: &AuditRequest) {
    assert!((1..=200).contains(&request.limit) && request.after.is_none());
    let AuditFilter { actor, target, action: _, outcome: _, request_id, since, until } = &request.filter;
    for name in [actor, target].into_iter().flatten() {
        let read = Email::parse(name);
        assert_eq!(read.as_ref().map(Email::normal), Ok(name.as_str()), "not as usernames are kept");
    }
    assert!(request_id.as_ref().is_none_or(|id| id.chars().count() <= 64));
    are_clean([request_id.as_ref()]);
    are_within_times([*since, *until]);
}

fn are_clean<const COUNT: usize>(texts: [Option<&String>; COUNT]) {
    assert!(!texts.into_iter().flatten().any(|text| text.is_empty() || text.contains(char::is_control)));
}

fn are_within_times(times: [Option<Timestamp>; 2]) {
    assert!(times.into_iter().flatten().map(Timestamp::millis).all(|time| TIMES.contains(&time)));
}

/// The object that says the same.
fn with_types(parameters: Json) -> Json {
    let Json::Object(parameters) = parameters else { return parameters };
    let typed = |(name, value): (String, Json)| {
        let Json::Bare(text) = value else { return (name, value) };
        let value = match name.as_str() {
            "limit" => text.parse().map_or(Json::Null, Json::Whole),
            "active" | "count" => Json::Flag(text == "true"),
            _ => Json::Text(text),
        };
        (name, value)
    };
    Json::Object(parameters.into_iter().map(typed).collect())
}
