//! The query of a URL: read as an object whose values have no types, and written again for the next page.

use std::collections::HashSet;

use super::Json;
use crate::edge::decode_query;
use crate::error::FieldFault;

/// The parameter that leads from one page to the next.
const CURSOR: &str = "cursor";

/// Most characters of a name that an error repeats.
const MOST_SHOWN: usize = 64;

/// Why a query is no object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum QueryError {
    /// Something is not properly percent-encoded UTF-8.
    Encoding,
    /// A parameter is there twice.
    Twice(FieldFault),
}

impl Json {
    /// Reads `name=value[&…]`; nothing between two `&` is nothing.
    pub(crate) fn read_query(query: &str) -> Result<Self, QueryError> {
        let mut names = HashSet::new();
        let mut entries = Vec::new();
        for (name, value) in pairs(query) {
            let name = decode_query(name).ok_or(QueryError::Encoding)?;
            let value = decode_query(value).ok_or(QueryError::Encoding)?;
            if !names.insert(name.clone()) {
                let shown: String = name.chars().take(MOST_SHOWN).collect();
                return Err(QueryError::Twice(FieldFault::new(shown, "must be given once")));
            }
            entries.push((name, Self::Bare(value)));
        }
        Ok(Self::Object(entries))
    }
}

/// The same query with another cursor, which is URL-safe.
pub(crate) fn with_cursor(query: &str, cursor: &str) -> String {
    // However the name is spelled: two cursors would be a fault.
    let kept = pairs(query).filter(|(name, _)| decode_query(name).is_none_or(|name| name != CURSOR));
    let pairs = kept.chain([(CURSOR, cursor)]).map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

/// Names and values, as they are written.
fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_has_one_cursor_and_everything_else_as_it_was_asked() {
        for (query, next) in [
            ("", "cursor=c"),
            ("limit=2&q=a+b%2B", "limit=2&q=a+b%2B&cursor=c"),
            ("cursor=b&limit=2&", "limit=2&cursor=c"),
            ("limit=2&%63urso%72=b", "limit=2&cursor=c"),
        ] {
            assert_eq!(with_cursor(query, "c"), next);
        }
    }

    #[test]
    fn a_name_given_twice_is_told_however_it_is_spelled() {
        for query in ["limit=1&limit=1", "limit=1&&l%69mit=2"] {
            let twice = QueryError::Twice(FieldFault::new("limit", "must be given once"));
            assert_eq!(Json::read_query(query), Err(twice));
        }
        let long = "n".repeat(65);
        let twice = Json::read_query(&format!("{long}&{long}"));
        assert_eq!(twice, Err(QueryError::Twice(FieldFault::new("n".repeat(64), "must be given once"))));
        assert_eq!(Json::read_query("q=%ff"), Err(QueryError::Encoding));
    }
}
