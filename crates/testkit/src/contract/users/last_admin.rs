//! One active admin remains, whoever leaves and in whatever order.

use std::sync::Arc;

use doorward_domain::audit::Deed;
use doorward_domain::port::{DeleteUserError, UpdateUserError, UserFilter};
use doorward_domain::user::{Role, User};

use crate::contract::store::changed;
use crate::contract::{Store, at_once};
use crate::sample;

const ROUNDS: u32 = 24;

fn demoted(admin: &User) -> User {
    changed(admin, |user| user.role = Role::User)
}

fn closed(admin: &User) -> User {
    changed(admin, |user| user.active = false)
}

async fn admins_left(store: &dyn Store) -> u64 {
    let active_admins = UserFilter { role: Some(Role::Admin), active: Some(true), ..UserFilter::default() };
    store.count(&active_admins).await.unwrap()
}

/// Neither demoted nor closed nor both; and then nothing else changes either.
pub async fn the_last_admin_can_be_neither_demoted_nor_closed(store: Arc<dyn Store>) {
    let admin = sample::admin(1);
    store.add_all([&admin, &sample::user(2)]).await;
    let both = changed(&admin, |user| (user.role, user.active) = (Role::User, false));
    for change in [demoted(&admin), closed(&admin), both] {
        let refused = store.update(&change, &Deed::default()).await;
        assert!(matches!(refused, Err(UpdateUserError::LastAdmin)), "{refused:?}");
        assert_eq!(store.stored(admin.id).await, admin);
    }
}

/// An admin whose account is closed is no admin who remains.
pub async fn a_closed_admin_does_not_count_as_one_who_remains(store: Arc<dyn Store>) {
    let admin = sample::admin(1);
    store.add_all([&admin, &User { active: false, ..sample::admin(2) }]).await;
    let refused = store.update(&demoted(&admin), &Deed::default()).await;
    assert!(matches!(refused, Err(UpdateUserError::LastAdmin)), "{refused:?}");
    let refused = store.delete_with_sessions(admin.id, &Deed::default()).await;
    assert!(matches!(refused, Err(DeleteUserError::LastAdmin)), "{refused:?}");
}

/// What takes no admin away is allowed, to the last admin and to everybody else.
pub async fn other_changes_are_free_while_one_admin_remains(store: Arc<dyn Store>) {
    let (admin, member, second) = (sample::admin(1), sample::user(2), sample::admin(3));
    let closed_admin = User { active: false, ..sample::admin(4) };
    store.add_all([&admin, &member, &second, &closed_admin]).await;
    store.update(&demoted(&second), &Deed::default()).await.unwrap();
    store
        .update(&changed(&admin, |user| user.profile = sample::kucing_cakep().profile), &Deed::default())
        .await
        .unwrap();
    store.update(&closed(&member), &Deed::default()).await.unwrap();
    store.update(&demoted(&closed_admin), &Deed::default()).await.unwrap();
    assert_eq!(admins_left(&*store).await, 1);
}

/// An installation that has no admin yet can still change and remove its members.
pub async fn where_there_is_no_admin_none_is_missed(store: Arc<dyn Store>) {
    let (one, other) = (sample::user(1), sample::user(2));
    store.add_all([&one, &other]).await;
    store.update(&closed(&one), &Deed::default()).await.unwrap();
    store.delete_with_sessions(other.id, &Deed::default()).await.unwrap();
}

/// The account and everything of it stays.
pub async fn the_last_admin_cannot_be_removed(store: Arc<dyn Store>) {
    let admin = sample::admin(1);
    let session = store.add_and_log_in(&admin, 1).await;
    store.add(&sample::user(2)).await;
    let refused = store.delete_with_sessions(admin.id, &Deed::default()).await;
    assert!(matches!(refused, Err(DeleteUserError::LastAdmin)), "{refused:?}");
    assert!(store.is_live(&session).await);
}

/// Round after round, one of the two is refused.
pub async fn two_admins_who_demote_each_other_at_once_leave_one(store: Arc<dyn Store>) {
    let mut admins = [sample::admin(1), sample::admin(2)];
    store.add_all(&admins).await;
    for round in 0..ROUNDS {
        let change = if round % 2 == 0 { demoted } else { closed };
        let answers = at_once::all(&store, admins.clone(), |store, admin| async move {
            store.update(&change(&admin), &Deed::default()).await
        })
        .await;
        assert!(
            matches!(
                answers[..],
                [Ok(()), Err(UpdateUserError::LastAdmin)] | [Err(UpdateUserError::LastAdmin), Ok(())]
            ),
            "round {round}: {answers:?}"
        );
        assert_eq!(admins_left(&*store).await, 1);
        for (admin, answer) in admins.iter_mut().zip(answers) {
            if answer.is_ok() {
                *admin = changed(&change(admin), |user| (user.role, user.active) = (Role::Admin, true));
                store.update(admin, &Deed::default()).await.unwrap();
            }
        }
    }
}

/// Round after round, one of the two is refused.
pub async fn two_admins_who_remove_each_other_at_once_leave_one(store: Arc<dyn Store>) {
    let mut admins = [sample::admin(1), sample::admin(2)];
    store.add_all(&admins).await;
    for round in 0..ROUNDS {
        let answers = at_once::all(&store, admins.clone(), |store, admin| async move {
            store.delete_with_sessions(admin.id, &Deed::default()).await
        })
        .await;
        assert!(
            matches!(
                answers[..],
                [Ok(()), Err(DeleteUserError::LastAdmin)] | [Err(DeleteUserError::LastAdmin), Ok(())]
            ),
            "round {round}: {answers:?}"
        );
        assert_eq!(admins_left(&*store).await, 1);
        for (admin, answer) in admins.iter_mut().zip(answers) {
            if answer.is_ok() {
                *admin = sample::admin(3 + round);
                store.add(admin).await;
            }
        }
    }
}

/// The two ways of losing an admin know of each other.
pub async fn demoting_one_admin_and_removing_the_other_at_once_leaves_one(store: Arc<dyn Store>) {
    let (mut stays, mut goes) = (sample::admin(1), sample::admin(2));
    store.add_all([&stays, &goes]).await;
    for round in 0..ROUNDS {
        let (change, id) = (demoted(&stays), goes.id);
        let answers = at_once::both(
            &store,
            |store| async move { store.update(&change, &Deed::default()).await },
            |store| async move { store.delete_with_sessions(id, &Deed::default()).await },
        )
        .await;
        assert_eq!(admins_left(&*store).await, 1, "round {round}: {answers:?}");
        match answers {
            (Ok(()), Err(DeleteUserError::LastAdmin)) => {
                stays = changed(&demoted(&stays), |user| user.role = Role::Admin);
                store.update(&stays, &Deed::default()).await.unwrap();
            }
            (Err(UpdateUserError::LastAdmin), Ok(())) => {
                goes = sample::admin(3 + round);
                store.add(&goes).await;
            }
            answers => panic!("round {round}: {answers:?}"),
        }
    }
}
