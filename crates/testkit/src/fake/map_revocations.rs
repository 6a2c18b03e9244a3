//! What is known about tokens, in plain maps.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use doorward_domain::Timestamp;
use doorward_domain::port::{Clock, Ids, Revocations, Revoked, Stamp, Standing, StoreError};
use doorward_domain::token::{Claims, SessionId};
use doorward_domain::user::UserId;
use parking_lot::Mutex;
use uuid::Uuid;

use super::{CountingIds, ManualClock};

/// Knows what it was told until a test makes it forget.
pub struct MapRevocations {
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
    stamps: CountingIds,
}

#[derive(Default)]
struct Known {
    revoked: HashMap<Uuid, Timestamp>,
    stamps: HashMap<UserId, Stamp>,
    live: HashMap<SessionId, Stamp>,
}

/// On a clock that stands still.
impl Default for MapRevocations {
    fn default() -> Self {
        Self::new(Arc::new(ManualClock::default()))
    }
}

impl MapRevocations {
    /// Knows nothing yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, known: Mutex::default(), stamps: CountingIds::default() }
    }

    /// Loses everything, as a restart would.
    pub fn forget_everything(&self) {
        *self.known.lock() = Known::default();
    }

    /// Says at once what [`changed`](Revocations::changed) says: for a test in the middle of something that cannot
    /// wait.
    pub fn change(&self, user: UserId) -> Stamp {
        let stamp = self.new_stamp();
        self.known.lock().stamps.insert(user, stamp);
        stamp
    }

    fn new_stamp(&self) -> Stamp {
        Stamp::new(self.stamps.token().uuid())
    }
}

#[async_trait]
impl Revocations for MapRevocations {
    async fn find(&self, token: &Claims) -> Standing {
        let now = self.clock.now();
        let known = &mut *self.known.lock();
        let is_revoked = |id| known.revoked.get(&id).is_some_and(|until| now < *until);
        if is_revoked(token.id.uuid()) || is_revoked(token.session.uuid()) {
            return Standing::Revoked;
        }
        let stamp = *known.stamps.entry(token.subject).or_insert_with(|| self.new_stamp());
        if known.live.get(&token.session) == Some(&stamp) {
            Standing::Live(stamp)
        } else {
            Standing::Unknown(Some(stamp))
        }
    }

    async fn confirm(&self, token: &Claims, stamp: Stamp) {
        self.known.lock().live.insert(token.session, stamp);
    }

    async fn changed(&self, user: UserId, revoked: &[Revoked]) -> Result<Option<Stamp>, StoreError> {
        for Revoked { id, until } in revoked {
            let known = &mut self.known.lock().revoked;
            let longest = known.entry(*id).or_insert(*until);
            *longest = (*until).max(*longest);
        }
        Ok(Some(self.change(user)))
    }
}
