//! A disk that cannot be written to: a server that should keep something there takes nothing down any more.

use std::fs;
use std::path::{Path, PathBuf};

use doorward_testkit::redis::{RedisOptions, RedisServer};

/// A server that keeps something on its disk, and not by itself while a test runs.
pub(crate) fn kept() -> RedisOptions {
    RedisOptions::new().line("save 3600 1000000")
}

/// From now on it cannot.
pub(crate) fn fail(server: &RedisServer) {
    fs::create_dir(obstacle(server)).unwrap();
    server.cli(&["BGSAVE"]);
    server.wait_until("rdb_last_bgsave_status", "err");
    let refused = server.cli(&["SET", "key", "value"]);
    assert!(refused.starts_with("MISCONF"), "{refused}");
}

/// From now on it can.
pub(crate) fn mend(server: &RedisServer) {
    fs::remove_dir(obstacle(server)).unwrap();
    server.cli(&["BGSAVE"]);
    server.wait_until("rdb_last_bgsave_status", "ok");
}

/// What is no file cannot be replaced by one.
fn obstacle(server: &RedisServer) -> PathBuf {
    Path::new(server.cli(&["CONFIG", "GET", "dir"]).lines().last().unwrap()).join("dump.rdb")
}
