//! Somebody whose session is about to end.

use doorward_domain::Origin;
use doorward_domain::sessions::{Login, RefreshError};
use doorward_domain::user::UserChanges;
use doorward_testkit::sample;

use super::{Node, in_time};

/// How a session ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// They log out.
    Logout,
    /// They change the password in another session.
    NewPassword,
    /// An admin closes the account.
    Closing,
    /// Somebody shows a refresh token that was spent long ago.
    Reuse,
}

impl Way {
    pub(crate) const ALL: [Self; 4] = [Self::Logout, Self::NewPassword, Self::Closing, Self::Reuse];
}

/// Somebody who leaves, and what it takes.
#[derive(Clone, Debug)]
pub(crate) struct Leaver {
    /// The session that ends, with its present tokens.
    pub(crate) login: Login,
    pub(crate) way: Way,
    by: By,
}

#[derive(Clone, Debug)]
enum By {
    Themselves,
    AnotherSession(Login),
    Admin(Login),
    OldToken(String),
}

impl<C> Node<C> {
    /// Somebody new, who has everything at hand to leave in this way: whatever else that changes has changed already.
    pub(crate) async fn leaver(&self, address: &str, way: Way, admin: &Login) -> Leaver {
        let mut login = self.newcomer(address).await;
        let by = match way {
            Way::Logout => By::Themselves,
            Way::NewPassword => By::AnotherSession(self.login(address).await),
            Way::Closing => By::Admin(admin.clone()),
            Way::Reuse => {
                let first = login.tokens.refresh.clone();
                // The one that was spent last may be shown once more.
                for _ in 0..2 {
                    login = in_time(self.sessions.refresh(&login.tokens.refresh, &Origin::default()))
                        .await
                        .unwrap();
                }
                By::OldToken(first)
            }
        };
        Leaver { login, way, by }
    }

    /// They leave, and whoever saw to it has been told that it is done.
    pub(crate) async fn end(&self, leaver: &Leaver) {
        match &leaver.by {
            By::Themselves => self.logout(&leaver.login).await,
            By::AnotherSession(mine) => {
                let (caller, old) = (self.caller(mine).await, sample::password(sample::PASSWORD));
                let new = sample::password("battery staple cor");
                let mine = in_time(self.sessions.change_password(&caller, &old, &new)).await.unwrap();
                assert!(self.serves(&mine).await, "whoever changes the password stays");
            }
            By::Admin(admin) => {
                let closed = UserChanges { active: Some(false), ..UserChanges::default() };
                self.update(admin, &leaver.login.user.email, closed).await;
            }
            By::OldToken(token) => {
                let shown = in_time(self.sessions.refresh(token, &Origin::default())).await;
                assert!(matches!(shown, Err(RefreshError::Reused)), "{shown:?}");
            }
        }
    }
}
