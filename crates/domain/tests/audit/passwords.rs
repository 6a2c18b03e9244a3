//! What is written down of the current password, right or wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use doorward_domain::Origin;
use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts, UpdateError};
use doorward_domain::audit::{Action, AuditEntry, Outcome, Party};
use doorward_domain::port::{
    AuditFilter, AuditLog, AuditQuery, MockAuditLog, MockUserRepository, PasswordChanged,
};
use doorward_domain::sessions::{Caller, ChangePasswordError, SessionPorts, SessionRules, Sessions};
use doorward_domain::user::UserChanges;
use doorward_testkit::fake::Service;
use doorward_testkit::sample;

use crate::{NEW, REQUEST, WRONG, assert_written, by, later, out_of_reach, root_and_ada};

async fn change(sessions: &Sessions, caller: &Caller, current: &str) -> Result<(), ChangePasswordError> {
    sessions.change_password(caller, &sample::password(current), &sample::password(NEW)).await.map(drop)
}

async fn move_away(accounts: &Accounts, caller: &Caller, current: &str) -> Result<(), UpdateError> {
    let changes = UserChanges { email: Some(sample::email("new@example.com")), ..UserChanges::default() };
    let current = sample::password(current);
    accounts.update(caller, &caller.user.username, changes, Some(&current)).await.map(drop)
}

/// Said in full here; the other tests say it in fewer words.
#[tokio::test]
async fn log_03_an_entry_says_who_did_what_to_whom_when_from_where_and_what_came_of_it() {
    let service = Service::default();
    let (_, ada) = root_and_ada(&service).await;
    change(&service.sessions, &ada, WRONG).await.unwrap_err();
    change(&service.sessions, &ada, sample::PASSWORD).await.unwrap();
    let party = Some(Party { id: ada.user.id, username: (&ada.user.username).into() });
    let refused = AuditEntry {
        id: sample::audit_id(0),
        at: sample::seconds_later(60),
        action: Action::ChangePassword.into(),
        outcome: Outcome::Refused.into(),
        actor: party.clone(),
        target: party,
        session: Some(ada.session.id),
        address: Some("192.0.2.7".parse().unwrap()),
        request_id: Some(REQUEST.to_owned()),
        details: BTreeMap::from([("reason".to_owned(), "wrong_password".to_owned())]),
    };
    let done = AuditEntry { outcome: Outcome::Done.into(), details: BTreeMap::new(), ..refused.clone() };
    assert_written(&service, &[refused, done]).await;
}

#[tokio::test]
async fn a_change_of_password_is_written_down() {
    let service = Service::default();
    let (_, ada) = root_and_ada(&service).await;
    change(&service.sessions, &ada, sample::PASSWORD).await.unwrap();
    assert_written(&service, &[by(&ada, Action::ChangePassword).about(&ada.user)]).await;
}

#[tokio::test]
async fn a_wrong_current_password_is_written_down_with_what_it_was_to_prove() {
    let service = Service::default();
    let (_, ada) = root_and_ada(&service).await;
    change(&service.sessions, &ada, WRONG).await.unwrap_err();
    move_away(&service.accounts, &ada, WRONG).await.unwrap_err();
    let refused = |action| by(&ada, action).about(&ada.user).refused("wrong_password");
    assert_written(&service, &[refused(Action::ChangePassword), refused(Action::ChangeEmail)]).await;
}

#[tokio::test]
async fn a_refusal_that_cannot_be_written_down_is_not_told() {
    let service = Service::default();
    let (_, ada) = root_and_ada(&service).await;
    let out_of_order = || {
        let mut audit = MockAuditLog::new();
        audit.expect_record().times(1).returning(|_| Err(out_of_reach()));
        Arc::new(audit)
    };
    let ports = SessionPorts { audit: out_of_order(), ..service.session_ports() };
    let refused = change(&Sessions::new(ports, SessionRules::default()), &ada, WRONG).await;
    assert!(matches!(refused, Err(ChangePasswordError::Store(_))), "{refused:?}");
    let ports = AccountPorts { audit: out_of_order(), ..service.account_ports() };
    let refused = move_away(&Accounts::new(ports, AccountRules::default()), &ada, WRONG).await;
    assert!(matches!(refused, Err(UpdateError::Store(_))), "{refused:?}");
}

#[tokio::test]
async fn a_new_password_that_is_refused_is_not_written_down() {
    let service = Service::default();
    let (_, ada) = root_and_ada(&service).await;
    let current = sample::password(sample::PASSWORD);
    let refused = service.sessions.change_password(&ada, &current, &sample::password("short")).await;
    assert!(matches!(refused, Err(ChangePasswordError::Weak(_))), "{refused:?}");
    assert_written(&service, &[]).await;
}

#[tokio::test]
async fn a_change_of_password_that_comes_too_late_is_written_down_as_a_refusal() {
    let service = Service::default();
    let (_, ada) = root_and_ada(&service).await;
    for late in [PasswordChanged::Stale, PasswordChanged::SessionEnded] {
        let mut users = MockUserRepository::new();
        users.expect_change_password().times(1).return_once(|_| Ok(late));
        let ports = SessionPorts { users: Arc::new(users), ..service.session_ports() };
        let sessions = Sessions::new(ports, SessionRules::default());
        change(&sessions, &ada, sample::PASSWORD).await.unwrap_err();
    }
    let elsewhere = Caller { origin: Origin::default(), ..ada.clone() };
    service.sessions.logout(&elsewhere).await.unwrap();
    let refused = change(&service.sessions, &ada, sample::PASSWORD).await;
    assert!(matches!(refused, Err(ChangePasswordError::SessionEnded)), "{refused:?}");
    let refused = |why| by(&ada, Action::ChangePassword).about(&ada.user).refused(why);
    let expected = ["credential_changed", "session_ended", "session_ended"].map(refused);
    assert_written(&service, &expected).await;
}

#[tokio::test]
async fn a_password_that_an_operator_sets_is_written_down_without_an_actor() {
    let service = Service::default();
    let (_, ada) = root_and_ada(&service).await;
    let (address, weak) = (&ada.user.username, sample::password("short"));
    service.sessions.set_password_as_operator(address, &weak).await.unwrap_err();
    service.sessions.set_password_as_operator(address, &sample::password(NEW)).await.unwrap();
    let filter = AuditFilter { action: Some(Action::ChangePassword), ..AuditFilter::default() };
    let query = AuditQuery { filter, limit: 9, ..AuditQuery::default() };
    let written = service.store.list_entries(&query).await.unwrap();
    let expected = AuditEntry::new(written[0].id, later(), Action::ChangePassword, &Origin::default());
    let expected = expected.at_command_line().about(&ada.user).noting("sessions", "all").noting("count", "1");
    assert_eq!(written, [expected]);
}
