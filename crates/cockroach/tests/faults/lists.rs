//! Lists whose second half, the rows that are not known yet, does not come as it should.

use std::sync::Arc;

use doorward_domain::port::{Direction, SortKey, UserFilter, UserQuery, UserRepository};
use doorward_domain::user::KeptDocument;
use doorward_testkit::fault_proxy::{Action, Gate, Moment};
use tokio::select;

use crate::scene::{PATIENT, Scene};
use crate::writes::Write;

/// What reads the rows that a list lacks, after their heads.
fn lacking() -> Moment {
    Moment::statement().containing(r#""users"."id" = ANY"#)
}

/// The first ten, which are all in a test.
pub(crate) fn everybody() -> UserQuery {
    UserQuery {
        filter: UserFilter::default(),
        sort: SortKey::CreatedAt,
        direction: Direction::Ascending,
        after: None,
        limit: 10,
    }
}

#[tokio::test]
async fn f08_a_connection_that_goes_while_a_list_reads_what_it_lacks_is_replaced() {
    let Some(scene) = Scene::open().await else { return };
    let _case = scene.prepared(Write::Rotate).await;
    let page = scene.store.list(&everybody()).await.unwrap();
    assert_eq!(page.len(), 2);
    for action in [Action::cut(), Action::close().carried_out()] {
        // One that has read nobody yet.
        let store = scene.another_store(PATIENT).await;
        let lost = scene.proxy.on(lacking(), action);
        assert_eq!(store.list(&everybody()).await.unwrap(), page);
        assert_eq!(lost.followed(), 1);
    }
    scene.finish().await;
}

#[tokio::test]
async fn a_list_on_which_somebody_changes_or_goes_while_it_is_read_is_read_once_more() {
    let Some(scene) = Scene::open().await else { return };
    let (one, two) = (scene.prepared(Write::Rotate).await, scene.prepared(Write::End).await);
    let ([one, ..], [two, ..]) = (one.sessions(), two.sessions());
    let whole = scene.store.list(&everybody()).await.unwrap();
    let version =
        |page: &[Arc<KeptDocument>]| page.iter().find(|document| document.id == one.user_id).unwrap().version;
    let changed = format!("UPDATE users SET version = version + 1 WHERE id = '{}'", one.user_id.uuid());
    let gone = format!("DELETE FROM users WHERE id = '{}'", two.user_id.uuid());
    for (meanwhile, left) in [(changed, whole.len()), (gone, whole.len() - 1)] {
        let (store, gate) = (scene.another_store(PATIENT).await, Gate::new());
        let held = scene.proxy.on(lacking(), Action::hold(&gate));
        let (query, heads) = (everybody(), || scene.proxy.log().containing("LIMIT"));
        let before = heads();
        let mut listing = store.list(&query);
        select! {
            listed = &mut listing => unreachable!("it is held: {listed:?}"),
            () = held.until_followed(1) => {}
        }
        scene.client.batch_execute(&meanwhile).await.unwrap();
        gate.open();
        let page = listing.await.unwrap();
        assert_eq!(heads() - before, 2);
        assert_eq!(version(&page), version(&whole) + 1);
        assert_eq!(page.len(), left);
    }
    scene.finish().await;
}
