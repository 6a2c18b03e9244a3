//! The writes of the store, each on an account of its own, with what its rows are before and after.

use std::time::Duration;

use doorward_cockroach::CockroachStore;
use doorward_domain::audit::{Authority, Deed};
use doorward_domain::port::{
    DeleteUserError, EndSessionsError, Ending, InsertUserError, NewPassword, NewSession, Opened,
    PasswordChange, PasswordChanged, SessionRepository, StoreError, UpdateUserError, UserRepository,
};
use doorward_domain::token::{EndReason, Rotation, Session, Successor};
use doorward_domain::user::{PasswordHash, Profile, User};
use doorward_testkit::fake::PlainPasswords;
use doorward_testkit::sample;
use tokio_postgres::Client;

use crate::rows::{Account, Rows};

/// What every hash of these tests has in it, and nothing that is said may have.
pub(crate) const SECRET: &str = "correct horse";

/// Each kind of write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    Insert,
    Update,
    ChangePassword,
    SetPassword,
    Delete,
    Open,
    Rotate,
    End,
}

impl Write {
    pub(crate) const ALL: [Self; 8] = [
        Self::Insert,
        Self::Update,
        Self::ChangePassword,
        Self::SetPassword,
        Self::Delete,
        Self::Open,
        Self::Rotate,
        Self::End,
    ];

    /// Its name among the store's counters.
    pub(crate) fn operation(self) -> &'static str {
        match self {
            Self::Insert => "insert_user",
            Self::Update => "update_user",
            Self::ChangePassword => "change_password",
            Self::SetPassword => "set_password",
            Self::Delete => "delete_user",
            Self::Open => "open_session",
            Self::Rotate => "rotate_session",
            Self::End => "end_sessions",
        }
    }
}

/// A write that is about to be made: of an account with two live sessions, or of one that is yet to be added.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) write: Write,
    number: u32,
}

impl Case {
    /// The same number is never given out twice in a database.
    pub(crate) fn new(write: Write, number: u32) -> Self {
        Self { write, number }
    }

    pub(crate) fn user(&self) -> User {
        sample::user(self.number)
    }

    /// The two sessions that are there, and the one that [`Write::Open`] opens.
    pub(crate) fn sessions(&self) -> [Session; 3] {
        [0, 1, 2].map(|place: u32| {
            let begin = sample::seconds_later(place.into());
            sample::session(&self.user(), 3 * self.number + place, begin)
        })
    }

    fn successor(&self) -> Successor {
        sample::successor(self.number)
    }

    /// What is written down of it. What an account does to itself hangs on its first session, which some of it ends.
    fn deed(&self) -> Deed {
        let [first, ..] = self.sessions();
        let authority = Authority { session: first.id, as_admin: false, at: sample::seconds_later(3) };
        let needs_it = matches!(self.write, Write::Update | Write::Delete | Write::End);
        Deed { authority: needs_it.then_some(authority), ..sample::deed(self.number) }
    }

    /// What the account becomes by [`Write::Update`]: closed, elsewhere, and at another address.
    fn changed(&self) -> User {
        let profile = Profile { fullname: None, gender: None, city: Some(sample::text("Malang")) };
        User {
            email: sample::email(&format!("elsewhere{}@example.com", self.number)),
            profile: Some(profile),
            active: false,
            version: 4,
            updated_at: sample::seconds_later(3),
            ..self.user()
        }
    }

    /// Makes whatever has to be there before.
    pub(crate) async fn prepare(&self, store: &CockroachStore) {
        if self.write != Write::Insert {
            store.insert(&self.user(), &[]).await.unwrap();
            for session in self.sessions().into_iter().take(2) {
                let seen = self.user().password;
                let new = NewSession { session, seen, rehashed: None, max_live: 32, entries: Vec::new() };
                assert!(matches!(store.open(&new).await.unwrap(), Opened::Done(_)));
            }
        }
    }

    /// Makes the write. An answer other than that it was made, just now and by this, is a surprise.
    pub(crate) async fn carry_out(&self, store: &CockroachStore) -> Result<(), StoreError> {
        let [first, second, third] = self.sessions();
        let now = sample::seconds_later(3);
        let deed = self.deed();
        match self.write {
            Write::Insert => match store.insert(&self.user(), &deed.entries).await {
                Err(InsertUserError::Store(error)) => return Err(error),
                answer => answer.unwrap(),
            },
            Write::Update => match store.update(&self.changed(), &deed).await {
                Err(UpdateUserError::Store(error)) => return Err(error),
                answer => answer.unwrap(),
            },
            Write::ChangePassword => {
                let change = PasswordChange {
                    user_id: first.user_id,
                    seen: self.user().password,
                    new: another_hash(),
                    session_id: first.id,
                    successor: self.successor(),
                    at: now,
                    entries: deed.entries,
                };
                let PasswordChanged::Done { user, session } = store.change_password(&change).await? else {
                    panic!("the password was not changed");
                };
                assert_eq!((user.version, session.refresh_id), (4, self.successor().refresh_id));
            }
            Write::SetPassword => {
                let entry = sample::entry(self.number);
                let new = NewPassword { user_id: first.user_id, hash: another_hash(), at: now, entry };
                assert_eq!(store.set_password(&new).await?, Some(vec![first.id, second.id]));
            }
            Write::Delete => match store.delete_with_sessions(first.user_id, &deed).await {
                Err(DeleteUserError::Store(error)) => return Err(error),
                answer => answer.unwrap(),
            },
            Write::Open => {
                let seen = self.user().password;
                let rehashed = Some(another_hash());
                let new = NewSession { session: third, seen, rehashed, max_live: 2, entries: deed.entries };
                let Opened::Done(user) = store.open(&new).await? else { panic!("no session was opened") };
                assert_eq!((user.version, user.last_login), (4, Some(new.session.created_at)));
            }
            Write::Rotate => {
                let rotated = store
                    .rotate(
                        first.id,
                        first.refresh_id,
                        self.successor(),
                        now,
                        sample::LIMITS,
                        &sample::entry(self.number),
                    )
                    .await?;
                let rotated = rotated.unwrap();
                assert_eq!(rotated.rotation, Rotation::Rotated);
                assert_eq!(rotated.session.refresh_id, self.successor().refresh_id);
            }
            Write::End => {
                let ending = Ending { deed, ..sample::ending(&first, EndReason::Logout, now) };
                match store.end(&ending).await {
                    Err(EndSessionsError::Store(error)) => return Err(error),
                    answer => assert_eq!(answer.unwrap(), [first.id]),
                }
            }
        }
        Ok(())
    }

    /// Whether the write was made. Made twice, or in part, it is neither.
    pub(crate) async fn is_done(&self, client: &Client) -> bool {
        let found = Rows::of(client, self.user().id, sample::audit_id(self.number)).await;
        let (before, after) = (self.before(), self.after());
        assert!(
            found == before || found == after,
            "{self:?}: {found:#?} is neither {before:#?} nor {after:#?}"
        );
        found == after
    }

    fn before(&self) -> Rows {
        let mut rows = Rows::default();
        if self.write != Write::Insert {
            rows.account = Some(account(3, &self.user().password, ""));
            rows.addresses = vec![self.user().email.normal().to_owned()];
            let [first, second, _] = self.sessions();
            rows.add(&first);
            rows.add(&second);
        }
        rows
    }

    fn after(&self) -> Rows {
        let mut rows = self.before();
        let [first, second, third] = self.sessions();
        match self.write {
            Write::Insert => {
                rows.account = Some(account(1, &self.user().password, ""));
                rows.addresses = vec![self.user().email.normal().to_owned()];
            }
            Write::Update => {
                rows.account = Some(account(4, &self.user().password, "Malang"));
                rows.addresses.insert(0, self.changed().email.normal().to_owned());
                rows.end(&first, EndReason::Disabled);
                rows.end(&second, EndReason::Disabled);
            }
            Write::ChangePassword => {
                rows.account = Some(account(4, &another_hash(), ""));
                self.replace_token(&mut rows);
                rows.end(&second, EndReason::PasswordChange);
            }
            Write::SetPassword => {
                rows.account = Some(account(4, &another_hash(), ""));
                rows.end(&first, EndReason::PasswordChange);
                rows.end(&second, EndReason::PasswordChange);
            }
            Write::Delete => rows = Rows::default(),
            Write::Open => {
                rows.account = Some(account(4, &another_hash(), ""));
                rows.end(&first, EndReason::TooMany);
                rows.add(&third);
            }
            Write::Rotate => self.replace_token(&mut rows),
            Write::End => rows.end(&first, EndReason::Logout),
        }
        // A rotation tells of itself only where the token was used before.
        rows.entries = i64::from(self.write != Write::Rotate);
        rows
    }

    fn replace_token(&self, rows: &mut Rows) {
        let [first, ..] = self.sessions();
        let row = rows.session(&first);
        row.generation = 1;
        row.refresh = self.successor().refresh_id.uuid().to_string();
    }

    /// The sessions that have ended once the write is made.
    pub(crate) fn ended(&self) -> Vec<Session> {
        let after = self.after();
        let has_ended = |session: &Session| {
            after.sessions.get(&session.id.uuid().to_string()).is_none_or(|row| row.end != "live")
        };
        self.sessions().into_iter().filter(has_ended).collect()
    }
}

fn account(version: i64, password: &PasswordHash, city: &str) -> Account {
    Account { version, password: password.reveal().to_owned(), city: city.to_owned() }
}

fn another_hash() -> PasswordHash {
    PlainPasswords::hash_of(&format!("another {SECRET}"))
}

/// Far more than any operation takes; an operation that never ends fails its test, not the run.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
