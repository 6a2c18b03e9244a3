//! What was read on one connection, remembered in the process until the server says that it has changed (client-side
//! caching in the server's default mode, on the connection itself).
//!
//! The server tells of every change of a key that this connection has read, on this connection, so that an answer and
//! the change after it arrive in their order. Whoever reads notes first how many changes have been told, and remembers
//! the answer only if there were no more when it has come. When the connection breaks, everything is forgotten with it.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use deadpool_redis::redis::{PushInfo, PushKind, Value};
use doorward_domain::port::Stamp;
use doorward_domain::token::{Claims, SessionId, TokenId};
use doorward_domain::user::UserId;
use lru::LruCache;
use parking_lot::Mutex;
use uuid::Uuid;

use crate::connect::PushSink;
use crate::keyspace::{KeyName, Keyspace};

/// The longest that anything is remembered, whatever the server tells.
const LONGEST: Duration = Duration::from_secs(5);

/// Of how many accounts tokens are remembered on a connection.
const ACCOUNTS: NonZeroUsize = NonZeroUsize::new(50_000).unwrap();

/// How many accounts are looked at whenever a token is remembered: more than one, so that what has aged goes faster than
/// others come.
const LOOKED_AT: usize = 2;

/// How many tokens of one account.
const TOKENS: usize = 32;

/// Tokens that were live when they were read last.
pub(crate) struct Near {
    keyspace: Keyspace,
    memory: Mutex<Memory>,
}

struct Memory {
    /// Counts what the server has told.
    told: u64,
    accounts: LruCache<UserId, Vec<Live>>,
    /// Whose a token or a session is: nothing is remembered that is not found from here.
    owners: HashMap<Uuid, UserId>,
}

struct Live {
    token: TokenId,
    session: SessionId,
    epoch: Uuid,
    stamp: Stamp,
    until: Instant,
}

/// How many changes had been told when somebody began to read.
#[derive(Clone, Copy)]
pub(crate) struct Told(u64);

impl Near {
    pub(crate) fn new(keyspace: Keyspace) -> Self {
        let memory = Memory { told: 0, accounts: LruCache::new(ACCOUNTS), owners: HashMap::new() };
        Self { keyspace, memory: Mutex::new(memory) }
    }

    /// Where the connection's driver says what the server tells.
    pub(crate) fn sink(self: &Arc<Self>, broken: &Arc<AtomicBool>) -> PushSink {
        let (near, broken) = (self.clone(), broken.clone());
        Arc::new(move |push: &PushInfo| match push.kind {
            PushKind::Invalidate => near.forget(&push.data),
            PushKind::Disconnection => {
                broken.store(true, Ordering::Release);
                near.forget(&[]);
            }
            _ => {}
        })
    }

    /// The stamp under which a token was live in this epoch, as far as anybody has told.
    pub(crate) fn find(&self, token: &Claims, epoch: Uuid) -> Option<Stamp> {
        let mut memory = self.memory.lock();
        let tokens = memory.accounts.get(&token.subject)?;
        let live = tokens.iter().find(|live| live.token == token.id && live.session == token.session)?;
        (live.epoch == epoch && live.until > Instant::now()).then_some(live.stamp)
    }

    /// To be asked before reading.
    pub(crate) fn told(&self) -> Told {
        Told(self.memory.lock().told)
    }

    /// Remembers what was read since, if nothing has changed in between.
    pub(crate) fn keep(&self, since: Told, token: &Claims, epoch: Uuid, stamp: Stamp) {
        let mut memory = self.memory.lock();
        if memory.told != since.0 {
            return;
        }
        memory.keep(token, epoch, stamp, Instant::now());
    }

    /// Forgets what hangs on the keys that the server names; everything where it names none.
    fn forget(&self, told: &[Value]) {
        let mut memory = self.memory.lock();
        memory.told = memory.told.wrapping_add(1);
        let Some(Value::Array(keys)) = told.first() else { return memory.forget_all() };
        for key in keys {
            let name = match key {
                Value::BulkString(key) => self.keyspace.read(key),
                Value::SimpleString(key) => self.keyspace.read(key.as_bytes()),
                _ => None,
            };
            match name {
                Some(KeyName::Complete) => memory.forget_all(),
                Some(KeyName::User(id)) => memory.forget_account(UserId::new(id)),
                Some(KeyName::Token(id) | KeyName::Live(id)) => memory.forget_owner(id),
                None => {}
            }
        }
    }
}

impl Memory {
    fn keep(&mut self, token: &Claims, epoch: Uuid, stamp: Stamp, now: Instant) {
        self.forget_oldest(now);
        let live = Live { token: token.id, session: token.session, epoch, stamp, until: now + LONGEST };
        let mut tokens = self.accounts.pop(&token.subject).unwrap_or_default();
        tokens.retain(|other| other.token != live.token);
        if tokens.len() >= TOKENS {
            let oldest = tokens.remove(0);
            self.owners.remove(&oldest.token.uuid());
            if tokens.iter().all(|other| other.session != oldest.session) {
                self.owners.remove(&oldest.session.uuid());
            }
        }
        self.owners.insert(live.token.uuid(), token.subject);
        self.owners.insert(live.session.uuid(), token.subject);
        tokens.push(live);
        if let Some((_, oldest)) = self.accounts.push(token.subject, tokens) {
            self.forget_owners(&oldest);
        }
    }

    /// Forgets the accounts that were not used for the longest time and of which no token counts any more, up to the
    /// first that has one.
    fn forget_oldest(&mut self, now: Instant) {
        for _ in 0..LOOKED_AT {
            match self.accounts.peek_lru() {
                Some((_, tokens)) if tokens.iter().all(|live| live.until <= now) => {
                    let oldest = self.accounts.pop_lru();
                    self.forget_owners(oldest.iter().flat_map(|(_, tokens)| tokens));
                }
                _ => return,
            }
        }
    }

    fn forget_all(&mut self) {
        self.accounts.clear();
        self.owners.clear();
    }

    /// Forgets the account that a token or a session belongs to.
    fn forget_owner(&mut self, id: Uuid) {
        if let Some(user) = self.owners.get(&id).copied() {
            self.forget_account(user);
        }
    }

    fn forget_account(&mut self, id: UserId) {
        if let Some(tokens) = self.accounts.pop(&id) {
            self.forget_owners(&tokens);
        }
    }

    fn forget_owners<'a>(&mut self, tokens: impl IntoIterator<Item = &'a Live>) {
        for live in tokens {
            self.owners.remove(&live.token.uuid());
            self.owners.remove(&live.session.uuid());
        }
    }
}

#[cfg(test)]
mod tests {
    use doorward_domain::token::TokenKind;
    use doorward_testkit::sample;

    use super::*;

    const EPOCH: Uuid = Uuid::from_u128(9);

    fn near() -> Arc<Near> {
        Arc::new(Near::new(Keyspace::of_databases()))
    }

    /// A token of a person's session.
    fn token(person: u32, session: u32, number: u32) -> Claims {
        Claims {
            kind: TokenKind::Access,
            subject: sample::user_id(person),
            session: sample::session_id(session),
            id: sample::successor(number).access_id,
            issued_at: sample::NOW,
            expires_at: sample::NOW,
        }
    }

    fn keep(near: &Near, token: &Claims) {
        near.keep(near.told(), token, EPOCH, sample::stamp(1));
    }

    fn is_remembered(near: &Near, token: &Claims) -> bool {
        near.find(token, EPOCH) == Some(sample::stamp(1))
    }

    /// What the server tells: these keys have changed.
    fn changed(keys: &[String]) -> Vec<Value> {
        let name = |key: &String| Value::BulkString(key.clone().into_bytes());
        vec![Value::Array(keys.iter().map(name).collect())]
    }

    #[test]
    fn what_was_kept_is_found_in_its_epoch_and_no_other() {
        let near = near();
        keep(&near, &token(1, 1, 1));
        assert!(is_remembered(&near, &token(1, 1, 1)));
        assert_eq!(near.find(&token(1, 1, 1), Uuid::from_u128(8)), None);
        for other in [token(1, 1, 2), token(1, 2, 1), token(2, 1, 1)] {
            assert!(!is_remembered(&near, &other));
        }
    }

    #[test]
    fn what_changed_while_somebody_read_is_not_kept() {
        let near = near();
        for told in [changed(&["whatever".to_owned()]), changed(&[]), vec![Value::Nil]] {
            let before = near.told();
            near.forget(&told);
            near.keep(before, &token(1, 1, 1), EPOCH, sample::stamp(1));
            assert!(!is_remembered(&near, &token(1, 1, 1)));
        }
    }

    #[test]
    fn whatever_was_read_of_an_account_makes_it_forgotten_when_it_changes() {
        let (near, keyspace) = (near(), Keyspace::of_databases());
        let (one, other) = (token(1, 1, 1), token(2, 2, 2));
        for key in [
            keyspace.token(one.id.uuid()),
            keyspace.token(one.session.uuid()),
            keyspace.user(one.subject, EPOCH),
            keyspace.live(one.session, EPOCH),
        ] {
            keep(&near, &one);
            keep(&near, &other);
            near.forget(&changed(&["address:1".to_owned(), key.clone()]));
            assert!(!is_remembered(&near, &one), "{key}");
            assert!(is_remembered(&near, &other), "{key}");
        }
    }

    #[test]
    fn without_the_marker_and_without_names_everything_is_forgotten() {
        for told in [changed(&[Keyspace::of_databases().complete()]), vec![Value::Nil], Vec::new()] {
            let near = near();
            keep(&near, &token(1, 1, 1));
            keep(&near, &token(2, 2, 2));
            near.forget(&told);
            assert!(!is_remembered(&near, &token(1, 1, 1)) && !is_remembered(&near, &token(2, 2, 2)));
        }
    }

    #[test]
    fn f32_when_the_connection_is_lost_it_is_broken_and_everything_is_forgotten() {
        let (near, broken) = (near(), Arc::new(AtomicBool::new(false)));
        let sink = near.sink(&broken);
        keep(&near, &token(1, 1, 1));
        let before = near.told();
        sink(&PushInfo { kind: PushKind::Disconnection, data: Vec::new() });
        assert!(broken.load(Ordering::Acquire) && !is_remembered(&near, &token(1, 1, 1)));
        near.keep(before, &token(1, 1, 1), EPOCH, sample::stamp(1));
        assert!(!is_remembered(&near, &token(1, 1, 1)), "it was read before the connection was lost");
    }

    #[test]
    fn other_words_of_the_server_change_nothing() {
        let (near, broken) = (near(), Arc::new(AtomicBool::new(false)));
        keep(&near, &token(1, 1, 1));
        near.sink(&broken)(&PushInfo { kind: PushKind::Message, data: changed(&["x".to_owned()]) });
        assert!(!broken.load(Ordering::Acquire) && is_remembered(&near, &token(1, 1, 1)));
    }

    #[test]
    fn of_an_account_the_tokens_that_were_kept_last_are_remembered_and_nothing_of_the_others() {
        let near = near();
        let count = u32::try_from(TOKENS).unwrap();
        // Each of a session of its own, and then all of one.
        for number in 0..2 * count {
            keep(&near, &token(1, number.min(count), number));
        }
        for number in 0..2 * count {
            let token = token(1, number.min(count), number);
            assert_eq!(is_remembered(&near, &token), number >= count, "{number}");
        }
        assert_eq!(near.memory.lock().owners.len(), TOKENS + 1);
        near.forget(&changed(&[Keyspace::of_databases().user(sample::user_id(1), EPOCH)]));
        assert!(near.memory.lock().owners.is_empty());
    }

    #[test]
    fn keeping_again_changes_nothing_but_the_stamp() {
        let near = near();
        for number in [1, 2, 1] {
            near.keep(near.told(), &token(1, 1, 1), EPOCH, sample::stamp(number));
            assert_eq!(near.find(&token(1, 1, 1), EPOCH), Some(sample::stamp(number)));
        }
        assert_eq!(near.memory.lock().owners.len(), 2);
    }

    #[test]
    fn of_more_accounts_than_have_room_nothing_stays_behind() {
        let near = near();
        let room = u32::try_from(ACCOUNTS.get()).unwrap();
        for person in 0..room + 10 {
            keep(&near, &token(person, person, person));
        }
        assert!(!is_remembered(&near, &token(9, 9, 9)) && is_remembered(&near, &token(10, 10, 10)));
        assert_eq!(near.memory.lock().owners.len(), 2 * ACCOUNTS.get());
    }

    #[test]
    fn accounts_of_which_nothing_counts_any_more_are_forgotten_as_others_come() {
        let (near, begun) = (near(), Instant::now());
        let mut memory = near.memory.lock();
        let remember =
            |memory: &mut Memory, token: &Claims, now| memory.keep(token, EPOCH, sample::stamp(1), now);
        for number in 0..100 {
            remember(&mut memory, &token(number, number, number), begun);
        }
        // One of them comes again, with a token that counts for longer.
        remember(&mut memory, &token(0, 200, 200), begun + LONGEST / 2);
        let later = begun + LONGEST + LONGEST / 4;
        for number in 0..60 {
            remember(&mut memory, &token(300 + number, 300 + number, 300 + number), later);
        }
        assert_eq!((memory.accounts.len(), memory.owners.len()), (61, 4 + 60 * 2));
        drop(memory);
        assert!(is_remembered(&near, &token(0, 200, 200)) && !is_remembered(&near, &token(1, 1, 1)));
    }
}
