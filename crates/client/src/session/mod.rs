//! Somebody who is logged in.

mod account;
mod pair;
mod people;

use std::sync::Arc;

use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use crate::answers::Page;
use crate::client::Client;
use crate::error::{Error, ErrorCode};
use crate::secret::Secret;
use crate::wire::Ask;
use pair::Pair;

/// A login, and whatever may be asked with it.
///
/// Clones share the tokens. When the access token has expired, one of them refreshes and the others wait for it. A
/// refresh whose answer is lost is tried again while the service still answers the spent token with its successor;
/// after that time the token is not shown any more, since the service would take that for a thief's, and the error is
/// [`Error::InDoubt`].
#[derive(Clone, Debug)]
pub struct Session {
    client: Client,
    pair: Arc<Mutex<Pair>>,
}

impl Session {
    pub(crate) fn new(client: Client, access: Secret, refresh: Option<Secret>) -> Self {
        Self { client, pair: Arc::new(Mutex::new(Pair::new(access, refresh))) }
    }

    /// The access token as it is now, for other services that check it by themselves.
    pub async fn access_token(&self) -> Secret {
        self.pair.lock().await.access.clone()
    }

    /// The refresh token as it is now, for keeping the session beyond this process; `None` where there is none, or
    /// none that may be shown again.
    pub async fn refresh_token(&self) -> Option<Secret> {
        self.pair.lock().await.refresh.clone()
    }

    /// Refreshes now, whether the access token has expired or not.
    pub async fn refresh(&self) -> Result<(), Error> {
        self.pair.lock().await.renew(&self.client).await
    }

    pub(crate) async fn results<T: DeserializeOwned>(&self, ask: Ask<'_>) -> Result<T, Error> {
        let (turn, token) = self.current().await;
        match self.client.wire.results(ask.clone(), Some(&token)).await {
            Err(error) if has_expired(&error) => {
                let token = self.renewed(turn, error).await?;
                self.client.wire.results(ask, Some(&token)).await
            }
            answer => answer,
        }
    }

    pub(crate) async fn page<T: DeserializeOwned>(&self, ask: Ask<'_>) -> Result<Page<T>, Error> {
        let (turn, token) = self.current().await;
        match self.client.wire.page(ask.clone(), Some(&token)).await {
            Err(error) if has_expired(&error) => {
                let token = self.renewed(turn, error).await?;
                self.client.wire.page(ask, Some(&token)).await
            }
            answer => answer,
        }
    }

    async fn current(&self) -> (u64, Secret) {
        let pair = self.pair.lock().await;
        (pair.turn, pair.access.clone())
    }

    /// The access token that comes after the one of this turn; the error of that one where there is none.
    async fn renewed(&self, turn: u64, error: Error) -> Result<Secret, Error> {
        let mut pair = self.pair.lock().await;
        if pair.turn == turn {
            if pair.refresh.is_none() && !pair.in_doubt {
                return Err(error);
            }
            pair.renew(&self.client).await?;
        }
        Ok(pair.access.clone())
    }
}

fn has_expired(error: &Error) -> bool {
    error.code() == Some(&ErrorCode::TokenExpired)
}
