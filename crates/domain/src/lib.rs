//! Accounts and sessions: what Doorward's business says, and nothing else.
//!
//! This crate knows no database, no web framework, no clock and no randomness. All of these are asked for
//! through a [`port`]: a small trait that an adapter implements. Two values hold the use cases,
//! [`Accounts`](accounts::Accounts) and [`Sessions`](sessions::Sessions); a service that wants accounts of its
//! own depends on this crate alone and brings its own adapters.
//!
//! # Embedding the use cases
//!
//! A port is a trait of one to nine methods, and an adapter implements it: below, a clock. The other adapters here are
//! the in-memory ones of our test kit; in a real service they are yours as well.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::SystemTime;
//! use doorward_domain::port::Clock;
//! use doorward_domain::{Copies, Origin, Passwords, Timestamp};
//! use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts, NewAccount};
//! use doorward_domain::sessions::{LoginError, SessionPorts, SessionRules, Sessions};
//! use doorward_domain::throttle::Guard;
//! use doorward_domain::user::{Email, Password, PasswordRules};
//! use doorward_testkit::fake;
//!
//! struct WallClock;
//!
//! impl Clock for WallClock {
//!     fn now(&self) -> Timestamp {
//!         let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
//!         Timestamp::default().plus(since)
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Arc::new(fake::MemoryStore::default());
//! let clock = Arc::new(WallClock);
//! let ids = Arc::new(fake::CountingIds::default());
//! let passwords = Passwords::new(
//!     Arc::new(fake::PlainPasswords),
//!     Arc::new(fake::FewCommonPasswords),
//!     PasswordRules::default(),
//! );
//! let accounts = Accounts::new(
//!     AccountPorts {
//!         users: store.clone(),
//!         sessions: store.clone(),
//!         copies: Copies::none(),
//!         audit: store.clone(),
//!         guard: Guard::off(),
//!         passwords: passwords.clone(),
//!         clock: clock.clone(),
//!         ids: ids.clone(),
//!     },
//!     AccountRules::default(),
//! );
//! let sessions = Sessions::new(
//!     SessionPorts {
//!         users: store.clone(),
//!         sessions: store.clone(),
//!         copies: Copies::none(),
//!         audit: store,
//!         guard: Guard::off(),
//!         passwords,
//!         tokens: Arc::new(fake::ReadableTokens),
//!         clock,
//!         ids,
//!     },
//!     SessionRules::default(),
//! );
//!
//! let email = Email::parse("ada@example.com")?;
//! accounts.register(NewAccount::new(email.clone(), Password::parse("correct horse batt")?)).await?;
//!
//! let password = Password::parse("correct horse batt")?;
//! let login = sessions.login("ada@example.com", &password, Origin::default()).await?;
//! let caller = sessions.authenticate(&login.tokens.access, Origin::default()).await?;
//! assert_eq!(caller.user.username, email);
//!
//! let refused = sessions.login("ada@example.com", &Password::parse("wrong")?, Origin::default()).await;
//! assert!(matches!(refused, Err(LoginError::InvalidCredentials)));
//! # Ok(())
//! # }
//! ```

/// The examples of the page are compiled as well.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/embed.md")]
mod page {}

pub mod accounts;
pub mod audit;
pub mod port;
pub mod sessions;
pub mod throttle;
pub mod token;
pub mod user;

mod origin;
mod passwords;
mod seen_through;
mod store;
mod time;

pub use origin::Origin;
pub use passwords::Passwords;
pub use store::Copies;
pub use time::Timestamp;
