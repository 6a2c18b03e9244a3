//! Redis servers for tests: set up as asked, gone and back again, and gone for good afterwards.

use std::net::TcpStream;
use std::time::Duration;

use doorward_testkit::redis::{
    self, Authority, Clients, ClusterOptions, RedisCluster, RedisOptions, RedisSentinels, RedisServer,
    SentinelOptions,
};

const KEY: &str = "key";

fn set(server: &RedisServer, value: &str) {
    assert_eq!(server.cli(&["SET", KEY, value]), "OK");
}

fn get(server: &RedisServer) -> String {
    server.cli(&["GET", KEY])
}

#[test]
fn two_servers_have_nothing_in_common() {
    if !redis::is_there() {
        return;
    }
    let (one, other) = (RedisServer::start(RedisOptions::new()), RedisServer::start(RedisOptions::new()));
    set(&one, "value");
    assert_eq!((get(&one), get(&other)), ("value".to_owned(), String::new()));
    assert_eq!(one.cli(&["-n", "1", "GET", KEY]), "");
}

#[test]
fn a_server_is_gone_when_the_test_is_over() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let address = ("127.0.0.1", server.port());
    assert!(TcpStream::connect(address).is_ok());
    drop(server);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_restart_keeps_everything_loses_everything_or_brings_back_what_was() {
    if !redis::is_there() {
        return;
    }
    for options in [RedisOptions::new(), RedisOptions::new().append_only()] {
        let mut server = RedisServer::start(options);
        set(&server, "value");
        server.restart();
        assert_eq!(get(&server), "value");
        server.restart_empty();
        assert_eq!(get(&server), "");
    }
    let mut server = RedisServer::start(RedisOptions::new());
    set(&server, "old");
    let saved = server.save();
    set(&server, "new");
    server.restart_with(&saved);
    assert_eq!(get(&server), "old");
}

#[test]
fn an_append_only_server_has_its_data_after_a_loss_of_power() {
    if !redis::is_there() {
        return;
    }
    let mut server = RedisServer::start(RedisOptions::new().append_only());
    set(&server, "value");
    server.kill();
    server.restart();
    assert_eq!(get(&server), "value");
}

#[test]
fn a_server_that_is_stopped_keeps_its_connections_and_answers_later() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    server.stop_answering();
    let mut held = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    held.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    std::io::Write::write_all(&mut held, b"PING\r\n").unwrap();
    let mut answer = [0; 7];
    assert!(std::io::Read::read_exact(&mut held, &mut answer).is_err());
    server.answer_again();
    held.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    std::io::Read::read_exact(&mut held, &mut answer).unwrap();
    assert_eq!(&answer, b"+PONG\r\n");
}

#[test]
fn options_become_the_configuration() {
    if !redis::is_there() {
        return;
    }
    let options = RedisOptions::new()
        .password("sesame")
        .user("doorward", "p@ss", "~* +@all -config")
        .memory(10_000_000, "allkeys-lru")
        .line("maxclients 77");
    let server = RedisServer::start(options);
    assert_eq!(server.url(3), format!("redis://doorward:p%40ss@127.0.0.1:{}/3", server.port()));
    assert_eq!(server.told("maxmemory_policy"), "allkeys-lru");
    assert_eq!(server.told("maxclients"), "77");
    let as_user = ["--user", "doorward", "--pass", "p@ss", "CONFIG", "GET", "maxmemory"];
    assert!(server.cli(&as_user).starts_with("NOPERM"));
    assert!(server.cli(&["--user", "default", "--pass", "wrong", "PING"]).contains("NOAUTH"));
}

#[test]
fn an_encrypted_server_with_an_encrypted_replica() {
    if !redis::is_there() {
        return;
    }
    let authority = Authority::new();
    let options =
        RedisOptions::new().encrypted(&authority, "localhost", Clients::Certified).password("sesame");
    let primary = RedisServer::start(options.clone());
    let replica = RedisServer::start(options.replica_of(&primary));
    replica.wait_until("master_link_status", "up");
    set(&primary, "value");
    assert_eq!(primary.cli(&["WAIT", "1", "30000"]), "1");
    assert_eq!(get(&replica), "value");
    assert!(primary.url(0).starts_with("rediss://:sesame@localhost:"));
}

#[test]
fn sentinels_find_another_primary() {
    if !redis::is_there() {
        return;
    }
    let options = SentinelOptions::new().password("sesame").sentinel_password("other").two_replicas();
    let mut sentinels = RedisSentinels::start(&options);
    let first = sentinels.primary().port();
    set(sentinels.primary(), "value");
    assert_eq!(sentinels.primary().cli(&["WAIT", "2", "30000"]), "2");
    sentinels.fail_over();
    assert_ne!(sentinels.primary().port(), first);
    assert_eq!(get(sentinels.primary()), "value");
    let url = sentinels.url(1);
    assert!(url.starts_with("redis-sentinel://:sesame@127.0.0.1:"), "{url}");
    assert!(url.ends_with("/copies/1?sentinel_password=other"), "{url}");
}

#[test]
fn sentinels_change_the_primary_while_it_runs() {
    if !redis::is_there() {
        return;
    }
    let sentinels = RedisSentinels::start(&SentinelOptions::new().encrypted(&Authority::new()));
    let first = sentinels.primary().port();
    sentinels.switch();
    assert_ne!(sentinels.primary().port(), first);
}

#[test]
fn a_cluster_has_every_key_somewhere() {
    if !redis::is_there() {
        return;
    }
    for count in [1, 3] {
        let mut cluster = RedisCluster::start(count, &ClusterOptions::new().password("sesame"));
        for key in ["a", "b", "c", "d", "e", "f"] {
            assert_eq!(cluster.cli(&["SET", key, "value"]), "OK");
        }
        let sizes: Vec<_> = cluster.servers().iter().map(|server| server.cli(&["DBSIZE"])).collect();
        assert_eq!(sizes.iter().map(|size| size.parse::<u32>().unwrap()).sum::<u32>(), 6);
        assert!(sizes.iter().all(|size| size != "0"), "{sizes:?}");
        assert!(cluster.url().starts_with("redis-cluster://:sesame@127.0.0.1:"));
    }
}

#[test]
fn a_replica_in_a_cluster_takes_the_place_of_its_primary() {
    if !redis::is_there() {
        return;
    }
    let options = ClusterOptions::new().replicas().encrypted(&Authority::new());
    let mut cluster = RedisCluster::start(1, &options);
    cluster.cli(&["SET", KEY, "value"]);
    cluster.switch(0);
    assert_eq!(cluster.servers()[0].told("role"), "slave");
    assert_eq!(cluster.cli(&["GET", KEY]), "value");
}
