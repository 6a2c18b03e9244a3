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
        let until = Instant::now() + LONGEST;
        memory.keep(token, Live { token: token.id, session: token.session, epoch, stamp, until });
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
    fn keep(&mut self, token: &Claims, live: Live) {
        let mut tokens = self.accounts.pop(&token.subject).unwrap_or_default();
        tokens.retain(|other| other.token != live.token);
        if tokens.len() >= TOKENS {
            let oldest = tokens.remove(0);
            self.owners.remove(&oldest.token.uuid());
        }
        self.owners.insert(live.token.uuid(), token.subject);
        self.owners.insert(live.session.uuid(), token.subject);
        tokens.push(live);
        if let Some((_, oldest)) = self.accounts.push(token.subject, tokens) {
            self.forget_owners(&oldest);
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

    fn forget_owners(&mut self, tokens: &[Live]) {
        for live in tokens {
            self.owners.remove(&live.token.uuid());
            self.owners.remove(&live.session.uuid());
        }
    }
}
