//! Accounts and sessions: what Doorward's business says, and nothing else.
//!
//! This crate knows no database, no web framework, no clock and no randomness. All of these are asked for
//! through a [`port`]: a small trait that an adapter implements. Two values hold the use cases,
//! [`Accounts`](accounts::Accounts) and [`Sessions`](sessions::Sessions); a service that wants accounts of its
//! own depends on this crate alone and brings its own adapters.
//!
//! # Embedding the use cases
//!
//! The adapters below are the in-memory ones of our test kit; in a real service they are yours.
//!
//! ```
//! use std::sync::Arc;
//! use doorward_domain::Passwords;
//! use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts, NewAccount};
//! use doorward_domain::sessions::{LoginError, SessionPorts, SessionRules, Sessions};
//! use doorward_domain::token::Device;
//! use doorward_domain::user::{Email, Password, PasswordRules};
//! use doorward_testkit::fake;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Arc::new(fake::MemoryStore::default());
//! let clock = Arc::new(fake::ManualClock::default());
//! let ids = Arc::new(fake::CountingIds::default());
//! let passwords = Passwords::new(
//!     Arc::new(fake::PlainPasswords),
//!     Arc::new(fake::FewCommonPasswords),
//!     PasswordRules::default(),
//! );
//! let accounts = Accounts::new(
//!     AccountPorts {
//!         users: store.clone(),
//!         passwords: passwords.clone(),
//!         clock: clock.clone(),
//!         ids: ids.clone(),
//!     },
//!     AccountRules::default(),
//! );
//! let sessions = Sessions::new(
//!     SessionPorts {
//!         users: store.clone(),
//!         sessions: store,
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
//! let login = sessions.login("ada@example.com", &Password::parse("correct horse batt")?, Device::default()).await?;
//! let caller = sessions.authenticate(&login.tokens.access).await?;
//! assert_eq!(caller.user.username, email);
//!
//! let refused = sessions.login("ada@example.com", &Password::parse("wrong")?, Device::default()).await;
//! assert!(matches!(refused, Err(LoginError::InvalidCredentials)));
//! # Ok(())
//! # }
//! ```

pub mod accounts;
pub mod port;
pub mod sessions;
pub mod token;
pub mod user;

mod passwords;
mod time;

pub use passwords::Passwords;
pub use time::Timestamp;
