//! Queries of lists: bounded, the same as the body of a PUT, and kept from page to page.

use doorward_domain::Timestamp;

use crate::bodies::{Body as _, ListFilter};
use crate::read::{Fields, Json, QueryError, with_cursor};

/// From the year 0 to the end of 9999.
const TIMES: std::ops::Range<i64> = -62_167_219_200_000..253_402_300_800_000;

/// Reads a query.
pub(crate) fn hold(bytes: &[u8]) {
    let Ok(query) = str::from_utf8(bytes) else { return };
    let parameters = match Json::read_query(query) {
        Ok(parameters) => parameters,
        Err(QueryError::Twice(fault)) => return assert!(fault.field.chars().count() <= 64),
        Err(QueryError::Encoding) => return,
    };
    let Ok(ListFilter { request, cursor }) = Fields::read(&parameters, ListFilter::read) else { return };

    assert!((1..=200).contains(&request.limit) && request.after.is_none());
    assert!(cursor.as_ref().is_none_or(|cursor| (1..=1_024).contains(&cursor.chars().count())));
    let texts = [cursor.as_ref(), request.filter.name_prefix.as_ref()];
    assert!(!texts.into_iter().flatten().any(|text| text.is_empty() || text.contains(char::is_control)));
    let times = [request.filter.created_after, request.filter.created_before];
    assert!(times.into_iter().flatten().map(Timestamp::millis).all(|time| TIMES.contains(&time)));

    let by_put = Fields::read(&with_types(parameters), ListFilter::read);
    let by_put = by_put.map(|filter| (filter.request, filter.cursor));
    assert_eq!(by_put, Ok((request.clone(), cursor)));

    let next =
        Json::read_query(&with_cursor(query, "next_-1")).map(|next| Fields::read(&next, ListFilter::read));
    let next = next.map(|read| read.map(|filter| (filter.request, filter.cursor)));
    assert_eq!(next, Ok(Ok((request, Some("next_-1".to_owned())))), "the next page is another");
}

/// The body that says the same.
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
