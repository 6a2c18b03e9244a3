//! Redis takes nothing down, and what the database does not have either is not said to be done.

use doorward_domain::sessions::{Caller, ChangePasswordError, Login};
use doorward_redis::RedisSettings;
use doorward_testkit::redis::{self, RedisOptions, RedisServer};
use doorward_testkit::sample;
use tokio::join;

use crate::disk;
use crate::stage::{SHORT, Stage};
use crate::support::{Database, Scene, in_time, on};

/// A session of somebody who wants to change the password, and one of somebody who wants to log out. Both were let in
/// before anything went wrong.
struct People {
    stage: Stage,
    careful: (Login, Caller),
    leaving: (Login, Caller),
}

impl People {
    async fn on(server: &RedisServer, story: &str) -> Self {
        let quick = RedisSettings { timeout: SHORT, ..on(server) };
        let stage = Stage::set(story, Scene::beside(server).await, quick.clone(), quick).await;
        let (careful, leaving) = (stage.acquaintance().await, stage.acquaintance().await);
        let (change, leave) = (stage.one.caller(&careful).await, stage.one.caller(&leaving).await);
        Self { stage, careful: (careful, change), leaving: (leaving, leave) }
    }

    async fn change_password(&self) -> Result<Login, ChangePasswordError> {
        let (old, new) = (sample::password(sample::PASSWORD), sample::password("battery staple cor"));
        in_time(self.stage.one.sessions.change_password(&self.careful.1, &old, &new)).await
    }

    /// Where the database is away, and where it can only be read.
    async fn are_told_that_it_failed(&self) {
        let Self { stage, careful, leaving } = self;
        for fail in [Database::be_locked, Database::be_away] {
            fail(&stage.one.database, true);
            assert!(in_time(stage.one.sessions.logout(&leaving.1)).await.is_err());
            assert!(self.change_password().await.is_err());
            fail(&stage.one.database, false);
            for login in [&careful.0, &leaving.0] {
                stage.assert_served(login, "nobody was told that it has ended").await;
            }
            // With the old password.
            stage.other.login(careful.0.user.email.as_str()).await;
        }
    }

    /// Where the database has it, and `end` puts Redis right.
    async fn are_told_that_it_is_done(&self, end: impl FnOnce()) {
        let Self { stage, leaving, .. } = self;
        in_time(stage.one.sessions.logout(&leaving.1)).await.unwrap();
        let renewed = self.change_password().await.unwrap();
        stage.assert_gone(&leaving.0, "when the database has it").await;
        stage.assert_served(&renewed, "when the database has it").await;
        end();
        stage.wait_until_in_use().await;
        stage.assert_gone(&leaving.0, "when Redis is in use again").await;
        stage.assert_served(&renewed, "when Redis is in use again").await;
    }
}

async fn endure(
    story: &str,
    options: RedisOptions,
    begin: impl FnOnce(&RedisServer),
    end: impl FnOnce(&RedisServer),
) {
    let server = RedisServer::start(options);
    let people = Box::pin(People::on(&server, story)).await;
    begin(&server);
    people.are_told_that_it_failed().await;
    people.are_told_that_it_is_done(|| end(&server)).await;
}

/// The same, with two commands of an operator.
async fn endure_orders(begin: &[&str], end: &[&str]) {
    let order = |server: &RedisServer, command: &[&str]| assert_eq!(server.cli(command), "OK", "{command:?}");
    let story = begin.join(" ");
    endure(&story, RedisOptions::new(), |server| order(server, begin), |server| order(server, end)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r06_where_redis_takes_nothing_down_nothing_is_said_to_be_done_that_the_database_does_not_have() {
    if !redis::is_there() {
        return;
    }
    join!(
        // OOM
        endure_orders(&["CONFIG", "SET", "maxmemory", "1"], &["CONFIG", "SET", "maxmemory", "0"]),
        // READONLY
        endure_orders(&["REPLICAOF", "127.0.0.1", "1"], &["REPLICAOF", "NO", "ONE"]),
        endure("MISCONF", disk::kept(), disk::fail, disk::mend),
    );
}
