//! Every error that a server may answer, and every way not to answer, at every moment: brought about by a proxy before
//! the first node, while all is well for the second.

use doorward_testkit::redis::{self, Mishap, RedisOptions, RedisProxy, RedisServer};
use futures_util::future::join_all;

use crate::stage::{SHORT, Stage};
use crate::support::{Scene, settings};

/// What servers say.
const ERRORS: &[&str] = &[
    "LOADING Redis is loading the dataset in memory",
    "READONLY You can't write against a read only replica.",
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    "OOM command not allowed when used memory > 'maxmemory'.",
    "NOREPLICAS Not enough good replicas to write.",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    "NOSCRIPT No matching script. Please use EVAL.",
    "NOAUTH Authentication required.",
    "WRONGPASS invalid username-password pair or user is disabled.",
    "NOPERM this user has no permissions to run this command",
    "ERR max number of clients reached",
    "CLUSTERDOWN The cluster is down",
    "MOVED 3999 127.0.0.1:1",
    "ASK 3999 127.0.0.1:1",
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "CROSSSLOT Keys in request don't hash to the same slot",
    "WRONGTYPE Operation against a key holding the wrong kind of value",
];

/// A moment: of which of a node's two connections, and when which commands are sent.
struct Moment {
    of_documents: bool,
    commands: &'static [&'static str],
}

fn mishaps() -> impl Iterator<Item = Mishap> {
    let silent = [Mishap::CutBefore, Mishap::CutAfter, Mishap::Swallow, Mishap::SwallowAnswer];
    ERRORS.iter().map(|error| Mishap::Refuse((*error).to_owned())).chain(silent)
}

/// Everything that can happen at this moment, all at once, each to a service of its own.
async fn endure_everything(moment: Moment) {
    if !redis::is_there() {
        return;
    }
    // Two databases for each.
    let server = RedisServer::start(RedisOptions::new().line("databases 64"));
    let stages = (0..).zip(mishaps()).map(|(number, mishap)| endure(&server, number, &moment, mishap));
    join_all(stages).await;
}

async fn endure(server: &RedisServer, number: i64, moment: &Moment, mishap: Mishap) {
    let (url, documents_url) = (server.url(2 * number), server.url(2 * number + 1));
    let (way, way_to_documents) = (RedisProxy::before(server), RedisProxy::before(server));
    let mut one = settings(&way.through(&url), &way_to_documents.through(&documents_url));
    one.timeout = SHORT;
    let other = settings(&url, &documents_url);
    let stage = Stage::set(&format!("{mishap:?}"), Scene::beside(server).await, one, other).await;
    let way = if moment.of_documents { way_to_documents } else { way };
    stage
        .endure(
            async || {
                way.on(moment.commands, mishap);
                if moment.commands.contains(&"HELLO") {
                    way.cut();
                }
            },
            async || way.heal(),
        )
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_when_a_token_is_checked() {
    endure_everything(Moment { of_documents: false, commands: &["MGET"] }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_when_a_change_is_told() {
    endure_everything(Moment { of_documents: false, commands: &["SET", "EXPIREAT"] }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_when_a_node_looks_whom_to_believe() {
    endure_everything(Moment { of_documents: false, commands: &["INFO", "GET"] }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_when_a_node_connects() {
    endure_everything(Moment { of_documents: false, commands: &["HELLO"] }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_when_a_document_is_read_or_kept() {
    let commands = &["GET", "SET", "DEL", "EVALSHA", "EVAL", "SCRIPT"];
    endure_everything(Moment { of_documents: true, commands }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_when_tries_are_counted() {
    let commands = &["EVALSHA", "EVAL", "SCRIPT", "EXISTS"];
    endure_everything(Moment { of_documents: false, commands }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_whatever_is_asked() {
    endure_everything(Moment { of_documents: false, commands: &[] }).await;
}
