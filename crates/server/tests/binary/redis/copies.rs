//! What copies save: the way to the database.

use doorward_testkit::fault_proxy::{FaultProxy, Log};
use reqwest::Method;
use serde_json::Value;

use super::{ADA, Nodes, PASSWORD, Shared, ask, until};
use crate::support::Doorward;

/// How often somebody asks in a row.
const TIMES: usize = 30;

/// What was asked of the database about sessions and accounts, by somebody who asks for this.
async fn asked(proxy: &FaultProxy, service: &Doorward, path: &str, access: &str) -> usize {
    proxy.clear_log();
    for _ in 0..TIMES {
        ask(service, Method::GET, path, access, Value::Null).await;
    }
    let is_about_somebody = |text: &&str| text.contains("sessions") || text.contains("users");
    let log: Log = proxy.log();
    log.texts().into_iter().filter(is_about_somebody).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_is_asked_on_every_route_but_for_ones_own_document() {
    let Some(shared) = Shared::new().await else { return };
    let proxy = FaultProxy::before(shared.database.server().address()).await;
    let url = shared.database.url_through(proxy.address());
    let places = [(); 2].map(|()| shared.node(&url).without_throttles());
    let nodes = Nodes::start_at(shared, places).await;
    nodes.a.register(ADA, PASSWORD).await;
    let [access, _] = nodes.known(ADA).await;
    for service in nodes.both() {
        // On a machine that is very busy, a node may stop believing Redis for a moment.
        until("nothing is asked", async || asked(&proxy, service, "/api/user/me", &access).await == 0).await;
        for path in ["/api/auth/login", "/api/user/ada@example.com"] {
            assert!(asked(&proxy, service, path, &access).await >= TIMES, "{path}");
        }
    }
}
