//! Errors of real servers, and silence of theirs.

use std::cell::RefCell;

use doorward_testkit::redis::{self, RedisOptions, RedisServer};
use tokio::join;

use crate::disk;
use crate::stage::{SHORT, Stage};
use crate::support::{Scene, on};
use crate::wire::Wire;

/// Makes it a replica of somebody who is not there.
const DEMOTE: &str = "REPLICAOF 127.0.0.1 1";

/// A server, and a connection to it that was there before.
struct Scenery {
    server: RedisServer,
    wire: Wire,
}

impl Scenery {
    /// The operator does this, which works.
    fn order(&mut self, command: &str) {
        let answer = self.wire.ask(command);
        assert!(!answer.starts_with('-'), "{command}: {answer}");
    }

    /// Everybody else has to connect again.
    fn kick(&mut self) {
        self.order("CLIENT KILL TYPE normal SKIPME yes");
    }
}

/// A fault that has a beginning and an end.
async fn endure(
    story: &str,
    options: RedisOptions,
    begin: impl FnOnce(&mut Scenery),
    end: impl FnOnce(&mut Scenery),
) {
    let server = RedisServer::start(options);
    let scene = Scene::beside(&server).await;
    let mut settings = on(&server);
    settings.timeout = SHORT;
    let wire = Wire::to(&server);
    let stage = Stage::set(story, scene, settings.clone(), settings).await;
    let scenery = RefCell::new(Scenery { server, wire });
    let endured =
        stage.endure(async || begin(&mut scenery.borrow_mut()), async || end(&mut scenery.borrow_mut()));
    // What it keeps until its end is too large for a stack, several times over where several are endured at once.
    Box::pin(endured).await;
}

/// The same, with two commands of the operator.
async fn endure_orders(begin: &str, end: &str) {
    endure(begin, RedisOptions::new(), |scenery| scenery.order(begin), |scenery| scenery.order(end)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_a_server_that_takes_nothing_down() {
    if !redis::is_there() {
        return;
    }
    join!(
        // READONLY
        endure_orders(DEMOTE, "REPLICAOF NO ONE"),
        // OOM
        endure_orders("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        // NOREPLICAS
        endure_orders("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
        endure(
            "MISCONF",
            disk::kept(),
            |scenery| disk::fail(&scenery.server),
            |scenery| disk::mend(&scenery.server),
        ),
        // They wait.
        endure_orders("CLIENT PAUSE 600000 WRITE", "CLIENT UNPAUSE"),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_a_server_that_lets_nobody_in() {
    if !redis::is_there() {
        return;
    }
    let kicked = async |story, options, begin: &str, end: &str| {
        let begin = |scenery: &mut Scenery| {
            scenery.order(begin);
            scenery.kick();
        };
        endure(story, options, begin, |scenery| scenery.order(end)).await;
    };
    let plain = RedisOptions::new;
    join!(
        kicked("NOAUTH", plain(), "CONFIG SET requirepass new", "CONFIG SET requirepass \"\""),
        kicked("too many clients", plain(), "CONFIG SET maxclients 1", "CONFIG SET maxclients 1000"),
        kicked("nobody may ask who it is", plain(), "ACL SETUSER default -info", "ACL SETUSER default +info"),
        endure(
            "WRONGPASS",
            plain().password("old"),
            |scenery| {
                scenery.order("AUTH old");
                scenery.order("CONFIG SET requirepass new");
                scenery.kick();
            },
            |scenery| scenery.order("CONFIG SET requirepass old"),
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_a_server_that_forbids_what_is_needed() {
    if !redis::is_there() {
        return;
    }
    let without = async |commands: &str| {
        let (begin, end) = (commands.replace('_', "-"), commands.replace('_', "+"));
        endure_orders(&format!("ACL SETUSER default {begin}"), &format!("ACL SETUSER default {end}")).await;
    };
    join!(without("_set"), without("_mget"), without("_get"), without("_evalsha _eval"), without("_@write"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_a_server_that_has_no_time() {
    if !redis::is_there() {
        return;
    }
    let plain = RedisOptions::new;
    join!(
        endure(
            "SIGSTOP",
            plain(),
            |scenery| scenery.server.stop_answering(),
            |scenery| scenery.server.answer_again(),
        ),
        endure("DEBUG SLEEP", plain(), |scenery| scenery.wire.say("DEBUG SLEEP 2"), |_| {}),
        endure(
            "BUSY",
            plain().line("busy-reply-threshold 20"),
            |scenery| scenery.wire.say("EVAL \"while true do end\" 0"),
            |scenery| assert_eq!(scenery.server.cli(&["SCRIPT", "KILL"]), "OK"),
        ),
        loading(),
        endure(
            "MASTERDOWN",
            plain().line("replica-serve-stale-data no"),
            |scenery| {
                scenery.order(DEMOTE);
                let refused = scenery.server.cli(&["GET", "key"]);
                assert!(refused.starts_with("MASTERDOWN"), "{refused}");
            },
            |scenery| scenery.order("REPLICAOF NO ONE"),
        ),
    );
}

/// The server reads what it has on disk, and the old connections are still there.
async fn loading() {
    const FILL: &str = "for i = 1, 300 do redis.call('SET', 'filler:' .. i, string.rep('x', 2000)) end";
    let options = RedisOptions::new()
        .line("rdbcompression no")
        .line("loading-process-events-interval-bytes 1024")
        .line("key-load-delay 20000");
    endure(
        "LOADING",
        options,
        |scenery| {
            scenery.order(&format!("EVAL \"{FILL}\" 0"));
            scenery.wire.say("DEBUG RELOAD");
            scenery.server.wait_until("loading", "1");
            let refused = scenery.server.cli(&["GET", "key"]);
            assert!(refused.starts_with("LOADING"), "{refused}");
        },
        |scenery| {
            assert_eq!(scenery.server.cli(&["CONFIG", "SET", "key-load-delay", "0"]), "OK");
            scenery.server.wait_until("loading", "0");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_a_server_that_is_gone_or_has_lost_everything() {
    if !redis::is_there() {
        return;
    }
    let plain = RedisOptions::new;
    join!(
        endure(
            "refused, and back with everything",
            plain().append_only(),
            |scenery| scenery.server.kill(),
            |scenery| scenery.server.restart(),
        ),
        endure(
            "refused, and back with nothing",
            plain(),
            |scenery| scenery.server.kill(),
            |scenery| scenery.server.restart_empty(),
        ),
        endure("FLUSHALL", plain(), |scenery| scenery.order("FLUSHALL"), |_| {}),
        endure("SCRIPT FLUSH", plain(), |scenery| scenery.order("SCRIPT FLUSH"), |_| {}),
        endure("CLIENT KILL", plain(), Scenery::kick, |_| {}),
    );
}
