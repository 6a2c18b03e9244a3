//! Documents of lists that were read before.
//!
//! Most of what a list costs is to read whole rows, to check them and to write them down again, and most accounts do not
//! change between two lists. So a list asks for the heads of its rows, and reads whole only those that have changed
//! since.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use diesel::prelude::*;
use doorward_domain::Timestamp;
use doorward_domain::user::{KeptDocument, User, UserDocument, UserId};
use lru::LruCache;
use parking_lot::Mutex;

use crate::columns::{Id, Time};
use crate::error::BadColumn;
use crate::rows::UserRow;
use crate::schema::users;

/// Of how many accounts.
const ROOM: NonZeroUsize = NonZeroUsize::new(2_048).unwrap();

/// Most bytes that a document takes which is remembered.
const HEAVIEST: usize = 2 * KeptDocument::MOST_WRITTEN;

/// What of a row tells whether a document is of it: every change of an account has a version of its own. The times tell
/// where a database was put back to what it was before.
#[derive(Clone, Copy, Debug, Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct UserHead {
    id: Id,
    version: i64,
    last_login_at: Time,
    created_at: Time,
    updated_at: Time,
}

impl UserHead {
    fn is_of(&self, document: &UserDocument) -> bool {
        let Self { id, version, last_login_at, created_at, updated_at } = *self;
        UserId::from(id) == document.id
            && version == document.version
            && Timestamp::from(last_login_at) == document.last_login.unwrap_or_default()
            && Timestamp::from(created_at) == document.created_at
            && Timestamp::from(updated_at) == document.updated_at
    }
}

/// Documents by account; those that nobody lists go first.
#[derive(Debug)]
pub struct KeptDocuments(Mutex<LruCache<UserId, Arc<KeptDocument>>>);

impl Default for KeptDocuments {
    fn default() -> Self {
        Self(Mutex::new(LruCache::sparse(ROOM)))
    }
}

/// A page of a list whose heads have been read.
#[derive(Debug)]
pub enum Listed {
    /// All of its documents are known: here they are, in its order.
    Whole(Vec<Arc<KeptDocument>>),
    /// Rows have to be read.
    Partly(PageOfHeads),
}

/// A page of a list, of which some documents are known.
#[derive(Debug)]
pub struct PageOfHeads {
    documents: Vec<(UserHead, Option<Arc<KeptDocument>>)>,
}

impl KeptDocuments {
    /// The page that has these heads, in their order.
    pub fn page(&self, heads: &[UserHead]) -> Listed {
        let mut kept = self.0.lock();
        let known = |head: &UserHead| {
            (*head, kept.get(&head.id.into()).filter(|document| head.is_of(document)).cloned())
        };
        let documents: Vec<_> = heads.iter().map(known).collect();
        if documents.iter().all(|(_, known)| known.is_some()) {
            Listed::Whole(documents.into_iter().filter_map(|(_, known)| known).collect())
        } else {
            Listed::Partly(PageOfHeads { documents })
        }
    }

    /// The whole page, once the rows of those who were missing have been read; `None` where one of them is gone or has
    /// changed by now: they might stand elsewhere in the list, or not in it. A row that is no account is a [`BadColumn`].
    pub fn complete(
        &self,
        page: PageOfHeads,
        rows: Vec<UserRow>,
    ) -> Result<Option<Vec<Arc<KeptDocument>>>, BadColumn> {
        let read = self.keep(rows)?.into_iter();
        let mut read: HashMap<UserId, Arc<KeptDocument>> =
            read.map(|document| (document.id, document)).collect();
        let mut rest = |head: UserHead| read.remove(&head.id.into()).filter(|document| head.is_of(document));
        Ok(page.documents.into_iter().map(|(head, known)| known.or_else(|| rest(head))).collect())
    }

    /// The documents of these rows, in their order. They are remembered, unless they are large. A row that is no account
    /// is a [`BadColumn`], and nothing is remembered.
    pub fn keep(&self, rows: Vec<UserRow>) -> Result<Vec<Arc<KeptDocument>>, BadColumn> {
        let document = |row| User::try_from(row).map(|user| Arc::new(KeptDocument::from(user)));
        let documents: Vec<_> = rows.into_iter().map(document).collect::<Result<_, _>>()?;
        let mut kept = self.0.lock();
        for document in documents.iter().filter(|document| document.weight() <= HEAVIEST) {
            kept.put(document.id, document.clone());
        }
        Ok(documents)
    }
}

impl PageOfHeads {
    /// Whose rows have to be read.
    pub fn missing(&self) -> Vec<Id> {
        self.documents.iter().filter(|(_, known)| known.is_none()).map(|(head, _)| head.id).collect()
    }
}

#[cfg(test)]
mod tests {
    use doorward_domain::user::{Channel, StreamingHistory, UserTypes};
    use doorward_testkit::sample;

    use super::*;

    fn row(user: &User) -> UserRow {
        UserRow::try_from(user).unwrap()
    }

    fn head(user: &User) -> UserHead {
        UserHead {
            id: user.id.into(),
            version: user.version,
            last_login_at: user.last_login.unwrap_or_default().into(),
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
        }
    }

    fn missing(kept: &KeptDocuments, users: &[User]) -> Vec<Id> {
        match kept.page(&users.iter().map(head).collect::<Vec<_>>()) {
            Listed::Whole(page) => {
                assert_eq!(page.len(), users.len());
                Vec::new()
            }
            Listed::Partly(page) => page.missing(),
        }
    }

    /// A page on which somebody is not known.
    fn partly(kept: &KeptDocuments, heads: &[UserHead]) -> PageOfHeads {
        match kept.page(heads) {
            Listed::Whole(page) => unreachable!("{page:?}"),
            Listed::Partly(page) => page,
        }
    }

    #[test]
    fn what_was_read_is_known_until_it_changes() {
        let kept = KeptDocuments::default();
        let (ada, bob) = (sample::kucing_cakep(), sample::user(2));
        assert_eq!(missing(&kept, &[bob.clone(), ada.clone()]), [bob.id.into(), ada.id.into()]);
        kept.keep(vec![row(&ada), row(&bob)]).unwrap();
        assert!(missing(&kept, &[ada.clone(), bob.clone()]).is_empty());
        let later = Some(sample::seconds_later(9));
        for changed in [
            User { version: bob.version + 1, ..bob.clone() },
            User { last_login: later, ..bob.clone() },
            User { created_at: sample::seconds_later(9), ..bob.clone() },
            User { updated_at: sample::seconds_later(9), ..bob.clone() },
        ] {
            assert_eq!(missing(&kept, &[ada.clone(), changed.clone()]), [changed.id.into()], "{changed:?}");
        }
    }

    #[test]
    fn a_page_is_in_the_order_of_its_heads() {
        let kept = KeptDocuments::default();
        let users: Vec<User> = (1..=4).map(sample::user).collect();
        let [one, two, three, four] = &users[..] else { unreachable!("there are four") };
        kept.keep(vec![row(two), row(four)]).unwrap();
        let heads = [head(three), head(two), head(one), head(four)];
        let ids = |page: Vec<Arc<KeptDocument>>| page.iter().map(|document| document.id).collect::<Vec<_>>();
        let page = partly(&kept, &heads);
        assert_eq!(page.missing(), [three.id.into(), one.id.into()]);
        let page = kept.complete(page, vec![row(one), row(three)]).unwrap().unwrap();
        assert_eq!(ids(page), [three.id, two.id, one.id, four.id]);
        let whole = |heads| match kept.page(heads) {
            Listed::Whole(page) => ids(page),
            Listed::Partly(page) => unreachable!("all are known: {page:?}"),
        };
        assert_eq!(whole(&heads), [three.id, two.id, one.id, four.id]);
        assert_eq!(whole(&[]), []);
    }

    #[test]
    fn a_page_of_which_somebody_is_gone_or_has_changed_is_none() {
        let kept = KeptDocuments::default();
        let page = partly(&kept, &[head(&sample::user(1)), head(&sample::user(2))]);
        assert!(kept.complete(page, vec![row(&sample::user(2))]).unwrap().is_none());
        let page = partly(&kept, &[head(&sample::user(3))]);
        let changed = User { version: 2, last_login: Some(sample::seconds_later(9)), ..sample::user(3) };
        assert!(kept.complete(page, vec![row(&changed)]).unwrap().is_none());
    }

    #[test]
    fn what_is_large_is_not_remembered_and_what_nobody_lists_goes_first() {
        let kept = KeptDocuments::default();
        let streams = (0..100).map(|number| sample::text(&format!("{number:0>100}"))).collect();
        let history = StreamingHistory::new(streams).unwrap();
        let channel = Channel { streamer_id: sample::text("c"), history };
        let types = UserTypes { streamer: Some(channel), seller: None };
        let large = User { user_types: types, ..sample::user(9_999) };
        assert_eq!(kept.keep(vec![row(&large)]).unwrap().len(), 1);
        assert_eq!(missing(&kept, std::slice::from_ref(&large)), [large.id.into()]);
        let room = u32::try_from(ROOM.get()).unwrap();
        for number in 0..=room {
            kept.keep(vec![row(&sample::user(number))]).unwrap();
        }
        assert_eq!(missing(&kept, &[sample::user(0), sample::user(1)]), [sample::user_id(0).into()]);
        assert_eq!(kept.0.lock().len(), ROOM.get());
    }
}
