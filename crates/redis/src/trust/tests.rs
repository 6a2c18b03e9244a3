//! For how long a server is believed.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use doorward_domain::port::{Epoch, EpochRegistry, StoreError};
use doorward_testkit::fake::{CountingIds, MemoryStore};
use doorward_testkit::redis::{self, RedisOptions, RedisServer};
use futures_util::future::join_all;
use tokio::join;
use uuid::Uuid;

use super::*;
use crate::connect::{Connector, TlsFiles, Witness};
use crate::url::RedisUrl;

/// What nodes have in common.
struct Scene {
    registry: Arc<dyn EpochRegistry>,
    ids: Arc<CountingIds>,
    witness: Witness,
}

impl Scene {
    /// `None` where there is no server to be a witness.
    async fn new() -> Option<Self> {
        let server = redis::is_there().then(|| RedisServer::start(RedisOptions::new()))?;
        let url = RedisUrl::parse(&server.url(0)).unwrap();
        let connector = Connector::new(&url, &TlsFiles::default(), Duration::from_secs(5)).unwrap();
        let witness = connector.connect(None).await.unwrap().witness().await.unwrap();
        Some(Self { registry: Arc::new(MemoryStore::default()), ids: Arc::default(), witness })
    }

    fn node(&self) -> Trust {
        Trust::new(self.registry.clone(), self.ids.clone())
    }

    /// An epoch in which the server is believed.
    async fn begin(&self) -> Uuid {
        let node = self.node();
        let seen = node.present().await.unwrap().map(|epoch| epoch.id);
        node.begin(seen, Some(&self.witness)).await.unwrap().id
    }
}

/// Out of reach.
struct Away;

#[async_trait]
impl EpochRegistry for Away {
    async fn present(&self) -> Result<Option<Epoch>, StoreError> {
        Err(StoreError::Unavailable("away".into()))
    }

    async fn begin(&self, _: Option<Uuid>, _: &Epoch) -> Result<Epoch, StoreError> {
        Err(StoreError::Unavailable("away".into()))
    }
}

#[tokio::test]
async fn a_server_is_believed_for_a_second_from_when_the_epoch_was_read() {
    let Some(scene) = Scene::new().await else { return };
    let (node, epoch) = (scene.node(), scene.begin().await);
    assert!(node.lease().is_none());
    let now = Instant::now();
    node.renew(epoch, &scene.witness, now);
    let lease = node.lease().unwrap();
    assert_eq!((lease.epoch, &lease.witness), (epoch, &scene.witness));
    // Whoever was slow to read it has nothing of it.
    node.renew(epoch, &scene.witness, now.checked_sub(LEASE).unwrap());
    assert!(node.lease().is_none() && lease.holds());
}

#[tokio::test]
async fn a_doubt_is_about_one_epoch() {
    let Some(scene) = Scene::new().await else { return };
    let (node, epoch) = (scene.node(), scene.begin().await);
    node.renew(epoch, &scene.witness, Instant::now());
    node.doubt(Uuid::nil());
    assert!(node.lease().is_some());
    node.doubt(epoch);
    assert!(node.lease().is_none());
}

#[test]
fn nobody_believes_for_as_long_as_others_wait() {
    assert!(LAPSE > LEASE);
}

#[tokio::test]
async fn when_an_epoch_has_ended_no_node_believes_its_server() {
    let Some(scene) = Scene::new().await else { return };
    let (ends, reads, epoch) = (scene.node(), scene.node(), scene.begin().await);
    ends.renew(epoch, &scene.witness, Instant::now());
    reads.renew(epoch, &scene.witness, Instant::now());
    ends.end(epoch).await.unwrap();
    assert!(ends.lease().is_none() && reads.lease().is_none());
    let present = ends.present().await.unwrap().unwrap();
    assert_eq!(present.witness, None);
    assert!(ends.is_over(present.id));
    // Somebody who hears of it only now waits as long.
    assert!(!scene.node().is_over(present.id));
}

#[tokio::test]
async fn of_many_that_end_an_epoch_at_once_one_does_and_all_wait() {
    let Some(scene) = Scene::new().await else { return };
    let (reads, epoch) = (scene.node(), scene.begin().await);
    reads.renew(epoch, &scene.witness, Instant::now());
    let ends: Vec<_> = (0..8).map(|_| scene.node()).collect();
    let ended = join_all(ends.iter().map(async |node| {
        node.end(epoch).await.unwrap();
        (node.present().await.unwrap(), reads.lease().is_some())
    }));
    let ended = ended.await;
    assert!(ended.iter().all(|(present, believed)| *present == ended[0].0 && !believed));
}

#[tokio::test]
async fn an_epoch_that_has_ended_before_is_not_ended_again() {
    let Some(scene) = Scene::new().await else { return };
    let (node, first) = (scene.node(), scene.begin().await);
    let second = scene.begin().await;
    node.end(first).await.unwrap();
    assert_eq!(node.present().await.unwrap().unwrap().id, second);
}

/// Whoever waits for the end is not told that it has come earlier by somebody who comes later.
#[tokio::test]
async fn waiting_twice_for_an_end_is_waiting_once() {
    let Some(scene) = Scene::new().await else { return };
    let (node, epoch) = (scene.node(), scene.begin().await);
    let (one, other) = join!(node.end(epoch), node.end(epoch));
    one.and(other).unwrap();
    let nobody = node.present().await.unwrap().unwrap().id;
    assert!(node.is_over(nobody));
    node.wait_out(nobody).await;
}

#[tokio::test]
async fn an_end_that_could_not_be_written_down_is_an_error_and_a_doubt() {
    let Some(scene) = Scene::new().await else { return };
    let (node, epoch) = (Trust::new(Arc::new(Away), scene.ids.clone()), Uuid::from_u128(1));
    node.renew(epoch, &scene.witness, Instant::now());
    assert!(node.end(epoch).await.is_err());
    assert!(node.lease().is_none());
}
