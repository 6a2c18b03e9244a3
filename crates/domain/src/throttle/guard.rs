//! Who may try now.

use std::mem;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Limits, Network, Rate, Scope, ThrottleKey};
use crate::port::{HasherError, LoginThrottle, Pseudonyms, Verdict};
use crate::user::{Email, User, UserId};

/// How long a network is known as one of an account after a login from it.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How many more wrong passwords for an account are allowed from such a network: more people or devices may be behind
/// it, and more of them log in at once.
const KNOWN_MORE: u32 = 4;

/// Most counts that wait to be given back. What comes beyond stays counted.
const OWED: usize = 1_000;

/// So many of them are given back before the next try.
const PAID_AT_ONCE: usize = 16;

/// Lets people try a password, register, refresh and change what is theirs, each only so often. A clone counts together
/// with the original.
///
/// Wrong passwords count per account and network first, so that a guesser is stopped long before the account is. What
/// the account as a whole allows bounds guessers from many networks, and does not bind whoever comes from a network
/// that somebody has logged in from: nobody can lock the owner out of the places they use.
#[derive(Clone)]
pub struct Guard(Option<Arc<Parts>>);

struct Parts {
    throttle: Arc<dyn LoginThrottle>,
    pseudonyms: Arc<dyn Pseudonyms>,
    limits: Limits,
    /// From a network that somebody has logged in from.
    known: Vec<Rate>,
    /// What those took who hung up before their password was compared.
    owed: Mutex<Vec<ThrottleKey>>,
}

/// Somebody has tried too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many tries")]
pub struct TooMany {
    /// How long to wait before trying again.
    pub retry_after: Duration,
}

/// A password is about to be compared. Where nothing more is heard, because whoever sent it has hung up, it was not:
/// what was taken is given back before somebody else tries.
pub(crate) struct Attempt {
    parts: Option<Arc<Parts>>,
    taken: Vec<ThrottleKey>,
    network: Option<Network>,
}

impl Guard {
    /// Counts with a throttle.
    pub fn new(throttle: Arc<dyn LoginThrottle>, pseudonyms: Arc<dyn Pseudonyms>, limits: Limits) -> Self {
        let known = limits.login_guess.iter().filter_map(|rate| rate.times(KNOWN_MORE)).collect();
        Self(Some(Arc::new(Parts { throttle, pseudonyms, limits, known, owed: Mutex::default() })))
    }

    /// Stops nobody.
    pub const fn off() -> Self {
        Self(None)
    }

    /// Whether somebody at this address may open an account now.
    pub async fn registration(&self, from: Option<IpAddr>) -> Result<(), TooMany> {
        self.arrival(Scope::Registration, from).await
    }

    /// Whether somebody at this address may spend a refresh token now.
    pub async fn refresh(&self, from: Option<IpAddr>) -> Result<(), TooMany> {
        self.arrival(Scope::Refresh, from).await
    }

    /// Whether the owner of this account may change something of it now. The account counts, not the
    /// network: what is changed is written down under its name, from wherever it was done.
    pub async fn change(&self, owner: UserId) -> Result<(), TooMany> {
        match &self.0 {
            Some(parts) => parts.take(&parts.key(Scope::Change, &owner.to_string())).await,
            None => Ok(()),
        }
    }

    async fn arrival(&self, scope: Scope, from: Option<IpAddr>) -> Result<(), TooMany> {
        match (&self.0, from) {
            (Some(parts), Some(address)) => {
                parts.take(&parts.key(scope, &Network::from(address).to_string())).await
            }
            _ => Ok(()),
        }
    }

    /// Whether somebody may try a password for the account that `username` would name. It is not asked whether there
    /// is such an account.
    pub(crate) async fn login(&self, username: &str, from: Option<IpAddr>) -> Result<Attempt, TooMany> {
        let Some(parts) = &self.0 else { return Ok(Attempt::unguarded()) };
        parts.pay().await;
        self.arrival(Scope::LoginNetwork, from).await?;
        let account = Email::parse(username)
            .map_or_else(|_| username.to_owned(), |address| address.normal().to_owned());
        let mut attempt = Attempt { parts: Some(parts.clone()), taken: Vec::new(), network: None };
        if let Some(address) = from {
            let network = Network::from(address);
            let guess = parts.guess(network, &account);
            attempt.network = Some(network);
            if parts.throttle.is_vouched(&guess).await {
                attempt.take(ThrottleKey { scope: Scope::LoginKnown, ..guess }).await?;
                return Ok(attempt);
            }
            attempt.take(guess).await?;
        }
        match attempt.take(parts.key(Scope::LoginAccount, &account)).await {
            Ok(()) => Ok(attempt),
            Err(refused) => {
                attempt.did_not_happen().await;
                Err(refused)
            }
        }
    }

    /// Whether somebody who is logged in may try their current password.
    pub(crate) async fn proof(&self, user: UserId) -> Result<Attempt, TooMany> {
        let Some(parts) = &self.0 else { return Ok(Attempt::unguarded()) };
        parts.pay().await;
        let mut attempt = Attempt { parts: Some(parts.clone()), taken: Vec::new(), network: None };
        attempt.take(parts.key(Scope::Proof, &user.to_string())).await?;
        Ok(attempt)
    }
}

impl Attempt {
    const fn unguarded() -> Self {
        Self { parts: None, taken: Vec::new(), network: None }
    }

    async fn take(&mut self, key: ThrottleKey) -> Result<(), TooMany> {
        if let Some(parts) = &self.parts {
            parts.take(&key).await?;
            self.taken.push(key);
        }
        Ok(())
    }

    /// The password was right: the network is known for the account, under each of its names, and what was wrong from
    /// there before is forgotten.
    pub(crate) async fn succeeded(self, user: &User) {
        if let (Some(parts), Some(network)) = (&self.parts, self.network) {
            let mut names = vec![user.username.normal(), user.email.normal()];
            names.dedup();
            for name in names {
                let guess = parts.guess(network, name);
                parts.throttle.vouch(&guess, KNOWN_FOR).await;
                for scope in [Scope::LoginGuess, Scope::LoginKnown] {
                    let key = ThrottleKey { scope, ..guess };
                    parts.throttle.forget(&key, parts.rates(scope)).await;
                }
            }
        }
        self.did_not_happen().await;
    }

    /// This came of comparing: only a wrong password is held against anybody.
    pub(crate) async fn ended(self, compared: &Result<Verdict, HasherError>) {
        if matches!(compared, Ok(Verdict::Wrong)) { self.was_wrong() } else { self.did_not_happen().await }
    }

    /// The password was wrong. That counts at once, whatever becomes of the answer.
    pub(crate) fn was_wrong(mut self) {
        self.taken.clear();
    }

    /// No password was compared, or it was right: nothing is held against anybody.
    pub(crate) async fn did_not_happen(mut self) {
        let Some(parts) = self.parts.clone() else { return };
        while let Some(key) = self.taken.pop() {
            parts.give_back(&key).await;
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let Some(parts) = &self.parts else { return };
        if !self.taken.is_empty() {
            parts.owe(mem::take(&mut self.taken));
        }
    }
}

impl Parts {
    fn key(&self, scope: Scope, subject: &str) -> ThrottleKey {
        ThrottleKey { scope, subject: self.pseudonyms.of(subject) }
    }

    fn guess(&self, network: Network, account: &str) -> ThrottleKey {
        // No address has a line break in it: two parts cannot be read as two others.
        self.key(Scope::LoginGuess, &format!("{network}\n{account}"))
    }

    fn rates(&self, scope: Scope) -> &[Rate] {
        match scope {
            Scope::LoginNetwork => &self.limits.login_network,
            Scope::LoginGuess | Scope::Proof => &self.limits.login_guess,
            Scope::LoginKnown => &self.known,
            Scope::LoginAccount => &self.limits.login_account,
            Scope::Registration => &self.limits.registration,
            Scope::Refresh => &self.limits.refresh,
            Scope::Change => &self.limits.changes,
        }
    }

    async fn give_back(&self, key: &ThrottleKey) {
        self.throttle.give_back(key, self.rates(key.scope)).await;
    }

    fn owe(&self, keys: Vec<ThrottleKey>) {
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        let room = OWED.saturating_sub(owed.len());
        owed.extend(keys.into_iter().take(room));
    }

    async fn pay(&self) {
        let due: Vec<ThrottleKey> = {
            let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
            let count = owed.len().min(PAID_AT_ONCE);
            owed.drain(..count).collect()
        };
        for key in &due {
            self.give_back(key).await;
        }
    }

    async fn take(&self, key: &ThrottleKey) -> Result<(), TooMany> {
        match self.rates(key.scope) {
            [] => Ok(()),
            rates => self.throttle.take(key, rates).await.map_err(|retry_after| TooMany { retry_after }),
        }
    }
}
