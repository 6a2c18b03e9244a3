//! What is in Redis keeps the contract of its ports: on one server, with documents near by as well, and on a cluster.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a surprise fails the test that met it"
)]

mod support;

use std::sync::{Arc, Barrier};

use async_trait::async_trait;
use doorward_domain::port::{
    LoginThrottle, Revocations, Revoked, Stamp, Standing, StoreError, UserDocuments,
};
use doorward_domain::token::{Claims, TokenKind};
use doorward_domain::user::UserId;
use doorward_redis::RedisCopies;
use doorward_testkit::contract::Fresh;
use doorward_testkit::fake::MapDocuments;
use doorward_testkit::redis::{self, ClusterOptions, RedisCluster, RedisOptions, RedisServer};
use doorward_testkit::{port_contract_tests, sample};
use futures_util::future::join_all;
use tokio::sync::Mutex;

use support::{Nothing, Patience, Scene, on, settings, until};

/// How many threads a test of the contract has beside the first.
const WORKERS: usize = 4;

mod on_a_server {
    use super::*;

    async fn fresh() -> Option<(RedisCopies, RedisServer)> {
        let server = redis::is_there().then(|| RedisServer::start(RedisOptions::new()))?;
        let scene = Scene::beside(&server).await;
        let copies = scene.copies(on(&server), Arc::new(Nothing), Arc::new(Nothing)).await.unwrap();
        Some((copies, server))
    }

    async fn fresh_revocations() -> Option<Fresh<dyn Revocations>> {
        let (copies, server) = fresh().await?;
        Some(Fresh::keeping(in_reach(&copies).await, (copies, server)))
    }

    async fn fresh_documents() -> Option<Fresh<dyn UserDocuments>> {
        let (copies, server) = fresh().await?;
        Some(Fresh::keeping(with_documents(&copies).await, (copies, server)))
    }

    async fn fresh_throttle() -> Option<Fresh<dyn LoginThrottle>> {
        let (copies, server) = fresh().await?;
        Some(Fresh::keeping(copies.throttle.clone(), (copies, server)))
    }

    port_contract_tests!(revocations: fresh_revocations);
    port_contract_tests!(documents: fresh_documents);
    port_contract_tests!(throttle: fresh_throttle);
}

mod with_documents_near_by {
    use super::*;

    async fn fresh_documents() -> Option<Fresh<dyn UserDocuments>> {
        let server = redis::is_there().then(|| RedisServer::start(RedisOptions::new()))?;
        let scene = Scene::beside(&server).await;
        let near = Arc::new(MapDocuments::default());
        let copies = scene.copies(on(&server), near, Arc::new(Nothing)).await.unwrap();
        Some(Fresh::keeping(with_documents(&copies).await, (copies, server)))
    }

    port_contract_tests!(documents: fresh_documents);
}

mod f36_on_a_cluster {
    use super::*;

    /// How many servers share the keys.
    const SERVERS: usize = 3;

    async fn start() -> Option<Mutex<RedisCluster>> {
        redis::is_there().then(|| RedisCluster::start(SERVERS, &ClusterOptions::new()).into())
    }

    async fn fresh(cluster: &Mutex<RedisCluster>) -> RedisCopies {
        let mut cluster = cluster.lock().await;
        for server in cluster.servers() {
            assert_eq!(server.cli(&["FLUSHALL"]), "OK");
        }
        let scene = Scene::beside_all(cluster.servers()).await;
        let settings = settings(&cluster.url(), &cluster.url());
        scene.copies(settings, Arc::new(Nothing), Arc::new(Nothing)).await.unwrap()
    }

    async fn fresh_revocations(cluster: &Mutex<RedisCluster>) -> Fresh<dyn Revocations> {
        let copies = fresh(cluster).await;
        Fresh::keeping(in_reach(&copies).await, copies)
    }

    async fn fresh_documents(cluster: &Mutex<RedisCluster>) -> Fresh<dyn UserDocuments> {
        let copies = fresh(cluster).await;
        Fresh::keeping(with_documents(&copies).await, copies)
    }

    async fn fresh_throttle(cluster: &Mutex<RedisCluster>) -> Fresh<dyn LoginThrottle> {
        let copies = fresh(cluster).await;
        Fresh::keeping(copies.throttle.clone(), copies)
    }

    port_contract_tests!(revocations of start: fresh_revocations);
    port_contract_tests!(documents of start: fresh_documents);
    port_contract_tests!(throttle of start: fresh_throttle);
}

/// The port, once every thread has a connection: until then, each of them knows nothing.
async fn in_reach(copies: &RedisCopies) -> Arc<dyn Revocations> {
    let port = copies.revocations.clone();
    until("every thread has a connection", async || {
        let here = is_in_reach(&*port).await;
        // All threads are taken before the first of these tasks goes on.
        let all_threads = Arc::new(Barrier::new(WORKERS));
        let elsewhere = (0..WORKERS).map(|_| {
            let (port, all_threads) = (port.clone(), all_threads.clone());
            tokio::spawn(async move {
                all_threads.wait();
                is_in_reach(&*port).await
            })
        });
        let elsewhere = join_all(elsewhere).await;
        here && elsewhere.into_iter().all(|is_in_reach| is_in_reach.unwrap())
    })
    .await;
    Arc::new(Patient(port))
}

async fn is_in_reach(port: &dyn Revocations) -> bool {
    port.find(&somebody()).await != Standing::Unknown(None)
}

/// A token that no test knows.
fn somebody() -> Claims {
    Claims {
        kind: TokenKind::Access,
        subject: sample::user_id(999_999),
        session: sample::session_id(999_999),
        id: sample::successor(999_999).access_id,
        issued_at: sample::NOW,
        expires_at: sample::NOW,
    }
}

/// The port, once this thread has a connection.
async fn with_documents(copies: &RedisCopies) -> Arc<dyn UserDocuments> {
    copies.documents.delete(sample::user_id(999_999)).await;
    copies.documents.clone()
}

/// Asks again where nothing is known for a moment: on a busy machine, a node may be late to look after what it
/// believes.
struct Patient(Arc<dyn Revocations>);

#[async_trait]
impl Revocations for Patient {
    async fn find(&self, token: &Claims) -> Standing {
        let patience = Patience::until("Redis is in use");
        loop {
            match self.0.find(token).await {
                Standing::Unknown(None) => patience.pause().await,
                found => return found,
            }
        }
    }

    async fn confirm(&self, token: &Claims, stamp: Stamp) {
        self.0.confirm(token, stamp).await;
    }

    async fn changed(&self, user: UserId, revoked: &[Revoked]) -> Result<Option<Stamp>, StoreError> {
        self.0.changed(user, revoked).await
    }
}
