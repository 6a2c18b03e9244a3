//! Tries are counted over all nodes.

use reqwest::StatusCode;

use super::{ADA, Nodes, PASSWORD, Shared};

#[tokio::test]
async fn aut_12_ten_wrong_passwords_are_compared_by_all_nodes_together() {
    let Some(shared) = Shared::new().await else { return };
    let places = [(); 2].map(|()| shared.node(&shared.database.url()));
    let nodes = Nodes::start_at(shared, places).await;
    nodes.a.register(ADA, PASSWORD).await;
    // More than a node would allow that counts for itself while Redis is away.
    for _ in 0..7 {
        assert_eq!(nodes.a.login(ADA, "wrong").await, StatusCode::UNAUTHORIZED);
    }
    let mut compared = 7;
    while nodes.b.login(ADA, "wrong").await == StatusCode::UNAUTHORIZED {
        compared += 1;
        assert!(compared < 7 + 10, "the second node counts for itself");
    }
    assert!(compared >= 10, "only {compared} are compared");
    assert_eq!(nodes.a.login(ADA, "wrong").await, StatusCode::TOO_MANY_REQUESTS);
}
