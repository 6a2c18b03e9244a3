//! A list, one entry after another.

use std::vec::IntoIter;

use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::routes::Route;
use crate::session::Session;
use crate::wire::Ask;

/// Walks through a list and asks for the next page when it needs one.
///
/// Each entry that was there when the walk began is met once, as long as what the list is sorted by does not change.
#[derive(Debug)]
pub struct Walk<T> {
    session: Session,
    route: Route,
    query: Vec<(&'static str, String)>,
    entries: IntoIter<T>,
    ahead: Ahead,
}

/// What comes after the entries that are here.
#[derive(Debug)]
enum Ahead {
    FirstPage,
    PageAt(String),
    Nothing,
}

impl<T: DeserializeOwned> Walk<T> {
    pub(crate) fn new(session: Session, route: Route, query: Vec<(&'static str, String)>) -> Self {
        Self { session, route, query, entries: Vec::new().into_iter(), ahead: Ahead::FirstPage }
    }

    /// The next entry; `None` at the end. After an error it may be asked again and goes on where it was.
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        loop {
            if let Some(entry) = self.entries.next() {
                return Ok(Some(entry));
            }
            let mut query = self.query.clone();
            match &self.ahead {
                Ahead::FirstPage => {}
                Ahead::PageAt(cursor) => {
                    query.retain(|(name, _)| *name != "cursor");
                    query.push(("cursor", cursor.clone()));
                }
                Ahead::Nothing => return Ok(None),
            }
            let page = self.session.page(Ask::new(self.route.clone()).query(query)).await?;
            self.entries = page.entries.into_iter();
            self.ahead = page.next.map_or(Ahead::Nothing, Ahead::PageAt);
        }
    }
}
