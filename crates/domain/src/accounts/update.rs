//! Changing an account's fields.

use tracing::{Instrument as _, info_span};

use super::{Accounts, may_have, may_touch};
use crate::Timestamp;
use crate::audit::{Action, AuditEntry, Authority, Deed, Denied};
use crate::port::{HasherError, StoreError, UpdateUserError, Verdict};
use crate::sessions::Caller;
use crate::throttle::TooMany;
use crate::user::{Email, Password, PasswordHash, Role, User, UserChanges, UserId};

/// How often a change is tried again on what somebody else made of the account meanwhile. Enough for an admin to get
/// through while the owner changes the account as fast as a connection carries it.
const ATTEMPTS: usize = 256;

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// It is somebody else's, or nobody's, or the change is for admins.
    #[error("only the owner and admins may do this")]
    Forbidden,
    /// The session ended meanwhile.
    #[error("the session has ended")]
    SessionEnded,
    /// There is no such account.
    #[error("no such account")]
    NotFound,
    /// Changing the own address needs the current password.
    #[error("changing the address needs the current password")]
    PasswordRequired,
    /// The current password given is wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// Too many wrong ones came before.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The owner has changed too much lately.
    #[error(transparent)]
    TooOften(TooMany),
    /// The new address belongs to another account.
    #[error("the address is taken")]
    AddressTaken,
    /// No active admin would remain.
    #[error("the last admin must remain")]
    LastAdmin,
    /// Others kept changing the account.
    #[error("the account keeps being changed by others")]
    Busy,
    /// Hashing failed or has no room.
    #[error(transparent)]
    Hasher(#[from] HasherError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who changes an account.
#[derive(Clone, Copy)]
pub(super) enum Actor<'a> {
    /// Somebody with a session.
    Caller {
        /// Who.
        caller: &'a Caller,
        /// Whether only an admin may do it.
        as_admin: bool,
    },
    /// An operator at the command line.
    Operator,
}

impl Actor<'_> {
    fn authority(self, at: Timestamp) -> Option<Authority> {
        match self {
            Self::Caller { caller, as_admin } => Some(caller.authority(at, as_admin)),
            Self::Operator => None,
        }
    }

    /// Whether it is their own account.
    fn is(self, user: UserId) -> bool {
        matches!(self, Self::Caller { caller, .. } if caller.user.id == user)
    }
}

impl Accounts {
    /// Changes the account that `address` names, for its owner or an admin. Role and state are for admins; the own
    /// address changes only with the current password. Two changes at once both count.
    pub async fn update(
        &self,
        caller: &Caller,
        address: &Email,
        changes: UserChanges,
        current_password: Option<&Password>,
    ) -> Result<User, UpdateError> {
        async move {
            let for_admins = changes.role.is_some() || changes.active.is_some();
            if !may_touch(&caller.user, address) || (for_admins && caller.user.role != Role::Admin) {
                return Err(UpdateError::Forbidden);
            }
            // Whoever is gone has no session any more.
            let gone = || {
                if caller.user.answers_to(address) {
                    UpdateError::SessionEnded
                } else {
                    UpdateError::NotFound
                }
            };
            let user = self.store.find_by_address(address).await?.ok_or_else(gone)?;
            if !may_have(&caller.user, &user) {
                return Err(UpdateError::Forbidden);
            }
            if user.id == caller.user.id {
                self.guard.change(user.id).await.map_err(UpdateError::TooOften)?;
            }
            let needs_proof =
                user.id == caller.user.id && changes.email.as_ref().is_some_and(|email| *email != user.email);
            if needs_proof {
                self.prove(caller, &user, current_password).await?;
            }
            let as_admin = for_admins || user.id != caller.user.id;
            let proved = needs_proof.then(|| user.password.clone());
            self.write(Actor::Caller { caller, as_admin }, user, changes, proved).await
        }
        .instrument(info_span!("accounts.update"))
        .await
    }

    async fn prove(
        &self,
        caller: &Caller,
        user: &User,
        password: Option<&Password>,
    ) -> Result<(), UpdateError> {
        let password = password.ok_or(UpdateError::PasswordRequired)?;
        let from = caller.origin.device.address;
        self.passwords.require_room(from)?;
        let attempt = self.guard.proof(user.id).await?;
        let verdict = self.passwords.verify(password, Some(user), from).await;
        attempt.ended(&verdict).await;
        match verdict? {
            Verdict::Right | Verdict::RightButOutdated => Ok(()),
            Verdict::Wrong => {
                self.change_of_address_refused(caller, user, "wrong_password").await?;
                Err(UpdateError::WrongPassword)
            }
        }
    }

    async fn change_of_address_refused(
        &self,
        caller: &Caller,
        user: &User,
        why: &str,
    ) -> Result<(), StoreError> {
        let entry = self.audit.by(caller, self.clock.now(), Action::ChangeEmail).about(user);
        self.audit.refused(entry, why).await
    }

    /// `proved` is the password that was proved for it, where one had to be.
    pub(super) async fn write(
        &self,
        actor: Actor<'_>,
        mut user: User,
        changes: UserChanges,
        proved: Option<PasswordHash>,
    ) -> Result<User, UpdateError> {
        let is_own = actor.is(user.id);
        let gone = || if is_own { UpdateError::SessionEnded } else { UpdateError::NotFound };
        for _ in 0..ATTEMPTS {
            // Whoever proved a password that has been replaced meanwhile has proved nothing.
            if let (Actor::Caller { caller, .. }, Some(proved)) = (actor, &proved)
                && user.password != *proved
            {
                self.change_of_address_refused(caller, &user, "credential_changed").await?;
                return Err(UpdateError::WrongPassword);
            }
            let (before, now) = (user.clone(), self.clock.now());
            changes.clone().apply(&mut user);
            user.version = user.version.saturating_add(1);
            user.updated_at = now.max(user.updated_at);
            let deed =
                Deed { authority: actor.authority(now), entries: self.entries(actor, now, &before, &user) };
            match self.store.update(&user, &deed).await {
                Ok(()) => return Ok(user),
                Err(UpdateUserError::Stale) => {
                    user = self.store.find(user.id).await?.ok_or_else(gone)?;
                }
                Err(UpdateUserError::NotFound) => return Err(gone()),
                Err(error) => return Err(error.into()),
            }
        }
        Err(UpdateError::Busy)
    }

    /// What is written down of a change: an entry for each part that is looked for by itself, and one for all the rest.
    fn entries(&self, actor: Actor<'_>, now: Timestamp, before: &User, after: &User) -> Vec<AuditEntry> {
        let entry = |action| match actor {
            Actor::Caller { caller, .. } => self.audit.by(caller, now, action).about(after),
            Actor::Operator => self.audit.by_operator(now, action).about(after),
        };
        let mut entries = Vec::new();
        if before.role != after.role {
            let (from, to) = (before.role.as_str(), after.role.as_str());
            entries.push(entry(Action::ChangeRole).noting("from", from).noting("to", to));
        }
        if before.active != after.active {
            entries.push(entry(if after.active { Action::Enable } else { Action::Disable }));
        }
        if before.email != after.email {
            let (from, to) = (before.email.as_str(), after.email.as_str());
            entries.push(entry(Action::ChangeEmail).noting("from", from).noting("to", to));
        }
        let fields = [
            ("default_user_type", before.default_user_type != after.default_user_type),
            ("profile", before.profile != after.profile),
            ("accounts", before.accounts != after.accounts),
            ("user_type", before.user_types != after.user_types),
            ("played_games", before.played_games != after.played_games),
            ("favorites", before.favorites != after.favorites),
        ];
        let changed: Vec<&str> = fields.iter().filter(|(_, is_new)| *is_new).map(|(name, _)| *name).collect();
        if !changed.is_empty() {
            entries.push(entry(Action::Update).noting("fields", changed.join(" ")));
        }
        entries
    }
}

impl From<UpdateUserError> for UpdateError {
    fn from(error: UpdateUserError) -> Self {
        match error {
            UpdateUserError::NotFound => Self::NotFound,
            UpdateUserError::Stale => Self::Busy,
            UpdateUserError::AddressTaken => Self::AddressTaken,
            UpdateUserError::LastAdmin => Self::LastAdmin,
            UpdateUserError::Denied(Denied::SessionEnded) => Self::SessionEnded,
            UpdateUserError::Denied(Denied::NotAdmin) => Self::Forbidden,
            UpdateUserError::Store(error) => Self::Store(error),
        }
    }
}
