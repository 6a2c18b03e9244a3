//! What an operator changes, who has no account.

use doorward_domain::accounts::UpdateError;
use doorward_domain::audit::Action;
use doorward_domain::port::{AuditFilter, AuditLog, AuditQuery};
use doorward_domain::sessions::EndError;
use doorward_domain::user::{Role, UserChanges};
use doorward_testkit::fake::Service;
use doorward_testkit::sample;

const ADA: &str = "ada@example.com";
const ROOT: &str = "root@example.com";

fn active(active: bool) -> UserChanges {
    UserChanges { active: Some(active), ..UserChanges::default() }
}

fn role(role: Role) -> UserChanges {
    UserChanges { role: Some(role), ..UserChanges::default() }
}

/// What was done by nobody with an account, and how that is told.
async fn told(service: &Service, action: Action) -> Vec<String> {
    let filter = AuditFilter { action: Some(action), ..AuditFilter::default() };
    let query = AuditQuery { filter, limit: 9, ..AuditQuery::default() };
    let entries = service.store.list_entries(&query).await.unwrap();
    let by_nobody = entries.into_iter().filter(|entry| entry.actor.is_none() && entry.target.is_some());
    by_nobody.map(|entry| entry.details.get("by").cloned().unwrap_or_default()).collect()
}

#[tokio::test]
async fn an_operator_closes_an_account_and_its_sessions_end() {
    let service = Service::default();
    service.admin(ROOT).await;
    let ada = service.member(ADA).await;
    let login = service.login(ADA).await;
    let closed = service.accounts.update_as_operator(&sample::email("ADA@example.com"), active(false)).await;
    assert!(!closed.unwrap().unwrap().active);
    assert!(service.sessions.identify(&login.tokens.access).await.is_err());
    assert_eq!(told(&service, Action::Disable).await, ["command_line"]);
    let again = service.accounts.update_as_operator(&ada.username, active(false)).await.unwrap();
    assert_eq!((again, told(&service, Action::Disable).await.len()), (None, 1));
    service.accounts.update_as_operator(&ada.username, active(true)).await.unwrap().unwrap();
    assert_eq!(told(&service, Action::Enable).await, ["command_line"]);
}

#[tokio::test]
async fn an_operator_needs_no_admin_but_leaves_one() {
    let service = Service::default();
    let ada = service.member(ADA).await;
    service.accounts.update_as_operator(&ada.username, role(Role::Admin)).await.unwrap().unwrap();
    for change in [role(Role::User), active(false)] {
        let refused = service.accounts.update_as_operator(&ada.username, change).await;
        assert!(matches!(refused, Err(UpdateError::LastAdmin)), "{refused:?}");
    }
    assert_eq!(told(&service, Action::ChangeRole).await, ["command_line"]);
}

#[tokio::test]
async fn an_operator_ends_every_session_of_an_account() {
    let service = Service::default();
    service.member(ADA).await;
    let logins = [service.login(ADA).await, service.login(ADA).await];
    let ada = sample::email(ADA);
    assert_eq!(service.sessions.end_all_as_operator(&ada).await.unwrap(), 2);
    for login in logins {
        assert!(service.sessions.identify(&login.tokens.access).await.is_err());
    }
    assert_eq!(service.sessions.end_all_as_operator(&ada).await.unwrap(), 0);
    assert_eq!(told(&service, Action::EndSessions).await, ["command_line"]);
}

#[tokio::test]
async fn nobody_is_told_where_nobody_is() {
    let service = Service::default();
    let nobody = sample::email("nobody@example.com");
    let refused = service.accounts.update_as_operator(&nobody, active(false)).await;
    assert!(matches!(refused, Err(UpdateError::NotFound)), "{refused:?}");
    let refused = service.sessions.end_all_as_operator(&nobody).await;
    assert!(matches!(refused, Err(EndError::UserNotFound)), "{refused:?}");
}
