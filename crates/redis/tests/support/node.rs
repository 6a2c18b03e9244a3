//! One node, and what people get there.

use std::sync::Arc;

use doorward_domain::Origin;
use doorward_domain::accounts::{Accounts, NewAccount};
use doorward_domain::port::StoreError;
use doorward_domain::sessions::{AuthenticateError, Caller, Login, RefreshError, Sessions};
use doorward_domain::user::{Email, KeptDocument, User, UserChanges};
use doorward_redis::RedisCopies;
use doorward_testkit::sample;

use super::{Database, in_time};

/// A node of the service, and what it has of Redis, if anything.
pub(crate) struct Node<C = RedisCopies> {
    pub(crate) accounts: Accounts,
    pub(crate) sessions: Sessions,
    pub(crate) copies: C,
    /// Its own way to the database.
    pub(crate) database: Arc<Database>,
}

/// What somebody gets who shows a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Their document, and the database was not asked.
    FromCopy,
    /// Their document, and the database was asked.
    FromDatabase,
    /// Nothing: the token opens nothing any more.
    Refused,
    /// Nothing: nobody can tell.
    Unavailable,
}

impl Node {
    /// Whether Redis is in use, for this account too.
    pub(crate) async fn answers_from_copies(&self, login: &Login) -> bool {
        self.copies.probe.probe().await.is_ok() && self.show(&login.tokens.access).await == Answer::FromCopy
    }
}

impl<C> Node<C> {
    pub(crate) async fn register(&self, address: &str) -> User {
        let password = sample::password(sample::PASSWORD);
        in_time(self.accounts.register(NewAccount::new(sample::email(address), password))).await.unwrap()
    }

    pub(crate) async fn login(&self, address: &str) -> Login {
        let password = sample::password(sample::PASSWORD);
        in_time(self.sessions.login(address, &password, Origin::default())).await.unwrap()
    }

    /// Opens an account and a session of it.
    pub(crate) async fn newcomer(&self, address: &str) -> Login {
        self.register(address).await;
        self.login(address).await
    }

    /// Opens an account of an admin and a session of it.
    pub(crate) async fn admin(&self) -> Login {
        let address = "admin@example.com";
        let account = NewAccount::new(sample::email(address), sample::password(sample::PASSWORD));
        in_time(self.accounts.open_admin(account)).await.unwrap();
        self.login(address).await
    }

    /// An admin removes an account.
    pub(crate) async fn remove(&self, admin: &Login, address: &str) {
        let caller = self.caller(admin).await;
        in_time(self.accounts.delete(&caller, &sample::email(address))).await.unwrap();
    }

    /// What becomes of a request for the own document. Nobody else may ask this node for one meanwhile.
    pub(crate) async fn show(&self, token: &str) -> Answer {
        let before = self.database.asked();
        match in_time(self.sessions.identify(token)).await {
            Ok(_) if self.database.asked() == before => Answer::FromCopy,
            Ok(_) => Answer::FromDatabase,
            Err(AuthenticateError::Revoked) => Answer::Refused,
            Err(AuthenticateError::Store(StoreError::Unavailable(_))) => Answer::Unavailable,
            Err(error) => panic!("that should not happen: {error:?}"),
        }
    }

    /// The document that somebody gets, which they must.
    pub(crate) async fn document(&self, login: &Login) -> Arc<KeptDocument> {
        in_time(self.sessions.identify(&login.tokens.access)).await.unwrap()
    }

    /// The account that somebody shows a token of, as it is where rights are granted.
    pub(crate) async fn caller(&self, login: &Login) -> Caller {
        in_time(self.sessions.authenticate(&login.tokens.access, Origin::default())).await.unwrap()
    }

    /// Changes the own account, or another one where the caller is an admin.
    pub(crate) async fn update(&self, caller: &Login, address: &Email, changes: UserChanges) -> User {
        let (caller, password) = (self.caller(caller).await, sample::password(sample::PASSWORD));
        in_time(self.accounts.update(&caller, address, changes, Some(&password))).await.unwrap()
    }

    /// Ends the session. Whoever has no answer but an error does not know whether it has ended.
    pub(crate) async fn try_logout(&self, login: &Login) -> Result<(), StoreError> {
        match in_time(self.sessions.authenticate(&login.tokens.access, Origin::default())).await {
            Ok(caller) => in_time(self.sessions.logout(&caller)).await,
            Err(AuthenticateError::Store(error)) => Err(error),
            Err(error) => panic!("that should not happen: {error:?}"),
        }
    }

    pub(crate) async fn logout(&self, login: &Login) {
        self.try_logout(login).await.unwrap();
    }

    /// Whether none of the session's tokens opens anything, in any way.
    pub(crate) async fn refuses(&self, login: &Login) -> bool {
        let (access, refresh) = (&login.tokens.access, &login.tokens.refresh);
        matches!(in_time(self.sessions.identify(access)).await, Err(AuthenticateError::Revoked))
            && matches!(
                in_time(self.sessions.authenticate(access, Origin::default())).await,
                Err(AuthenticateError::Revoked)
            )
            && matches!(
                in_time(self.sessions.refresh(refresh, &Origin::default())).await,
                Err(RefreshError::Revoked)
            )
    }

    /// Whether the access token opens something.
    pub(crate) async fn serves(&self, login: &Login) -> bool {
        in_time(self.sessions.identify(&login.tokens.access)).await.is_ok()
    }
}
