//! What everybody asks about themselves.

use serde_json::json;
use uuid::Uuid;

use super::Session;
use crate::answers::{Ended, LiveSession, LoginStatus, Nothing, User};
use crate::error::Error;
use crate::requests::OwnUpdate;
use crate::routes;
use crate::wire::Ask;

impl Session {
    /// The own account.
    pub async fn me(&self) -> Result<User, Error> {
        self.results(Ask::new(routes::ME)).await
    }

    /// Whose session this is, their role as it is now, and when tokens and session end.
    pub async fn status(&self) -> Result<LoginStatus, Error> {
        self.results(Ask::new(routes::LOGIN_STATUS)).await
    }

    /// Changes the own account.
    pub async fn update_me(&self, update: impl Into<OwnUpdate>) -> Result<User, Error> {
        self.results(Ask::new(routes::UPDATE_ME).body(update.into().body())).await
    }

    /// Changes the own password. Every other session ends; this one goes on with the next pair of tokens.
    pub async fn change_password(&self, current: &str, new: &str) -> Result<(), Error> {
        let body = json!({ "current_password": current, "password": new, "password_confirm": new });
        let ask = Ask::new(routes::CHANGE_PASSWORD).body(body);
        let mut pair = self.pair.lock().await;
        match pair.spend(&self.client, ask.clone()).await {
            Err(error) if super::has_expired(&error) && pair.refresh.is_some() => {
                pair.renew(&self.client).await?;
                pair.spend(&self.client, ask).await
            }
            done => done,
        }
    }

    /// Logs out: the tokens stop working at once, everywhere.
    pub async fn logout(&self) -> Result<(), Error> {
        self.results(Ask::new(routes::LOGOUT)).await.map(|Nothing {}| ())
    }

    /// Ends every other session of the account; how many there were.
    pub async fn logout_others(&self) -> Result<u64, Error> {
        self.results(Ask::new(routes::LOGOUT_OTHERS)).await.map(|Ended { ended }| ended)
    }

    /// Ends every session of the account, this one too; how many there were.
    pub async fn logout_all(&self) -> Result<u64, Error> {
        self.results(Ask::new(routes::LOGOUT_ALL)).await.map(|Ended { ended }| ended)
    }

    /// Every live session of the account, the newest login first.
    pub async fn sessions(&self) -> Result<Vec<LiveSession>, Error> {
        self.page(Ask::new(routes::SESSIONS)).await.map(|page| page.entries)
    }

    /// Ends one of them.
    pub async fn end_session(&self, session: Uuid) -> Result<(), Error> {
        let session = session.to_string();
        self.results(Ask::new(routes::END_SESSION).named(&session)).await.map(|Nothing {}| ())
    }
}
