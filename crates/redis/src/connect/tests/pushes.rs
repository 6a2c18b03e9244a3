//! What the server says without being asked.

use std::sync::Arc;

use deadpool_redis::redis::{PushInfo, PushKind, Value};
use doorward_testkit::redis::{self, RedisOptions, RedisServer};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use super::*;
use crate::connect::PushSink;

/// Where pushes go, and where they come out.
pub(super) fn channel() -> (PushSink, UnboundedReceiver<PushInfo>) {
    let (sender, receiver) = unbounded_channel();
    let sink = move |push: &PushInfo| {
        // Whoever has heard enough is gone.
        sender.send(push.clone()).ok();
    };
    (Arc::new(sink), receiver)
}

/// The next push, in the time that anything may take.
pub(super) async fn next(pushes: &mut UnboundedReceiver<PushInfo>) -> PushInfo {
    timeout(PATIENCE, pushes.recv()).await.unwrap().unwrap()
}

/// The key that an invalidation names.
pub(super) fn invalidated(push: &PushInfo) -> String {
    assert_eq!(push.kind, PushKind::Invalidate);
    match push.data.as_slice() {
        [Value::Array(keys)] => match keys.as_slice() {
            [Value::BulkString(key)] => String::from_utf8(key.clone()).unwrap(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn f32_changes_arrive_in_their_order_and_the_loss_of_the_connection_at_last() {
    if !redis::is_there() {
        return;
    }
    let mut server = RedisServer::start(RedisOptions::new());
    let (sink, mut pushes) = channel();
    let mut connection = connector(&server.url(0)).connect(Some(sink)).await.unwrap();
    cmd("CLIENT").arg("TRACKING").arg("ON").query_async::<()>(&mut connection).await.unwrap();
    for key in ["a", "b", "c"] {
        get(&mut connection, key).await.unwrap();
    }
    for key in ["b", "a", "c"] {
        server.cli(&["SET", key, "value"]);
    }
    for key in ["b", "a", "c"] {
        assert_eq!(invalidated(&next(&mut pushes).await), key);
    }
    server.kill();
    assert_eq!(next(&mut pushes).await.kind, PushKind::Disconnection);
}

#[tokio::test]
async fn a_connection_that_is_lost_stays_lost() {
    if !redis::is_there() {
        return;
    }
    let mut server = RedisServer::start(RedisOptions::new());
    let mut connection = connect(&server.url(0)).await;
    server.restart();
    assert!(get(&mut connection, "key").await.is_err());
    assert!(get(&mut connection, "key").await.is_err());
    assert!(connection.witness().await.is_err_and(|error| error.is_temporary()));
}
