//! A right that is lost between the look-up and the write: what it would have allowed is neither done nor written down.

use std::time::Duration;

use doorward_domain::Origin;
use doorward_domain::accounts::{DeleteError, UpdateError};
use doorward_domain::port::UserRepository;
use doorward_domain::sessions::{Caller, EndError};
use doorward_domain::user::{Change, ProfileChange, Role, UserChanges};
use doorward_testkit::fake::Service;
use doorward_testkit::sample;

use crate::{assert_written, calling, root_and_ada};

/// What happens to the right of an admin who was just looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    Role,
    Session,
    Account,
    Everything,
}

const EVERY: [Loss; 4] = [Loss::Role, Loss::Session, Loss::Account, Loss::Everything];

/// Root is looked up; then another admin sees to it that they have lost it. Ada is there, with a session.
async fn after(loss: Loss) -> (Service, Caller, Caller) {
    let service = Service::default();
    let (root, ada) = root_and_ada(&service).await;
    let other = service.signed_in(&service.admin("other@example.com").await).await;
    let changed = |changes| service.accounts.update(&other, &root.user.username, changes, None);
    match loss {
        Loss::Role => {
            changed(UserChanges { role: Some(Role::User), ..UserChanges::default() }).await.unwrap();
        }
        Loss::Account => {
            changed(UserChanges { active: Some(false), ..UserChanges::default() }).await.unwrap();
        }
        Loss::Session => {
            service.sessions.end_all_of(&other, &root.user.username).await.unwrap();
        }
        Loss::Everything => {
            service.accounts.delete(&other, &root.user.username).await.unwrap();
        }
    }
    (service, root, ada)
}

/// Ada is as she was, logged in, and nothing was written down.
async fn assert_untouched(service: &Service, ada: &Caller) {
    assert_eq!(service.store.find(ada.user.id).await.unwrap().as_ref(), Some(&ada.user));
    assert_eq!(service.sessions.list(ada).await.unwrap().len(), 1);
    assert_written(service, &[]).await;
}

fn city() -> UserChanges {
    let city = Change::Set(sample::text("Malang"));
    let profile = Change::Set(ProfileChange { city, ..ProfileChange::default() });
    UserChanges { profile, ..UserChanges::default() }
}

#[tokio::test]
async fn azn_14_whoever_is_no_admin_any_more_changes_nobody() {
    for loss in EVERY {
        let (service, root, ada) = after(loss).await;
        for changes in [
            city(),
            UserChanges { role: Some(Role::Admin), ..UserChanges::default() },
            UserChanges { active: Some(false), ..UserChanges::default() },
        ] {
            let refused = service.accounts.update(&root, &ada.user.username, changes, None).await;
            match loss {
                Loss::Role => assert!(matches!(refused, Err(UpdateError::Forbidden)), "{refused:?}"),
                _ => assert!(matches!(refused, Err(UpdateError::SessionEnded)), "{refused:?}"),
            }
        }
        assert_untouched(&service, &ada).await;
    }
}

#[tokio::test]
async fn azn_14_whoever_is_no_admin_any_more_removes_nobody() {
    for loss in EVERY {
        let (service, root, ada) = after(loss).await;
        let refused = service.accounts.delete(&root, &ada.user.username).await;
        match loss {
            Loss::Role => assert!(matches!(refused, Err(DeleteError::Forbidden)), "{refused:?}"),
            _ => assert!(matches!(refused, Err(DeleteError::SessionEnded)), "{refused:?}"),
        }
        assert_untouched(&service, &ada).await;
    }
}

#[tokio::test]
async fn azn_14_whoever_is_no_admin_any_more_ends_nobodys_sessions() {
    for loss in EVERY {
        let (service, root, ada) = after(loss).await;
        let refused = service.sessions.end_all_of(&root, &ada.user.username).await;
        match loss {
            Loss::Role => assert!(matches!(refused, Err(EndError::Forbidden)), "{refused:?}"),
            _ => assert!(matches!(refused, Err(EndError::SessionEnded)), "{refused:?}"),
        }
        assert_untouched(&service, &ada).await;
    }
}

#[tokio::test]
async fn whoever_is_no_admin_any_more_makes_themselves_none() {
    let (service, root, _) = after(Loss::Role).await;
    let changes = UserChanges { role: Some(Role::Admin), ..UserChanges::default() };
    let refused = service.accounts.update(&root, &root.user.username, changes, None).await;
    assert!(matches!(refused, Err(UpdateError::Forbidden)), "{refused:?}");
    let stored = service.store.find(root.user.id).await.unwrap().unwrap();
    assert_eq!(stored.role, Role::User);
    assert_written(&service, &[]).await;
}

#[tokio::test]
async fn whoever_is_no_admin_any_more_still_does_what_members_may() {
    let (service, root, _) = after(Loss::Role).await;
    service.accounts.update(&root, &root.user.username, city(), None).await.unwrap();
    assert_eq!(service.sessions.end_all(&root).await.unwrap(), 1);
}

#[tokio::test]
async fn a_member_whose_session_has_ended_changes_and_ends_nothing() {
    for closes in [false, true] {
        let service = Service::default();
        let (root, ada) = root_and_ada(&service).await;
        let root = Caller { origin: Origin::default(), ..root };
        if closes {
            let changes = UserChanges { active: Some(false), ..UserChanges::default() };
            service.accounts.update(&root, &ada.user.username, changes, None).await.unwrap();
        } else {
            service.sessions.end_all_of(&root, &ada.user.username).await.unwrap();
            calling(&service, &ada.user).await;
        }
        service.clock.advance(Duration::from_millis(1));
        let before = service.store.find(ada.user.id).await.unwrap();
        let live = service.sessions.list(&ada).await.unwrap();
        let refused = service.accounts.update(&ada, &ada.user.username, city(), None).await;
        assert!(matches!(refused, Err(UpdateError::SessionEnded)), "{refused:?}");
        for refused in [
            service.sessions.end_own(&ada, ada.session.id).await.map(|()| 1),
            service.sessions.end_others(&ada).await,
            service.sessions.end_all(&ada).await,
        ] {
            assert!(matches!(refused, Err(EndError::SessionEnded)), "{refused:?}");
        }
        assert_eq!(service.store.find(ada.user.id).await.unwrap(), before);
        assert_eq!(service.sessions.list(&ada).await.unwrap(), live);
        assert_written(&service, &[]).await;
    }
}
