//! Copies of accounts' documents, in this process.

#[cfg(test)]
mod weight_tests;

use std::sync::Arc;

use async_trait::async_trait;
use doorward_domain::port::{Stamp, UserDocuments};
use doorward_domain::user::{KeptDocument, UserId};
use lru::LruCache;

use crate::shards::{Shards, share};

/// How much memory copies of documents may take. Beyond it, what was not used for the longest time is dropped.
///
/// A document without lists takes about one and a half kilobytes, so that by default some eighty thousand have room.
/// One that is greater than an eighth of the room is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentRoom {
    /// In bytes, estimated from what the documents say.
    pub bytes: usize,
}

impl Default for DocumentRoom {
    fn default() -> Self {
        Self { bytes: 128 * 1024 * 1024 }
    }
}

/// The copies of documents that this process keeps.
///
/// One copy an account. A copy of a higher version stays whatever the stamps are, and nothing is lost by it: who has a
/// lower version read it before the change that made the higher one, so that the stamp they knew before they read is
/// one that this change takes away when it is told. Under the stamp that comes then, every read finds the higher
/// version or a later one, which replaces. Among copies of the same version the last one stays: the account has not
/// changed, only its stamp has. And what is found under the present stamp is right without any of this, because a
/// copy bears the stamp that was known before it was read.
pub struct MemoryDocuments(Shards<Shelf>);

/// The copies of some accounts, and what they weigh together.
struct Shelf {
    copies: LruCache<UserId, Copied>,
    weight: usize,
    room: usize,
}

struct Copied {
    document: Arc<KeptDocument>,
    stamp: Stamp,
    weight: usize,
}

impl MemoryDocuments {
    /// Keeps nothing yet.
    pub fn new(room: DocumentRoom) -> Self {
        let room = share(room.bytes).get();
        Self(Shards::new(|| Shelf { copies: LruCache::unbounded(), weight: 0, room }))
    }
}

#[async_trait]
impl UserDocuments for MemoryDocuments {
    async fn find(&self, id: UserId, stamp: Stamp) -> Option<Arc<KeptDocument>> {
        let mut place = self.0.lock(&id);
        let copy = place.copies.get(&id).filter(|copy| copy.stamp == stamp)?;
        Some(copy.document.clone())
    }

    async fn keep(&self, document: &Arc<KeptDocument>, stamp: Stamp) {
        let copy = Copied { document: document.clone(), stamp, weight: document.weight() };
        // A great document takes its time to go: it goes when the shelf is free for others again.
        let displaced = self.0.lock(&document.id).put(copy);
        drop(displaced);
    }

    async fn delete(&self, id: UserId) {
        let displaced = self.0.lock(&id).take(id);
        drop(displaced);
    }
}

impl Shelf {
    /// Puts a copy in, unless there is one of a higher version, and answers what had to go.
    fn put(&mut self, copy: Copied) -> Vec<Copied> {
        let id = copy.document.id;
        if self.copies.peek(&id).is_some_and(|kept| kept.document.version > copy.document.version) {
            return vec![copy];
        }
        let mut displaced = Vec::from_iter(self.take(id));
        if copy.weight > self.room {
            displaced.push(copy);
            return displaced;
        }
        self.weight += copy.weight;
        self.copies.put(id, copy);
        while self.weight > self.room {
            let Some((_, oldest)) = self.copies.pop_lru() else { break };
            self.weight = self.weight.saturating_sub(oldest.weight);
            displaced.push(oldest);
        }
        displaced
    }

    fn take(&mut self, id: UserId) -> Option<Copied> {
        let copy = self.copies.pop(&id)?;
        self.weight = self.weight.saturating_sub(copy.weight);
        Some(copy)
    }
}

#[cfg(test)]
mod tests {
    use doorward_domain::user::User;
    use doorward_testkit::sample;

    use super::*;

    fn copy(user: User) -> Copied {
        let document = Arc::new(KeptDocument::from(user));
        Copied { weight: document.weight(), document, stamp: sample::stamp(1) }
    }

    /// A shelf with room for so many documents of people with nothing but an address.
    fn shelf(documents: usize) -> Shelf {
        Shelf { copies: LruCache::unbounded(), weight: 0, room: documents * copy(sample::user(1)).weight }
    }

    /// Whose copies are there, and that they weigh together what the shelf says.
    fn numbers(shelf: &Shelf) -> Vec<u32> {
        let weights: usize = shelf.copies.iter().map(|(_, copy)| copy.weight).sum();
        assert_eq!(weights, shelf.weight);
        assert!(shelf.weight <= shelf.room);
        (0..100).filter(|number| shelf.copies.contains(&sample::user_id(*number))).collect()
    }

    #[test]
    fn the_copy_that_was_not_used_for_the_longest_time_goes() {
        let mut shelf = shelf(3);
        for number in 1..4 {
            assert!(shelf.put(copy(sample::user(number))).is_empty());
        }
        shelf.copies.get(&sample::user_id(1));
        let displaced = shelf.put(copy(sample::user(4)));
        assert_eq!(displaced[0].document.id, sample::user_id(2));
        assert_eq!(numbers(&shelf), [1, 3, 4]);
    }

    #[test]
    fn a_great_document_takes_the_room_of_many() {
        let mut shelf = shelf(10);
        for number in 1..11 {
            shelf.put(copy(sample::user(number)));
        }
        let great = User { id: sample::user_id(50), ..sample::kucing_cakep() };
        assert!(shelf.put(copy(great)).len() >= 2);
        let left = numbers(&shelf);
        assert!(left.len() > 2 && left.ends_with(&[10, 50]), "{left:?}");
    }

    #[test]
    fn a_document_without_room_is_not_kept_and_pushes_nobody_out() {
        let mut shelf = shelf(2);
        shelf.put(copy(sample::user(1)));
        shelf.put(copy(sample::user(2)));
        let grown = User { id: sample::user_id(2), version: 99, ..sample::sari_lengkap() };
        shelf.put(copy(grown));
        assert_eq!(numbers(&shelf), [1]);
    }

    #[test]
    fn a_copy_that_is_replaced_or_deleted_gives_its_room_back() {
        let mut shelf = shelf(5);
        for version in (0..50).chain(0..50) {
            shelf.put(copy(User { version, ..sample::user(1) }));
            assert_eq!(numbers(&shelf), [1]);
        }
        shelf.take(sample::user_id(1));
        assert_eq!((numbers(&shelf), shelf.weight), (vec![], 0));
    }

    #[tokio::test]
    async fn all_copies_together_stay_within_the_room() {
        let room = DocumentRoom { bytes: 1024 * 1024 };
        let documents = MemoryDocuments::new(room);
        for number in 0..5_000 {
            let user = User { id: sample::user_id(number), ..sample::kucing_cakep() };
            documents.keep(&Arc::new(user.into()), sample::stamp(1)).await;
            assert!(documents.find(sample::user_id(number), sample::stamp(1)).await.is_some());
        }
        let taken: usize = documents.0.each().map(|shelf| shelf.weight).sum();
        assert!(taken > room.bytes / 2 && taken <= room.bytes, "{taken}");
    }
}
