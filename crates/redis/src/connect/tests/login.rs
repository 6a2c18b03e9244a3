//! Who may come in, and into which database.

use doorward_testkit::redis::{self, RedisOptions, RedisServer};

use super::pretender::Pretender;
use super::*;

#[tokio::test]
async fn the_password_of_the_seed_opens_the_server() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new().password("correct horse/battery@staple"));
    let mut connection = connect(&server.url(0)).await;
    set(&mut connection, "key", "value").await.unwrap();
    assert_eq!(server.cli(&["GET", "key"]), "value");
    let without = RedisUrl::parse(&format!("redis://127.0.0.1:{}", server.port())).unwrap();
    let from_file = without.with_password("correct horse/battery@staple");
    assert!(Connector::new(&from_file, &TlsFiles::default(), PATIENCE).unwrap().connect(None).await.is_ok());
}

#[tokio::test]
async fn a_wrong_password_or_none_is_refused_for_good_and_not_shown() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new().password("sesame"));
    for (credentials, expected) in
        [(":hunter2@", "WRONGPASS"), ("", "NOAUTH"), ("somebody:sesame@", "WRONGPASS")]
    {
        let url = format!("redis://{credentials}127.0.0.1:{}", server.port());
        let error = refused(&connector(&url)).await;
        let told = told(&error);
        assert!(told.contains(expected) && !error.is_temporary(), "{told}");
        assert!(!told.contains("hunter2") && !told.contains("sesame"), "{told}");
    }
}

#[tokio::test]
async fn cfg_06_a_user_with_few_rights_will_do() {
    if !redis::is_there() {
        return;
    }
    let rules = "~* &* -@all +hello +select +info +get +set +mget";
    let server = RedisServer::start(RedisOptions::new().password("sesame").user("doorward", "p:w", rules));
    let mut connection = connect(&server.url(2)).await;
    set(&mut connection, "key", "value").await.unwrap();
    assert!(connection.witness().await.is_ok() && connection.inspect().await.is_ok());
    assert!(cmd("FLUSHALL").query_async::<()>(&mut connection).await.is_err());
}

#[tokio::test]
async fn a_user_who_may_not_ask_who_is_the_primary_is_told_so() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new().user("doorward", "p", "~* +@all -info"));
    let error = refused(&connector(&server.url(0))).await;
    let told = told(&error);
    assert!(told.to_lowercase().contains("info") && !error.is_temporary(), "{told}");
}

#[test]
fn a_user_without_a_password_is_nobody() {
    for url in ["redis://doorward@localhost", "redis-sentinel://h/s?sentinel_username=doorward"] {
        let url = RedisUrl::parse(url).unwrap();
        let error = Connector::new(&url, &TlsFiles::default(), PATIENCE).err().unwrap();
        assert!(error.to_string().ends_with("names a user and no password"), "{error}");
        assert!(!error.is_temporary());
        assert!(Connector::new(&url.with_password("p"), &TlsFiles::default(), PATIENCE).is_ok());
    }
}

#[tokio::test]
async fn f35_a_connection_is_to_the_database_that_the_url_names() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let (mut zero, mut one) = (connect(&server.url(0)).await, connect(&server.url(1)).await);
    set(&mut zero, "key", "zero").await.unwrap();
    assert_eq!(get(&mut one, "key").await.unwrap(), None);
    set(&mut one, "key", "one").await.unwrap();
    assert_eq!(server.cli(&["-n", "0", "GET", "key"]), "zero");
    assert_eq!(server.cli(&["-n", "1", "GET", "key"]), "one");
    assert!(!told(&refused(&connector(&server.url(99))).await).is_empty());
}

#[tokio::test]
async fn a_replica_is_refused_until_it_is_a_primary() {
    if !redis::is_there() {
        return;
    }
    let primary = RedisServer::start(RedisOptions::new());
    let replica = RedisServer::start(RedisOptions::new().replica_of(&primary));
    let connector = connector(&replica.url(0));
    let error = refused(&connector).await;
    assert!(matches!(error, ConnectError::Replica { .. }) && error.is_temporary(), "{error}");
    assert_eq!(replica.cli(&["REPLICAOF", "NO", "ONE"]), "OK");
    assert!(connector.connect(None).await.is_ok());
}

#[tokio::test]
async fn a_server_that_complains_about_the_login_does_not_make_us_show_it() {
    let complaint =
        "-ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' 'hunter2' \r\n";
    let server = Pretender::start(vec![complaint.to_owned()]).await;
    let error = refused(&connector(&format!("redis://:hunter2@{}", server.address()))).await;
    let told = told(&error);
    assert!(told.contains("HELLO") && !told.contains("hunter2"), "{told}");
    assert!(!format!("{error:?}").contains("hunter2"));
}

#[tokio::test]
async fn nobody_there_is_an_error_that_may_pass() {
    let address = Pretender::nobody();
    let error = refused(&connector(&format!("redis://{address}"))).await;
    assert!(error.is_temporary() && told(&error).contains(&address), "{error}");
}
