//! What is written down.

use std::borrow::Cow;

/// What somebody did, or tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// An account was opened.
    Register,
    /// Accounts of another system were taken in.
    Import,
    /// Fields of an account were changed.
    Update,
    /// An account has another address.
    ChangeEmail,
    /// An account has another role.
    ChangeRole,
    /// An account was closed.
    Disable,
    /// An account was opened again.
    Enable,
    /// An account was removed.
    Delete,
    /// An account has another password.
    ChangePassword,
    /// Somebody logged in.
    Login,
    /// Somebody logged out.
    Logout,
    /// Sessions were ended from outside of them.
    EndSessions,
    /// A refresh token was shown that had been spent: it may be stolen (RFC 9700 §4.14.2).
    ReuseToken,
    /// The database was put back to what it was when a backup was made.
    Restore,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 14] = [
        Self::Register,
        Self::Import,
        Self::Update,
        Self::ChangeEmail,
        Self::ChangeRole,
        Self::Disable,
        Self::Enable,
        Self::Delete,
        Self::ChangePassword,
        Self::Login,
        Self::Logout,
        Self::EndSessions,
        Self::ReuseToken,
        Self::Restore,
    ];

    /// The name that stores, clients and operators use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "user.register",
            Self::Import => "user.import",
            Self::Update => "user.update",
            Self::ChangeEmail => "user.email",
            Self::ChangeRole => "user.role",
            Self::Disable => "user.disable",
            Self::Enable => "user.enable",
            Self::Delete => "user.delete",
            Self::ChangePassword => "user.password",
            Self::Login => "session.login",
            Self::Logout => "session.logout",
            Self::EndSessions => "session.end",
            Self::ReuseToken => "session.reuse",
            Self::Restore => "store.restore",
        }
    }

    /// The action of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, and nothing has changed.
    Refused,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 2] = [Self::Done, Self::Refused];

    /// The name that stores, clients and operators use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }

    /// The outcome of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// The name of an action or an outcome as it stands in an entry. A newer version may have written one that is not known
/// here: it is told as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(Cow<'static, str>);

impl Word {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Action> for Word {
    fn from(action: Action) -> Self {
        Self(Cow::Borrowed(action.as_str()))
    }
}

impl From<Outcome> for Word {
    fn from(outcome: Outcome) -> Self {
        Self(Cow::Borrowed(outcome.as_str()))
    }
}

/// As it is stored.
impl From<String> for Word {
    fn from(stored: String) -> Self {
        Self(Cow::Owned(stored))
    }
}

impl PartialEq<Action> for Word {
    fn eq(&self, action: &Action) -> bool {
        self.0 == action.as_str()
    }
}

impl PartialEq<Outcome> for Word {
    fn eq(&self, outcome: &Outcome) -> bool {
        self.0 == outcome.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_and_outcome_is_found_by_its_own_name_alone() {
        for action in Action::ALL {
            assert_eq!(Action::named(action.as_str()), Some(action));
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::named(outcome.as_str()), Some(outcome));
        }
        assert_eq!((Action::named("user"), Outcome::named("")), (None, None));
    }

    #[test]
    fn a_word_that_is_stored_is_the_one_that_was_meant() {
        for action in Action::ALL {
            assert_eq!(Word::from(action.as_str().to_owned()), Word::from(action));
        }
        let newer = Word::from("user.teleport".to_owned());
        assert_eq!(newer.as_str(), "user.teleport");
        assert!(Action::ALL.into_iter().all(|action| newer != action));
    }
}
