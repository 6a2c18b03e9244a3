//! A typed client of Doorward's REST API.
//!
//! A [`Client`] knows where the service is and asks what anybody may ask: opening an account, logging in, how the
//! service stands. A login answers a [`Session`], which asks everything else as whoever logged in. It keeps the pair of
//! tokens and refreshes it once the access token has expired; clones share the pair, and one of them refreshes for all.
//!
//! ```no_run
//! use doorward_client::requests::{AccountFields, Change, ProfileChange, Registration};
//! use doorward_client::{Client, Error, ErrorCode};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! let doorward = Client::new("http://127.0.0.1:8080")?;
//! match doorward.register(&Registration::new("ada@example.com", "correct horse batt")).await {
//!     Ok(user) => println!("{} is new", user.username),
//!     Err(error) if error.code() == Some(&ErrorCode::UsernameTaken) => {}
//!     Err(error) => return Err(error),
//! }
//! let session = doorward.login("ada@example.com", "correct horse batt").await?;
//! let city = ProfileChange { city: Change::Set("London".into()), ..ProfileChange::default() };
//! let fields = AccountFields { profile: Change::Set(city), ..AccountFields::default() };
//! session.update_me(fields).await?;
//! session.logout().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Lists come as pages, or one entry after another:
//!
//! ```no_run
//! # async fn tell(session: doorward_client::Session) -> Result<(), doorward_client::Error> {
//! use doorward_client::requests::UserFilter;
//!
//! let mut users = session.walk_users(&UserFilter { limit: Some(200), ..UserFilter::default() });
//! while let Some(user) = users.next().await? {
//!     println!("{}", user.id());
//! }
//! # Ok(())
//! # }
//! ```

pub mod answers;
mod client;
mod error;
pub mod requests;
mod routes;
mod secret;
mod session;
mod walk;
mod wire;
mod words;

pub use client::{Client, http};
pub use error::{Error, ErrorCode, Refusal};
pub use routes::{ROUTES, Route};
pub use secret::Secret;
pub use session::Session;
pub use walk::Walk;
