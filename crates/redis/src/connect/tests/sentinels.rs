//! The primary that sentinels know of.

use doorward_testkit::redis::{self, Authority, RedisOptions, RedisSentinels, RedisServer, SentinelOptions};

use super::pretender::Pretender;
use super::*;

fn url(sentinels: &[&Pretender]) -> String {
    let hosts: Vec<_> = sentinels.iter().map(|sentinel| sentinel.address()).collect();
    format!("redis-sentinel://{}/copies", hosts.join(","))
}

#[tokio::test]
async fn r05_after_a_failover_the_new_primary_is_found() {
    if !redis::is_there() {
        return;
    }
    let options = SentinelOptions::new().password("sesame").sentinel_password("other");
    let mut sentinels = RedisSentinels::start(&options);
    let connector = connector(&sentinels.url(1));
    let mut before = connector.connect(None).await.unwrap();
    let witness = before.witness().await.unwrap();
    set(&mut before, "key", "value").await.unwrap();
    assert_eq!(sentinels.primary().cli(&["-n", "1", "GET", "key"]), "value");
    assert_eq!(sentinels.primary().cli(&["WAIT", "1", "30000"]), "1");

    sentinels.sentinels()[2].kill();
    // The first two agree, and that is enough.
    sentinels.switch();
    let mut after = connector.connect(None).await.unwrap();
    assert_eq!(get(&mut after, "key").await.unwrap().as_deref(), Some("value"));
    assert_ne!(after.witness().await.unwrap(), witness);
    set(&mut after, "key", "new").await.unwrap();
    assert_eq!(sentinels.primary().cli(&["-n", "1", "GET", "key"]), "new");
}

#[tokio::test]
async fn a_primary_that_is_killed_is_replaced() {
    if !redis::is_there() {
        return;
    }
    let mut sentinels = RedisSentinels::start(&SentinelOptions::new());
    let connector = connector(&sentinels.url(0));
    let mut before = connector.connect(None).await.unwrap();
    let witness = before.witness().await.unwrap();
    sentinels.fail_over();
    assert!(before.witness().await.is_err());
    assert_ne!(connector.connect(None).await.unwrap().witness().await.unwrap(), witness);
}

#[tokio::test]
async fn sentinels_and_the_primary_may_be_encrypted() {
    if !redis::is_there() {
        return;
    }
    let authority = Authority::new();
    let sentinels = RedisSentinels::start(&SentinelOptions::new().password("sesame").encrypted(&authority));
    let files = TlsFiles { ca: Some(authority.file()), ..TlsFiles::default() };
    let url = sentinels.url(0);
    assert!(url.starts_with("rediss-sentinel://"), "{url}");
    assert!(with_files(&url, &files).connect(None).await.is_ok());
    let error = refused(&with_files(&url, &TlsFiles::default())).await;
    assert!(!error.is_temporary(), "{}", told(&error));
}

#[tokio::test]
async fn sentinels_without_a_password_do_not_mind_that_of_the_primary() {
    if !redis::is_there() {
        return;
    }
    let sentinels = RedisSentinels::start(&SentinelOptions::new().password("sesame"));
    let url = sentinels.url(0);
    let (url, _) = url.split_once('?').unwrap();
    assert!(connector(url).connect(None).await.is_ok());
}

#[tokio::test]
async fn a_service_that_no_sentinel_knows_is_no_primary() {
    let unknown = Pretender::start(vec![super::pretender::GREETING.to_owned(), "_\r\n".to_owned()]).await;
    let error = refused(&connector(&url(&[&unknown]))).await;
    assert!(error.to_string().starts_with("no sentinel of redis-sentinel://127.0.0.1:"), "{error}");
    assert!(error.is_temporary());
    let nobody = format!("redis-sentinel://{}/copies", Pretender::nobody());
    assert!(told(&refused(&connector(&nobody)).await).contains("refused"));
}

#[tokio::test]
async fn an_old_primary_that_a_sentinel_still_names_is_not_used() {
    if !redis::is_there() {
        return;
    }
    let primary = RedisServer::start(RedisOptions::new());
    let replica = RedisServer::start(RedisOptions::new().replica_of(&primary));
    let (old, new) = (Pretender::sentinel(replica.port()).await, Pretender::sentinel(primary.port()).await);
    let error = refused(&connector(&url(&[&old]))).await;
    assert!(told(&error).contains("is a replica") && error.is_temporary(), "{}", told(&error));
    let mut connection = connect(&url(&[&old, &new])).await;
    set(&mut connection, "key", "value").await.unwrap();
    assert_eq!(primary.cli(&["GET", "key"]), "value");
}

#[tokio::test]
async fn a_sentinel_that_is_cut_off_with_an_old_primary_is_outvoted() {
    if !redis::is_there() {
        return;
    }
    let (old, new) = (RedisServer::start(RedisOptions::new()), RedisServer::start(RedisOptions::new()));
    let lonely = Pretender::sentinel(old.port()).await;
    let (one, other) = (Pretender::sentinel(new.port()).await, Pretender::sentinel(new.port()).await);
    let mut connection = connect(&url(&[&lonely, &one, &other])).await;
    set(&mut connection, "key", "value").await.unwrap();
    assert_eq!((old.cli(&["GET", "key"]).as_str(), new.cli(&["GET", "key"]).as_str()), ("", "value"));
}
