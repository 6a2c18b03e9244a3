//! What anybody may ask.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use serde_json::{Value, json};

use crate::answers::{KeySet, Nothing, Readiness, Tokens, User};
use crate::error::Error;
use crate::requests::Registration;
use crate::routes;
use crate::secret::Secret;
use crate::session::Session;
use crate::wire::{Ask, Wire};

/// How long the service answers a spent refresh token with its successor once more, unless it was set otherwise.
const REPLAY_WINDOW: Duration = Duration::from_secs(10);

/// Where a service is, and how it is asked. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) wire: Arc<Wire>,
    pub(crate) replay_window: Duration,
}

/// A builder of the HTTP client that [`Client::new`] uses, for whoever wants to change something: 30 seconds for a
/// request, 10 for a connection, no redirects, TLS by `ring` unless this process has chosen another provider.
pub fn http() -> reqwest::ClientBuilder {
    // Where there is a provider already, that one stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("doorward-client/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(30))
        .connect_timeout(Duration::from_secs(10))
}

impl Client {
    /// A client of the service at an address such as `https://accounts.example.com`.
    pub fn new(address: &str) -> Result<Self, Error> {
        Self::with_http(address, http().build()?)
    }

    /// The same with an HTTP client of one's own. It should not follow redirects.
    pub fn with_http(address: &str, http: reqwest::Client) -> Result<Self, Error> {
        let base = address.parse::<Url>().ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let base = base.ok_or_else(|| Error::Address(address.to_owned()))?;
        Ok(Self { wire: Arc::new(Wire { http, base }), replay_window: REPLAY_WINDOW })
    }

    /// The same for a service whose setting `replay_window` is not 10 seconds. A refresh whose answer was lost is tried
    /// again within this time and never after it.
    pub fn with_replay_window(self, replay_window: Duration) -> Self {
        Self { replay_window, ..self }
    }

    /// Opens an account.
    pub async fn register(&self, registration: &Registration) -> Result<User, Error> {
        self.wire.results(Ask::new(routes::REGISTER).body(registration.body()), None).await
    }

    /// Logs in.
    pub async fn login(&self, username: &str, password: &str) -> Result<Session, Error> {
        let body = json!({ "username": username, "password": password });
        let tokens: Tokens = self.wire.results(Ask::new(routes::LOGIN).body(body), None).await?;
        Ok(Session::new(self.clone(), tokens.access_token, Some(tokens.refresh_token)))
    }

    /// The session of a pair of tokens that was kept; no other session may have it.
    pub fn resume(&self, access_token: impl Into<Secret>, refresh_token: impl Into<Secret>) -> Session {
        Session::new(self.clone(), access_token.into(), Some(refresh_token.into()))
    }

    /// A session that ends with its access token, since it cannot refresh: for asking on somebody's behalf.
    pub fn on_behalf(&self, access_token: impl Into<Secret>) -> Session {
        Session::new(self.clone(), access_token.into(), None)
    }

    /// Spends a refresh token for the next pair. A [`Session`] does this by itself, and with more care.
    pub async fn refresh(&self, refresh_token: &Secret) -> Result<Tokens, Error> {
        self.wire.results(Ask::new(routes::REFRESH), Some(refresh_token)).await
    }

    /// Whether the process answers.
    pub async fn health(&self) -> Result<(), Error> {
        self.wire.results(Ask::new(routes::HEALTH), None).await.map(|Nothing {}| ())
    }

    /// Whether the service can do its work; if it cannot, the refusal tells the state of each store.
    pub async fn readiness(&self) -> Result<Readiness, Error> {
        self.wire.results(Ask::new(routes::READINESS), None).await
    }

    /// The public keys whose tokens are accepted.
    pub async fn public_keys(&self) -> Result<KeySet, Error> {
        self.wire.answer(Ask::new(routes::PUBLIC_KEYS), None).await
    }

    /// The API description, unless the service was told not to show it.
    pub async fn description(&self) -> Result<Value, Error> {
        self.wire.answer(Ask::new(routes::DESCRIPTION), None).await
    }
}
