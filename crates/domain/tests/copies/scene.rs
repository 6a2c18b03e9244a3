//! Ports that write down in which order they are asked, and every kind of change made on them.

use std::sync::{Arc, Mutex};

use doorward_domain::Copies;
use doorward_domain::Origin;
use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts, DeleteError, UpdateError};
use doorward_domain::port::{
    MockRevocations, MockSessionRepository, MockUserDocuments, MockUserRepository, Opened, PasswordChanged,
    Rotated, Stamp, Standing, StoreError, TokenSigner,
};
use doorward_domain::sessions::{
    Caller, ChangePasswordError, EndError, LoginError, RefreshError, SessionPorts, SessionRules, Sessions,
    SetPasswordError,
};
use doorward_domain::token::{Rotation, Session};
use doorward_domain::user::UserChanges;
use doorward_testkit::fake::{ReadableTokens, Service, SpawnedTasks};
use doorward_testkit::sample;

/// Everything that may change an account or its sessions once it is there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    Login,
    Reuse,
    Logout,
    End,
    EndOf,
    Update,
    Password,
    SetPassword,
    Removal,
}

pub(crate) const EVERY: [Change; 9] = [
    Change::Login,
    Change::Reuse,
    Change::Logout,
    Change::End,
    Change::EndOf,
    Change::Update,
    Change::Password,
    Change::SetPassword,
    Change::Removal,
];

/// What happened, in its order.
type Log = Arc<Mutex<Vec<&'static str>>>;

pub(crate) const STORE: &str = "the store changed it";
pub(crate) const TOLD: &str = "the copies were told";
pub(crate) const READ: &str = "it was read again";
pub(crate) const KEPT: &str = "a copy was kept";
pub(crate) const DELETED: &str = "the copy was deleted";

/// What the store, and the copies, answer to a change.
#[derive(Clone, Copy)]
pub(crate) struct Answers {
    pub(crate) store: fn() -> Result<(), StoreError>,
    pub(crate) copies: fn() -> Result<Option<Stamp>, StoreError>,
}

pub(crate) const WELL: Answers = Answers { store: || Ok(()), copies: || Ok(Some(sample::stamp(1))) };

pub(crate) fn session() -> Session {
    sample::session(&sample::user(1), 1, sample::NOW)
}

/// Person 1 as a request of theirs is seen.
pub(crate) fn caller() -> Caller {
    sample::caller(&sample::user(1))
}

fn users(log: &Log, store: fn() -> Result<(), StoreError>) -> MockUserRepository {
    let mut users = MockUserRepository::new();
    let changes = || {
        let log = log.clone();
        move || {
            log.lock().unwrap().push(STORE);
            store()
        }
    };
    let (update, password, set, removal) = (changes(), changes(), changes(), changes());
    users.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
    users.expect_update().returning(move |_, _| Ok(update()?));
    users.expect_change_password().returning(move |_| {
        password()?;
        Ok(PasswordChanged::Done { user: Box::new(sample::user(1)), session: Box::new(session()) })
    });
    users.expect_set_password().returning(move |_| {
        set()?;
        Ok(Some(vec![session().id]))
    });
    users.expect_delete_with_sessions().returning(move |_, _| Ok(removal()?));
    let log = log.clone();
    users.expect_find().returning(move |_| {
        log.lock().unwrap().push(READ);
        Ok(Some(sample::user(1)))
    });
    users
}

fn sessions(log: &Log, store: fn() -> Result<(), StoreError>) -> MockSessionRepository {
    let mut sessions = MockSessionRepository::new();
    let changes = || {
        let log = log.clone();
        move || {
            log.lock().unwrap().push(STORE);
            store()
        }
    };
    let (open, rotate, end) = (changes(), changes(), changes());
    sessions.expect_open().returning(move |_| {
        open()?;
        Ok(Opened::Done(Box::new(sample::user(1))))
    });
    sessions.expect_rotate().returning(move |_, _, _, _, _, _| {
        rotate()?;
        Ok(Some(Rotated { rotation: Rotation::Reused, session: session(), user: sample::user(1) }))
    });
    sessions.expect_end().returning(move |_| {
        end()?;
        Ok(vec![session().id])
    });
    sessions
}

fn copies(log: &Log, answer: fn() -> Result<Option<Stamp>, StoreError>) -> Copies {
    let (mut revocations, mut documents) = (MockRevocations::new(), MockUserDocuments::new());
    let (told, kept, deleted) = (log.clone(), log.clone(), log.clone());
    revocations.expect_find().returning(|_| Standing::Unknown(None));
    revocations.expect_changed().returning(move |user, _| {
        assert_eq!(user, sample::user_id(1));
        told.lock().unwrap().push(TOLD);
        answer()
    });
    documents.expect_keep().returning(move |_, stamp| {
        assert_eq!(stamp, sample::stamp(1));
        kept.lock().unwrap().push(KEPT);
    });
    documents.expect_delete().returning(move |_| deleted.lock().unwrap().push(DELETED));
    Copies {
        revocations: Arc::new(revocations),
        documents: Arc::new(documents),
        tasks: Arc::new(SpawnedTasks),
    }
}

/// Makes the change where the ports answer so; only a store that fails may stop it.
pub(crate) async fn make(change: Change, answers: Answers) -> (Vec<&'static str>, Result<(), StoreError>) {
    let log = Log::default();
    let users = Arc::new(users(&log, answers.store));
    let sessions = Arc::new(sessions(&log, answers.store));
    let copies = copies(&log, answers.copies);
    let outcome = on(change, users, sessions, copies).await;
    let events = std::mem::take(&mut *log.lock().unwrap());
    (events, outcome)
}

pub(crate) async fn on(
    change: Change,
    users: Arc<MockUserRepository>,
    sessions: Arc<MockSessionRepository>,
    copies: Copies,
) -> Result<(), StoreError> {
    let service = Service::default();
    let accounts = AccountPorts {
        users: users.clone(),
        sessions: sessions.clone(),
        copies: copies.clone(),
        ..service.account_ports()
    };
    let accounts = Accounts::new(accounts, AccountRules::default());
    let sessions = Sessions::new(
        SessionPorts { users, sessions, copies, ..service.session_ports() },
        SessionRules::default(),
    );
    let (password, address) = (sample::password(sample::PASSWORD), sample::user(1).username);
    match change {
        Change::Login => match sessions.login(address.as_str(), &password, Origin::default()).await {
            Err(LoginError::Store(error)) => return Err(error),
            answer => drop(answer.unwrap()),
        },
        Change::Reuse => {
            let token = ReadableTokens.sign(&session().refresh_claims(), &sample::user(1)).unwrap();
            match sessions.refresh(&token, &Origin::default()).await {
                Err(RefreshError::Store(error)) => return Err(error),
                answer => assert!(matches!(answer, Err(RefreshError::Reused)), "{answer:?}"),
            }
        }
        Change::Logout => sessions.logout(&caller()).await?,
        Change::End | Change::EndOf => {
            let ended = match change {
                Change::End => sessions.end_all(&caller()).await,
                _ => sessions.end_all_of(&sample::caller(&sample::admin(2)), &address).await,
            };
            match ended {
                Err(EndError::Store(error)) => return Err(error),
                answer => assert_eq!(answer.unwrap(), 1),
            }
        }
        Change::Update => match accounts.update(&caller(), &address, UserChanges::default(), None).await {
            Err(UpdateError::Store(error)) => return Err(error),
            answer => drop(answer.unwrap()),
        },
        Change::Password => {
            let new = sample::password("another horse batt");
            match sessions.change_password(&caller(), &password, &new).await {
                Err(ChangePasswordError::Store(error)) => return Err(error),
                answer => drop(answer.unwrap()),
            }
        }
        Change::SetPassword => {
            let new = sample::password("another horse batt");
            match sessions.set_password_as_operator(&address, &new).await {
                Err(SetPasswordError::Store(error)) => return Err(error),
                answer => assert_eq!(answer.unwrap().ended, 1),
            }
        }
        Change::Removal => match accounts.delete(&sample::caller(&sample::admin(2)), &address).await {
            Err(DeleteError::Store(error)) => return Err(error),
            answer => drop(answer.unwrap()),
        },
    }
    Ok(())
}
