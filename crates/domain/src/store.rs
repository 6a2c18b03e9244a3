//! Accounts and sessions as the use cases see them: the stores that are the truth, and the copies beside them.

use std::sync::Arc;

use async_trait::async_trait;
use metrics::counter;

use tracing::{Instrument as _, info_span};

use crate::Timestamp;
use crate::audit::{AuditEntry, Deed};
use crate::port::{
    DeleteUserError, EndSessionsError, Ending, InsertUserError, LiveSession, NewPassword, NewSession, Opened,
    PasswordChange, PasswordChanged, Revocations, Revoked, Rotated, SessionRepository, Stamp, Standing,
    StoreError, Tasks, UpdateUserError, UserDocuments, UserFilter, UserQuery, UserRepository, Work,
};
use crate::seen_through::seen_through;
use crate::token::{Claims, EndReason, Rotation, RotationLimits, Session, SessionId, Successor};
use crate::user::{Email, KeptDocument, User, UserId};

/// What is kept beside the stores, so that they need not be asked each time.
#[derive(Clone)]
pub struct Copies {
    /// What is known about tokens.
    pub revocations: Arc<dyn Revocations>,
    /// Documents of accounts.
    pub documents: Arc<dyn UserDocuments>,
    /// Sees to it that what was begun is told, whoever hangs up meanwhile.
    pub tasks: Arc<dyn Tasks>,
}

impl Copies {
    /// Nothing is kept: the stores answer everything.
    pub fn none() -> Self {
        Self { revocations: Arc::new(Nothing), documents: Arc::new(Nothing), tasks: Arc::new(Nothing) }
    }
}

/// Every read and every write of the use cases. Whatever changes an account or its sessions is said to the copies
/// before the caller hears of it, also where it is not known whether it changed them: that is why nobody else holds
/// the stores.
pub(crate) struct Store(Arc<Parts>);

struct Parts {
    users: Arc<dyn UserRepository>,
    sessions: Arc<dyn SessionRepository>,
    copies: Copies,
}

impl Store {
    pub(crate) fn new(
        users: Arc<dyn UserRepository>,
        sessions: Arc<dyn SessionRepository>,
        copies: Copies,
    ) -> Self {
        Self(Arc::new(Parts { users, sessions, copies }))
    }

    pub(crate) async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        async move { self.0.users.find(id).await }.instrument(info_span!("store.find")).await
    }

    pub(crate) async fn find_by_address(&self, address: &Email) -> Result<Option<User>, StoreError> {
        async move { self.0.users.find_by_address(address).await }
            .instrument(info_span!("store.find_by_address"))
            .await
    }

    pub(crate) async fn list(&self, query: &UserQuery) -> Result<Vec<Arc<KeptDocument>>, StoreError> {
        async move { self.0.users.list(query).await }.instrument(info_span!("store.list")).await
    }

    pub(crate) async fn count(&self, filter: &UserFilter) -> Result<u64, StoreError> {
        async move { self.0.users.count(filter).await }.instrument(info_span!("store.count")).await
    }

    pub(crate) async fn list_live(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        async move { self.0.sessions.list_live(user, now).await }
            .instrument(info_span!("store.list_live"))
            .await
    }

    /// Adds an account. Nobody can know anything about it yet.
    pub(crate) async fn insert(&self, user: &User, entries: &[AuditEntry]) -> Result<(), InsertUserError> {
        async move { self.0.users.insert(user, entries).await }.instrument(info_span!("store.insert")).await
    }

    /// The token's session and its account as they are in the stores, if both are good now and the token was not
    /// revoked.
    pub(crate) async fn find_live(
        &self,
        token: &Claims,
        now: Timestamp,
    ) -> Result<Option<LiveSession>, StoreError> {
        async move {
            let standing = self.0.copies.revocations.find(token).await;
            if standing == Standing::Revoked {
                return Ok(None);
            }
            self.ask(token, now, standing).await
        }
        .instrument(info_span!("store.find_live"))
        .await
    }

    /// The document of the token's account, if the session and the account are good now: a copy where that is
    /// certain, and otherwise what the stores have, of which a copy is kept.
    pub(crate) async fn document(
        &self,
        token: &Claims,
        now: Timestamp,
    ) -> Result<Option<Arc<KeptDocument>>, StoreError> {
        async move {
            let standing = self.0.copies.revocations.find(token).await;
            let stamp = match standing {
                Standing::Revoked => return Ok(None),
                // A token may be shown for a moment after its end, and the session has its own.
                Standing::Live(stamp) if now >= token.expires_at => Some(stamp),
                Standing::Live(stamp) => match self.0.copies.documents.find(token.subject, stamp).await {
                    Some(document) => return Ok(Some(document)),
                    None => Some(stamp),
                },
                Standing::Unknown(stamp) => stamp,
            };
            let Some(LiveSession { user, session: _ }) = self.ask(token, now, standing).await? else {
                return Ok(None);
            };
            let document = Arc::new(KeptDocument::from(user));
            if let Some(stamp) = stamp {
                self.0.copies.documents.keep(&document, stamp).await;
                self.0.copies.revocations.confirm(token, stamp).await;
            }
            Ok(Some(document))
        }
        .instrument(info_span!("store.document"))
        .await
    }

    /// What the stores say. Where they contradict a copy, somebody could not tell of a change: it is told now.
    async fn ask(
        &self,
        token: &Claims,
        now: Timestamp,
        standing: Standing,
    ) -> Result<Option<LiveSession>, StoreError> {
        let found = self.0.sessions.find_live(token.session, now).await?;
        let answer = if found.is_some() { "live" } else { "revoked" };
        counter!("doorward_revocation_checks_total", "source" => "database", "answer" => answer).increment(1);
        let found = found.filter(|live| live.user.id == token.subject);
        if found.is_none() && matches!(standing, Standing::Live(_)) {
            self.0.changed(token.subject, &[]).await?;
        }
        Ok(found)
    }

    /// Spends a refresh token; `None` where there is no such session, or the token was revoked.
    pub(crate) async fn rotate(
        &self,
        token: &Claims,
        successor: Successor,
        now: Timestamp,
        limits: RotationLimits,
        reuse: &AuditEntry,
    ) -> Result<Option<Rotated>, StoreError> {
        async move {
            let (token, reuse) = (*token, reuse.clone());
            self.see_through(
                |parts| async move { parts.rotate(&token, successor, now, limits, &reuse).await },
            )
            .await?
        }
        .instrument(info_span!("store.rotate"))
        .await
    }

    /// Ends sessions, as somebody asks who showed this token, if any; answers which. None of their access tokens lives longer
    /// than `until`.
    pub(crate) async fn end(
        &self,
        ending: Ending,
        token: Option<&Claims>,
        until: Timestamp,
    ) -> Result<Vec<SessionId>, EndSessionsError> {
        async move {
            let token = token.copied();
            self.see_through(|parts| async move { parts.end(&ending, token, until).await }).await?
        }
        .instrument(info_span!("store.end"))
        .await
    }

    pub(crate) async fn open(&self, new: &NewSession) -> Result<Opened, StoreError> {
        async move {
            let new = new.clone();
            self.see_through(|parts| async move { parts.open(&new).await }).await?
        }
        .instrument(info_span!("store.open"))
        .await
    }

    pub(crate) async fn update(&self, user: &User, deed: &Deed) -> Result<(), UpdateUserError> {
        async move {
            let (user, deed) = (user.clone(), deed.clone());
            self.see_through(|parts| async move { parts.update(&user, &deed).await }).await?
        }
        .instrument(info_span!("store.update"))
        .await
    }

    pub(crate) async fn change_password(
        &self,
        change: &PasswordChange,
    ) -> Result<PasswordChanged, StoreError> {
        async move {
            let change = change.clone();
            self.see_through(|parts| async move { parts.change_password(&change).await }).await?
        }
        .instrument(info_span!("store.change_password"))
        .await
    }

    /// Sets a password; answers which sessions ended with the one before. None of their access tokens lives longer than
    /// `until`.
    pub(crate) async fn set_password(
        &self,
        new: NewPassword,
        until: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        async move { self.see_through(|parts| async move { parts.set_password(&new, until).await }).await? }
            .instrument(info_span!("store.set_password"))
            .await
    }

    pub(crate) async fn delete_with_sessions(&self, id: UserId, deed: &Deed) -> Result<(), DeleteUserError> {
        async move {
            let deed = deed.clone();
            self.see_through(|parts| async move { parts.delete_with_sessions(id, &deed).await }).await?
        }
        .instrument(info_span!("store.delete_with_sessions"))
        .await
    }

    /// Does something that changes what the stores have, to its end: a change that nobody tells of would be known to
    /// nobody.
    async fn see_through<T, F, W>(&self, write: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
        W: FnOnce(Arc<Parts>) -> F,
    {
        seen_through(self.0.copies.tasks.as_ref(), write(self.0.clone())).await
    }
}

impl Parts {
    async fn rotate(
        &self,
        token: &Claims,
        successor: Successor,
        now: Timestamp,
        limits: RotationLimits,
        reuse: &AuditEntry,
    ) -> Result<Option<Rotated>, StoreError> {
        if self.copies.revocations.find(token).await == Standing::Revoked {
            return Ok(None);
        }
        let rotated = self.sessions.rotate(token.session, token.id, successor, now, limits, reuse).await;
        let may_have_ended = match &rotated {
            Ok(Some(rotated)) => rotated.rotation == Rotation::Reused,
            Ok(None) => false,
            Err(_) => true,
        };
        if matches!(&rotated, Ok(Some(rotated)) if rotated.rotation == Rotation::Reused) {
            counted_as_ended(EndReason::Reuse, 1);
        }
        if may_have_ended {
            self.changed(token.subject, &[]).await?;
        }
        rotated
    }

    async fn end(
        &self,
        ending: &Ending,
        token: Option<Claims>,
        until: Timestamp,
    ) -> Result<Vec<SessionId>, EndSessionsError> {
        let ended = self.sessions.end(ending).await;
        let mut revoked = Vec::new();
        match &ended {
            Ok(ended) => {
                counted_as_ended(ending.reason, ended.len());
                if let Some(token) = token.filter(|token| ended.contains(&token.session)) {
                    revoked.push(Revoked { id: token.id.uuid(), until: token.expires_at });
                }
                revoked.extend(ended.iter().map(|id| Revoked { id: id.uuid(), until }));
            }
            Err(EndSessionsError::Denied(_)) => return ended,
            Err(EndSessionsError::Store(_)) => {}
        }
        self.changed(ending.user, &revoked).await?;
        ended
    }

    async fn open(&self, new: &NewSession) -> Result<Opened, StoreError> {
        let opened = self.sessions.open(new).await;
        if matches!(opened, Ok(Opened::Done(_))) {
            counter!("doorward_sessions_opened_total").increment(1);
        }
        if !matches!(opened, Ok(Opened::CredentialChanged)) {
            self.changed_document(new.session.user_id).await?;
        }
        opened
    }

    async fn update(&self, user: &User, deed: &Deed) -> Result<(), UpdateUserError> {
        let updated = self.users.update(user, deed).await;
        if matches!(updated, Ok(()) | Err(UpdateUserError::Store(_))) {
            self.changed_document(user.id).await?;
        }
        updated
    }

    async fn change_password(&self, change: &PasswordChange) -> Result<PasswordChanged, StoreError> {
        let changed = self.users.change_password(change).await;
        if matches!(changed, Ok(PasswordChanged::Done { .. }) | Err(_)) {
            self.changed_document(change.user_id).await?;
        }
        changed
    }

    async fn set_password(
        &self,
        new: &NewPassword,
        until: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        let set = self.users.set_password(new).await;
        if !matches!(set, Ok(None)) {
            let ended = set.iter().flatten().flatten();
            let revoked: Vec<Revoked> = ended.map(|id| Revoked { id: id.uuid(), until }).collect();
            self.changed(new.user_id, &revoked).await?;
        }
        set
    }

    async fn delete_with_sessions(&self, id: UserId, deed: &Deed) -> Result<(), DeleteUserError> {
        let deleted = self.users.delete_with_sessions(id, deed).await;
        if matches!(deleted, Ok(()) | Err(DeleteUserError::Store(_))) {
            self.changed(id, &[]).await?;
            self.copies.documents.delete(id).await;
        }
        deleted
    }

    async fn changed(&self, user: UserId, revoked: &[Revoked]) -> Result<Option<Stamp>, StoreError> {
        self.copies.revocations.changed(user, revoked).await
    }

    /// Says so, and keeps a copy of the new document for whoever comes next. It is read once more: by now, somebody
    /// else may have changed it after us.
    async fn changed_document(&self, id: UserId) -> Result<(), StoreError> {
        let Some(stamp) = self.changed(id, &[]).await? else { return Ok(()) };
        if let Ok(Some(user)) = self.users.find(id).await {
            self.copies.documents.keep(&Arc::new(user.into()), stamp).await;
        }
        Ok(())
    }
}

/// Sessions that ended one by one. Those that end with an account, a password or a role are not counted: the store does
/// not say how many they were.
fn counted_as_ended(reason: EndReason, count: usize) {
    let ended = counter!("doorward_sessions_ended_total", "reason" => reason.as_str());
    ended.increment(count.try_into().unwrap_or(u64::MAX));
}

/// Knows nothing and keeps nothing.
struct Nothing;

#[async_trait]
impl Revocations for Nothing {
    async fn find(&self, _: &Claims) -> Standing {
        Standing::Unknown(None)
    }

    async fn confirm(&self, _: &Claims, _: Stamp) {}

    async fn changed(&self, _: UserId, _: &[Revoked]) -> Result<Option<Stamp>, StoreError> {
        Ok(None)
    }
}

/// Where nobody keeps copies, nobody has to be told.
#[async_trait]
impl Tasks for Nothing {
    async fn see_through(&self, work: Work) {
        work.await;
    }
}

#[async_trait]
impl UserDocuments for Nothing {
    async fn find(&self, _: UserId, _: Stamp) -> Option<Arc<KeptDocument>> {
        None
    }

    async fn keep(&self, _: &Arc<KeptDocument>, _: Stamp) {}

    async fn delete(&self, _: UserId) {}
}
