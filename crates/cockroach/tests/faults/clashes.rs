//! Transactions that really get into each other's way.

use doorward_cockroach::CockroachStore;
use doorward_domain::audit::Deed;
use doorward_domain::port::{InsertUserError, UpdateUserError, UserRepository};
use doorward_domain::user::{Role, User};
use doorward_testkit::fault_proxy::{Action, Gate, Moment, Rule};
use doorward_testkit::sample;
use tokio::join;
use tokio_postgres::error::SqlState;

use crate::scene::{PATIENT, Scene};
use crate::waiting::until_somebody_waits;
use crate::writes::Write;

fn collisions(store: &CockroachStore) -> u64 {
    store.counts().iter().map(|count| count.retries).sum()
}

#[tokio::test]
async fn f26_two_admins_who_demote_each_other_from_two_nodes_leave_one() {
    let Some(scene) = Scene::on_postgres().await else { return };
    let other = scene.another_store(PATIENT).await;
    let (one, two) = (sample::admin(501), sample::admin(502));
    scene.store.insert(&one, &[]).await.unwrap();
    scene.store.insert(&two, &[]).await.unwrap();
    let demoted = |user: &User| User { role: Role::User, version: 2, ..user.clone() };
    // Each has seen the other one as an admin before either commits.
    let gate = Gate::new();
    scene.proxy.add(Rule::new(Moment::commit(), Action::hold(&gate)).times(2));
    let meeting = async {
        gate.until_reached_by(2).await;
        gate.open();
    };
    let (first, second) = (demoted(&one), demoted(&two));
    let deed = Deed::default();
    let (first, second, ()) = join!(scene.store.update(&first, &deed), other.update(&second, &deed), meeting);
    let refused = |answer: &Result<(), UpdateUserError>| matches!(answer, Err(UpdateUserError::LastAdmin));
    assert!(first.is_ok() && refused(&second) || second.is_ok() && refused(&first), "{first:?} {second:?}");
    assert_eq!(collisions(&scene.store) + collisions(&other), 1);
    let admins = "SELECT count(*) FROM users WHERE role = 'admin' AND active";
    assert_eq!(scene.client.query_one(admins, &[]).await.unwrap().get::<_, i64>(0), 1);
    scene.finish().await;
}

#[tokio::test]
async fn f26_of_two_nodes_that_change_one_account_at_once_one_is_told_so() {
    let Some(scene) = Scene::on_postgres().await else { return };
    let other = scene.another_store(PATIENT).await;
    let user = sample::user(501);
    scene.store.insert(&user, &[]).await.unwrap();
    let gate = Gate::new();
    scene.proxy.on(Moment::commit(), Action::hold(&gate));
    let changed = User { version: 2, updated_at: sample::seconds_later(1), ..user.clone() };
    let deed = Deed::default();
    let late = async {
        gate.until_reached().await;
        join!(other.update(&changed, &deed), async {
            until_somebody_waits(&scene.client).await;
            gate.open();
        })
        .0
    };
    let (first, second) = join!(scene.store.update(&changed, &deed), late);
    first.unwrap();
    assert!(matches!(second, Err(UpdateUserError::Stale)), "{second:?}");
    assert_eq!((collisions(&scene.store), collisions(&other)), (0, 1));
    scene.finish().await;
}

#[tokio::test]
async fn f26_a_deadlock_is_broken_and_the_write_made_once() {
    let Some(scene) = Scene::on_postgres().await else { return };
    // Of those who wait for each other, the one that looks first gives way.
    let impatient = format!("{}&options=-c%20deadlock_timeout%3D20ms", scene.url());
    let store = scene.another_store_at(&impatient, PATIENT).await;
    let case = scene.prepared(Write::ChangePassword).await;
    let [first, ..] = case.sessions();
    let lock = async |table: &str, id: String| {
        let lock = format!("SELECT FROM {table} WHERE id = $1::TEXT::UUID FOR UPDATE");
        scene.client.query(&lock, &[&id]).await
    };
    scene.client.batch_execute("BEGIN; SET LOCAL deadlock_timeout = '60s'").await.unwrap();
    lock("sessions", first.id.uuid().to_string()).await.unwrap();
    let watching = scene.database().client().await;
    let in_the_way = async {
        // The service has the account and wants the session; now the other way round.
        until_somebody_waits(&watching).await;
        lock("users", first.user_id.uuid().to_string()).await.unwrap();
        scene.client.batch_execute("COMMIT").await.unwrap();
    };
    join!(scene.acknowledged_by(&store, &case), in_the_way);
    assert!(collisions(&store) >= 1);
    assert!(scene.said.text().contains("deadlock detected"));
    scene.finish().await;
}

#[tokio::test]
async fn f26_an_address_that_somebody_is_just_taking_is_taken() {
    let Some(scene) = Scene::on_postgres().await else { return };
    let (owner, late) = (scene.prepared(Write::Rotate).await, scene.prepared(Write::Insert).await);
    let take = "INSERT INTO user_addresses (address_norm, user_id) VALUES ($1, $2::TEXT::UUID)";
    let address = late.user().email.normal().to_owned();
    let id = owner.user().id.uuid().to_string();
    scene.client.batch_execute("BEGIN").await.unwrap();
    scene.client.execute(take, &[&address, &id]).await.unwrap();
    let watching = scene.database().client().await;
    let user = late.user();
    let (answer, ()) = join!(scene.store.insert(&user, &[]), async {
        until_somebody_waits(&watching).await;
        scene.client.batch_execute("COMMIT").await.unwrap();
    });
    assert!(matches!(answer, Err(InsertUserError::AddressTaken)), "{answer:?}");
    assert!(!scene.is_done(&late).await);
    // Whoever does not ask first hears of the constraint.
    let error = scene.client.execute(take, &[&address, &id]).await.unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::UNIQUE_VIOLATION));
    scene.finish().await;
}
