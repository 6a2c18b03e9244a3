//! What the copies are not told: whatever certainly changed nothing.

use std::sync::Arc;

use doorward_domain::Copies;
use doorward_domain::Origin;
use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts};
use doorward_domain::audit::Denied;
use doorward_domain::port::{
    DeleteUserError, MockRevocations, MockSessionRepository, MockUserDocuments, MockUserRepository, Opened,
    PasswordChanged, Rotated, Standing, TokenSigner, UpdateUserError,
};
use doorward_domain::sessions::{SessionPorts, SessionRules, Sessions};
use doorward_domain::token::Rotation;
use doorward_domain::user::UserChanges;
use doorward_testkit::fake::{ReadableTokens, Service, SpawnedTasks};
use doorward_testkit::sample;

use crate::scene::{caller, session};

/// Copies that must not be told anything.
fn undisturbed() -> Copies {
    let mut revocations = MockRevocations::new();
    revocations.expect_find().returning(|_| Standing::Unknown(Some(sample::stamp(1))));
    Copies {
        revocations: Arc::new(revocations),
        documents: Arc::new(MockUserDocuments::new()),
        tasks: Arc::new(SpawnedTasks),
    }
}

fn users_who_answer(update: fn() -> UpdateUserError, delete: fn() -> DeleteUserError) -> MockUserRepository {
    let mut users = MockUserRepository::new();
    users.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
    users.expect_update().returning(move |_, _| Err(update()));
    users.expect_delete_with_sessions().returning(move |_, _| Err(delete()));
    users.expect_find().returning(|_| Ok(None));
    users
}

#[tokio::test]
async fn what_certainly_changed_nothing_in_an_account_is_not_told() {
    for update in [
        || UpdateUserError::NotFound,
        || UpdateUserError::Stale,
        || UpdateUserError::AddressTaken,
        || UpdateUserError::LastAdmin,
        || UpdateUserError::Denied(Denied::SessionEnded),
        || UpdateUserError::Denied(Denied::NotAdmin),
    ] {
        let users = users_who_answer(update, || DeleteUserError::NotFound);
        let ports = AccountPorts {
            users: Arc::new(users),
            copies: undisturbed(),
            ..Service::default().account_ports()
        };
        let accounts = Accounts::new(ports, AccountRules::default());
        let address = sample::user(1).username;
        accounts.update(&caller(), &address, UserChanges::default(), None).await.unwrap_err();
    }
    for delete in [
        || DeleteUserError::NotFound,
        || DeleteUserError::LastAdmin,
        || DeleteUserError::Denied(Denied::SessionEnded),
        || DeleteUserError::Denied(Denied::NotAdmin),
    ] {
        let users = users_who_answer(|| UpdateUserError::NotFound, delete);
        let ports = AccountPorts {
            users: Arc::new(users),
            copies: undisturbed(),
            ..Service::default().account_ports()
        };
        let accounts = Accounts::new(ports, AccountRules::default());
        accounts.delete(&sample::caller(&sample::admin(2)), &sample::user(1).username).await.unwrap_err();
    }
}

#[tokio::test]
async fn what_certainly_changed_nothing_in_a_session_is_not_told() {
    let unspent = [Rotation::Rotated, Rotation::Replayed, Rotation::Ended, Rotation::Expired];
    for rotation in unspent.map(Some).into_iter().chain([None]) {
        let mut store = MockSessionRepository::new();
        store.expect_rotate().times(1).returning(move |_, _, _, _, _, _| {
            Ok(rotation.map(|rotation| Rotated { rotation, session: session(), user: sample::user(1) }))
        });
        let ports = SessionPorts {
            sessions: Arc::new(store),
            copies: undisturbed(),
            ..Service::default().session_ports()
        };
        let token = ReadableTokens.sign(&session().refresh_claims(), &sample::user(1)).unwrap();
        let _ = Sessions::new(ports, SessionRules::default()).refresh(&token, &Origin::default()).await;
    }
}

#[tokio::test]
async fn an_end_that_was_denied_is_not_told() {
    for denied in [Denied::SessionEnded, Denied::NotAdmin] {
        let mut store = MockSessionRepository::new();
        store.expect_end().times(2).returning(move |_| Err(denied.into()));
        let ports = SessionPorts {
            sessions: Arc::new(store),
            copies: undisturbed(),
            ..Service::default().session_ports()
        };
        let sessions = Sessions::new(ports, SessionRules::default());
        sessions.end_all(&caller()).await.unwrap_err();
        // Whoever logs out and has been logged out is logged out.
        sessions.logout(&caller()).await.unwrap();
    }
}

#[tokio::test]
async fn a_password_that_changed_meanwhile_is_told_by_whoever_changed_it() {
    let (mut users, mut store) = (MockUserRepository::new(), MockSessionRepository::new());
    let mut stale = vec![PasswordChanged::Stale, PasswordChanged::SessionEnded];
    users.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
    users.expect_change_password().times(2).returning(move |_| Ok(stale.pop().unwrap()));
    store.expect_open().times(1).returning(|_| Ok(Opened::CredentialChanged));
    let ports = SessionPorts {
        users: Arc::new(users),
        sessions: Arc::new(store),
        copies: undisturbed(),
        ..Service::default().session_ports()
    };
    let sessions = Sessions::new(ports, SessionRules::default());
    let (password, new) = (sample::password(sample::PASSWORD), sample::password("another horse batt"));
    for _ in 0..2 {
        sessions.change_password(&caller(), &password, &new).await.unwrap_err();
    }
    sessions.login("person1@example.com", &password, Origin::default()).await.unwrap_err();
}

#[tokio::test]
async fn a_password_that_was_set_for_nobody_is_not_told() {
    let mut users = MockUserRepository::new();
    users.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
    users.expect_set_password().times(1).returning(|_| Ok(None));
    let ports =
        SessionPorts { users: Arc::new(users), copies: undisturbed(), ..Service::default().session_ports() };
    let sessions = Sessions::new(ports, SessionRules::default());
    let new = sample::password("another horse batt");
    sessions.set_password_as_operator(&sample::user(1).username, &new).await.unwrap_err();
}
