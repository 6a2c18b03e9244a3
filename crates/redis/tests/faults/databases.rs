//! Nodes that use one server, and not the same database of it.

use doorward_testkit::redis::{self, RedisOptions, RedisServer};

use crate::support::{Scene, on, settings};

/// What one of them is told, the other does not see.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f35_nodes_in_different_databases_do_not_believe_each_other() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let scene = Scene::beside(&server).await;
    let one = scene.node(on(&server)).await;
    let other = scene.node(settings(&server.url(2), &server.url(3))).await;
    for number in 0..3 {
        let login = one.newcomer(&format!("ada{number}@example.com")).await;
        for node in [&one, &other, &one, &other] {
            assert!(node.serves(&login).await);
        }
        other.logout(&login).await;
        assert!(other.refuses(&login).await && one.refuses(&login).await, "after logout {number}");
    }
}
