//! A session: one login on one device, its refresh tokens one after another, ended once.
//!
//! The rule of rotation stands here and nowhere else; a store carries [`Session::rotate`] out as one atomic step.

use std::net::IpAddr;
use std::time::Duration;

use super::{Claims, SessionId, TokenId, TokenKind};
use crate::Timestamp;
use crate::user::UserId;

/// One login on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The `sid` of every token of the session.
    pub id: SessionId,
    /// Whose session it is.
    pub user_id: UserId,
    /// Counts the rotations.
    pub generation: i64,
    /// The refresh token that has not been spent.
    pub refresh_id: TokenId,
    /// The refresh token that was spent last.
    pub previous_refresh_id: Option<TokenId>,
    /// The access token given out with the current refresh token.
    pub access_id: TokenId,
    /// When the current pair was made.
    pub rotated_at: Timestamp,
    /// When somebody logged in.
    pub created_at: Timestamp,
    /// When the session was last used to log in or refresh.
    pub last_seen_at: Timestamp,
    /// When it ends by itself, whatever the rotations; whole seconds.
    pub expires_at: Timestamp,
    /// When and why it ended before that.
    pub ended: Option<End>,
    /// What logged in.
    pub device: Device,
}

/// When and why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: EndReason,
}

/// Why a session ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// Somebody logged it out: the person from this session or another, or an admin.
    Logout,
    /// A refresh token was shown that had been spent before: it may be stolen (RFC 9700 §4.14.2).
    Reuse,
    /// The password was changed from another session, or set by an operator.
    PasswordChange,
    /// An admin closed the account.
    Disabled,
    /// The account opened more sessions than it may have; the oldest ended.
    TooMany,
}

impl EndReason {
    /// Every reason, for adapters that read one back.
    pub const ALL: [Self; 5] =
        [Self::Logout, Self::Reuse, Self::PasswordChange, Self::Disabled, Self::TooMany];

    /// The name that stores use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::Reuse => "reuse",
            Self::PasswordChange => "password_change",
            Self::Disabled => "disabled",
            Self::TooMany => "too_many",
        }
    }
}

/// What logged in, as it described itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The `User-Agent` header, cut to 256 characters.
    pub user_agent: Option<String>,
    /// The network address.
    pub address: Option<IpAddr>,
}

/// The identifiers of the next pair, chosen before the store is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Successor {
    /// For the refresh token.
    pub refresh_id: TokenId,
    /// For the access token.
    pub access_id: TokenId,
}

/// The two times that bound a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationLimits {
    /// How long the refresh token spent last is answered with the same successor once more.
    pub replay_window: Duration,
    /// How long a session may go without a refresh; `None` for as long as it lives.
    pub idle: Option<Duration>,
}

/// What showing a refresh token led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It was the current one: the session now has the successor.
    Rotated,
    /// It was the one just before, shown again within the window: the session's current pair is given once more.
    Replayed,
    /// It was an older one: the session has ended, now.
    Reused,
    /// The session had been ended before.
    Ended,
    /// The session's time is over.
    Expired,
}

impl Session {
    /// A session that begins now and lives for `lifetime`.
    pub fn open(
        id: SessionId,
        user_id: UserId,
        first: Successor,
        now: Timestamp,
        lifetime: Duration,
        device: Device,
    ) -> Self {
        Self {
            id,
            user_id,
            generation: 0,
            refresh_id: first.refresh_id,
            previous_refresh_id: None,
            access_id: first.access_id,
            rotated_at: now,
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus(lifetime).whole_seconds(),
            ended: None,
            device,
        }
    }

    /// Whether its tokens are good for anything.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.expires_at
    }

    /// Ends the session; the first end counts.
    pub fn end(&mut self, at: Timestamp, reason: EndReason) {
        self.ended.get_or_insert(End { at, reason });
    }

    /// Shows the refresh token `presented` and changes the session as that demands.
    ///
    /// Showing a token again with the same successor is [`Rotation::Rotated`] again: a store may carry the step
    /// out twice when it does not know whether the first try was written.
    pub fn rotate(
        &mut self,
        presented: TokenId,
        successor: Successor,
        now: Timestamp,
        limits: RotationLimits,
    ) -> Rotation {
        if self.ended.is_some() {
            return Rotation::Ended;
        }
        if self.refresh_id == successor.refresh_id {
            return Rotation::Rotated;
        }
        if self.previous_refresh_id == Some(successor.refresh_id) {
            // It was carried out, and its successor has been spent since: somebody heard of it after all.
            return Rotation::Replayed;
        }
        if now >= self.expires_at || limits.idle.is_some_and(|idle| now >= self.last_seen_at.plus(idle)) {
            return Rotation::Expired;
        }
        if presented == self.refresh_id {
            self.replace_tokens(successor, now);
            self.previous_refresh_id = Some(presented);
            return Rotation::Rotated;
        }
        let replayable = !limits.replay_window.is_zero() && now < self.rotated_at.plus(limits.replay_window);
        if self.previous_refresh_id == Some(presented) && replayable {
            return Rotation::Replayed;
        }
        self.end(now, EndReason::Reuse);
        Rotation::Reused
    }

    /// Gives the session a new pair that no earlier refresh token leads to: after a change of password.
    pub fn renew(&mut self, successor: Successor, now: Timestamp) {
        self.replace_tokens(successor, now);
        self.previous_refresh_id = None;
    }

    fn replace_tokens(&mut self, successor: Successor, now: Timestamp) {
        self.generation = self.generation.saturating_add(1);
        self.refresh_id = successor.refresh_id;
        self.access_id = successor.access_id;
        self.rotated_at = now;
        self.last_seen_at = now;
    }

    /// The claims of the session's current access token: the same ones whenever it is asked.
    pub fn access_claims(&self, lifetime: Duration) -> Claims {
        let issued_at = self.rotated_at.whole_seconds();
        let expires_at = issued_at.plus(lifetime).whole_seconds().min(self.expires_at);
        self.claims(TokenKind::Access, self.access_id, expires_at)
    }

    /// The claims of the session's current refresh token: the same ones whenever it is asked.
    pub fn refresh_claims(&self) -> Claims {
        self.claims(TokenKind::Refresh, self.refresh_id, self.expires_at)
    }

    fn claims(&self, kind: TokenKind, id: TokenId, expires_at: Timestamp) -> Claims {
        let issued_at = self.rotated_at.whole_seconds();
        Claims { kind, subject: self.user_id, session: self.id, id, issued_at, expires_at }
    }
}
