//! Servers that do not answer.

use deadpool_redis::redis::RedisError;
use doorward_testkit::redis::{self, RedisOptions, RedisServer};
use tokio::time::timeout;

use super::pretender::{GREETING, Pretender};
use super::*;

fn is_timeout(error: &ConnectError) -> bool {
    matches!(error, ConnectError::Server { source, .. } if source.is_timeout()) && error.is_temporary()
}

#[tokio::test]
async fn r03_a_server_that_hangs_is_given_up_in_time() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    // It may be busy with other tests, and not have hung yet.
    let mut connection = connect(&server.url(0)).await;
    if let Connection::Node { connection, .. } = &mut connection {
        connection.set_response_timeout(SHORT);
    }
    server.stop_answering();
    let asked = timeout(PATIENCE, get(&mut connection, "key")).await.unwrap();
    assert!(asked.as_ref().is_err_and(RedisError::is_timeout), "{asked:?}");
    let witness = timeout(PATIENCE, connection.witness()).await.unwrap();
    assert!(witness.as_ref().is_err_and(is_timeout), "{witness:?}");
    let connected =
        timeout(PATIENCE, impatient(&server.url(0), &TlsFiles::default()).connect(None)).await.unwrap();
    assert!(connected.as_ref().is_err_and(is_timeout));
    server.answer_again();
    assert!(connector(&server.url(0)).connect(None).await.is_ok());
}

#[tokio::test]
async fn whoever_greets_and_says_no_more_is_given_up_in_time() {
    let server = Pretender::start(vec![GREETING.to_owned()]).await;
    let url = format!("redis://{}", server.address());
    let connected = timeout(PATIENCE, impatient(&url, &TlsFiles::default()).connect(None)).await.unwrap();
    assert!(connected.as_ref().is_err_and(is_timeout));
}

#[tokio::test]
async fn silent_sentinels_and_silent_members_of_a_cluster_are_given_up_in_time() {
    let (one, other) =
        (Pretender::start(Vec::new()).await, Pretender::start(vec![GREETING.to_owned()]).await);
    let hosts = format!("{},{}", one.address(), other.address());
    for url in [format!("redis-sentinel://{hosts}/s"), format!("redis-cluster://{hosts}")] {
        let connected = timeout(PATIENCE, impatient(&url, &TlsFiles::default()).connect(None)).await.unwrap();
        assert!(connected.is_err_and(|error| error.is_temporary()), "{url}");
    }
}

#[tokio::test]
async fn whoever_is_not_redis_is_not_taken_for_it() {
    let http = "HTTP/1.1 400 Bad Request\r\n\r\n";
    let server = Pretender::start(vec![http.to_owned()]).await;
    refused(&connector(&format!("redis://{}", server.address()))).await;
    let nothing = "*0\r\n".to_owned();
    let mute = Pretender::start(vec![GREETING.to_owned(), "$6\r\na:1\r\nb\r\n".to_owned(), nothing]).await;
    let error = refused(&connector(&format!("redis://{}", mute.address()))).await;
    assert!(error.to_string().ends_with("does not tell its role"), "{error}");
}
