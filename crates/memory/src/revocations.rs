//! What is known about tokens, in this process.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use doorward_domain::Timestamp;
use doorward_domain::port::{Clock, Ids, Revocations, Revoked, Stamp, Standing, StoreError};
use doorward_domain::token::{Claims, SessionId};
use doorward_domain::user::UserId;
use lru::LruCache;
use metrics::{Counter, counter};
use uuid::Uuid;

use crate::age::forget_oldest;
use crate::lease::Lease;
use crate::shards::{Shards, share};

/// How long a confirmation counts. Whatever the service changes it says at once; this bounds how long a change that an
/// operator makes in the database by hand is not seen where nobody [looks](MemoryRevocations::distrust) for it.
const CONFIRMED_FOR: Duration = Duration::from_secs(5 * 60);

/// How much is remembered about tokens. Beyond it, what was not used for the longest time is forgotten, and the store
/// of sessions answers instead.
///
/// An entry takes about a hundred bytes, from when it is made on: by default 40 MB at most for all together. What
/// counts no more goes as others come, so that revoked tokens take what was revoked within the lifetime of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevocationRoom {
    /// Accounts whose state has a stamp.
    pub accounts: usize,
    /// Sessions that were confirmed.
    pub sessions: usize,
    /// Tokens and sessions that were revoked.
    pub revoked: usize,
}

impl Default for RevocationRoom {
    fn default() -> Self {
        Self { accounts: 100_000, sessions: 200_000, revoked: 100_000 }
    }
}

/// What this process knows about tokens: for a service of one node, because others are not told of a change.
pub struct MemoryRevocations {
    shards: Shards<Known>,
    leeway: Duration,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    lease: Option<Arc<Lease>>,
    checks: Checks,
}

/// What was answered, and how often.
struct Checks {
    live: Counter,
    revoked: Counter,
    unknown: Counter,
}

impl Checks {
    fn new() -> Self {
        let checks = |answer: &'static str| counter!("doorward_revocation_checks_total", "source" => "memory", "answer" => answer);
        Self { live: checks("live"), revoked: checks("revoked"), unknown: checks("unknown") }
    }
}

/// All that is known about an account is in the same shard, and with it under one lock.
struct Known {
    revoked: LruCache<Uuid, Timestamp>,
    stamps: LruCache<UserId, Stamp>,
    live: LruCache<SessionId, Confirmation>,
}

/// Under which stamp the store had a session live, and during which time that counts.
struct Confirmation {
    stamp: Stamp,
    counts: Range<Timestamp>,
}

impl MemoryRevocations {
    /// Knows nothing yet. A token is good for `leeway` after it has expired: so long does a revocation count too.
    pub fn new(room: RevocationRoom, leeway: Duration, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        let RevocationRoom { accounts, sessions, revoked } = room;
        let shards = Shards::new(|| Known {
            revoked: LruCache::sparse(share(revoked)),
            stamps: LruCache::sparse(share(accounts)),
            live: LruCache::sparse(share(sessions)),
        });
        Self { shards, leeway, clock, ids, lease: None, checks: Checks::new() }
    }

    /// Believed only while the lease holds: for a store that other processes change as well.
    #[must_use]
    pub fn leased(self, lease: Arc<Lease>) -> Self {
        Self { lease: Some(lease), ..self }
    }

    /// Somebody else has changed the store, and nobody knows what: nothing counts that was confirmed before. What was
    /// revoked stays so.
    pub fn distrust(&self) {
        for mut known in self.shards.each() {
            known.stamps.clear();
            known.live.clear();
        }
    }

    fn is_believed(&self) -> bool {
        self.lease.as_ref().is_none_or(|lease| lease.holds())
    }

    fn standing(&self, token: &Claims) -> Standing {
        let now = self.clock.now();
        let mut known = self.shards.lock(&token.subject);
        if known.is_revoked(token.id.uuid(), now) || known.is_revoked(token.session.uuid(), now) {
            return Standing::Revoked;
        }
        let stamp = *known.stamps.get_or_insert(token.subject, || self.new_stamp());
        match known.live.get(&token.session) {
            Some(live) if live.stamp == stamp && live.counts.contains(&now) && self.is_believed() => {
                Standing::Live(stamp)
            }
            _ => Standing::Unknown(Some(stamp)),
        }
    }

    /// A stamp that was forgotten never comes back, so that forgetting one forgets all that was known under it.
    fn new_stamp(&self) -> Stamp {
        Stamp::new(self.ids.token().uuid())
    }
}

#[async_trait]
impl Revocations for MemoryRevocations {
    async fn find(&self, token: &Claims) -> Standing {
        let standing = self.standing(token);
        match standing {
            Standing::Live(_) => self.checks.live.increment(1),
            Standing::Revoked => self.checks.revoked.increment(1),
            Standing::Unknown(_) => self.checks.unknown.increment(1),
        }
        standing
    }

    async fn confirm(&self, token: &Claims, stamp: Stamp) {
        let now = self.clock.now();
        let mut known = self.shards.lock(&token.subject);
        if known.stamps.get(&token.subject) == Some(&stamp) {
            let counts = now..now.plus(CONFIRMED_FOR);
            forget_oldest(&mut known.live, |live| live.counts.end <= now);
            known.live.put(token.session, Confirmation { stamp, counts });
        }
    }

    async fn changed(&self, user: UserId, revoked: &[Revoked]) -> Result<Option<Stamp>, StoreError> {
        let now = self.clock.now();
        let stamp = self.new_stamp();
        let mut known = self.shards.lock(&user);
        for Revoked { id, until } in revoked {
            known.revoke(*id, until.plus(self.leeway), now);
        }
        known.stamps.put(user, stamp);
        Ok(Some(stamp))
    }
}

impl Known {
    fn is_revoked(&mut self, id: Uuid, now: Timestamp) -> bool {
        match self.revoked.get(&id) {
            Some(until) if *until < now => {
                self.revoked.pop(&id);
                false
            }
            found => found.is_some(),
        }
    }

    /// What was revoked for longer before stays so.
    fn revoke(&mut self, id: Uuid, until: Timestamp, now: Timestamp) {
        // Where it is a session. What has ended need not stay confirmed.
        self.live.pop(&SessionId::new(id));
        if until >= now && self.revoked.peek(&id).is_none_or(|known| *known < until) {
            forget_oldest(&mut self.revoked, |until| *until < now);
            self.revoked.put(id, until);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use doorward_domain::token::{TokenId, TokenKind};
    use doorward_testkit::fake::{CountingIds, ManualClock};
    use doorward_testkit::sample;

    use super::*;

    /// A token of a new session.
    fn token(ids: &CountingIds, user: UserId, issued_at: Timestamp) -> Claims {
        Claims {
            kind: TokenKind::Access,
            subject: user,
            session: ids.session(),
            id: TokenId::new(Uuid::nil()),
            issued_at,
            expires_at: issued_at.plus(CONFIRMED_FOR),
        }
    }

    /// Has the session of a token confirmed.
    async fn confirm(revocations: &MemoryRevocations, token: &Claims) {
        if let Standing::Unknown(Some(stamp)) = revocations.find(token).await {
            revocations.confirm(token, stamp).await;
        }
    }

    /// Tells that the session of a token has ended.
    async fn end(revocations: &MemoryRevocations, token: &Claims) {
        let session = Revoked { id: token.session.uuid(), until: token.expires_at };
        revocations.changed(token.subject, &[session]).await.unwrap();
        assert_eq!(revocations.find(token).await, Standing::Revoked);
    }

    fn count(revocations: &MemoryRevocations, of: fn(&Known) -> usize) -> usize {
        revocations.shards.each().map(|known| of(&known)).sum()
    }

    #[tokio::test]
    async fn ses_19_however_many_log_out_no_more_is_remembered_than_has_room() {
        let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(CountingIds::default()));
        let room = RevocationRoom { accounts: 8_000, sessions: 8_000, revoked: 8_000 };
        let revocations = MemoryRevocations::new(room, Duration::ZERO, clock, ids.clone());
        for _ in 0..50_000 {
            let user = ids.user();
            confirm(&revocations, &token(&ids, user, sample::NOW)).await;
            end(&revocations, &token(&ids, user, sample::NOW)).await;
        }
        assert_eq!(count(&revocations, |known| known.revoked.len()), 8_000);
        assert_eq!(count(&revocations, |known| known.stamps.len()), 8_000);
        assert_eq!(count(&revocations, |known| known.live.len()), 8_000);
    }

    #[tokio::test]
    async fn ses_19_what_counts_no_more_is_forgotten_as_others_come() {
        let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(CountingIds::default()));
        let room = RevocationRoom::default();
        let revocations = MemoryRevocations::new(room, Duration::ZERO, clock.clone(), ids.clone());
        let (user, mut open, mut most) = (ids.user(), VecDeque::new(), (0, 0));
        // Every second a session is opened. Every second one ends after 100 s, and of the others nothing is heard.
        for second in 0..5_000 {
            let token = token(&ids, user, clock.now());
            confirm(&revocations, &token).await;
            if second % 2 == 0 {
                open.push_back(token);
            }
            if open.len() > 50 {
                end(&revocations, &open.pop_front().unwrap()).await;
            }
            let revoked = count(&revocations, |known| known.revoked.len());
            let live = count(&revocations, |known| known.live.len());
            most = (most.0.max(revoked), most.1.max(live));
            clock.advance(Duration::from_secs(1));
        }
        // Of those that ended, for the 200 s that were left to their tokens; of the others, for 100 and for 300 s.
        assert!((75..=150).contains(&most.0) && (150..=250).contains(&most.1), "{most:?}");
    }
}
