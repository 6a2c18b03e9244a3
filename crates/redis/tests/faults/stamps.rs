//! Stamps: what somebody noted under one counts until the account changes, and never again after that.

use doorward_domain::user::{Change, ProfileChange, UserChanges};
use doorward_testkit::redis::{self, Mishap, RedisOptions, RedisProxy, RedisServer};
use doorward_testkit::sample;
use tokio::join;

use crate::stage::Stage;
use crate::support::{Scene, Way, on, settings, until};

/// A node's change is told, and the node does not hear that it was. Before it tries again, another node has noted the
/// session under the stamp of that change, and a third one has ended the session.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_a_stamp_that_was_perhaps_set_is_not_set_again() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let way = RedisProxy::before(&server);
    let through = settings(&way.through(&server.url(0)), &server.url(1));
    let stage = Stage::set("stamp", Scene::beside(&server).await, through, on(&server)).await;
    let third = stage.scene.node(on(&server)).await;
    let epoch = server.cli(&["GET", "revocations:complete"]);
    let moved = ProfileChange { city: Change::Set(sample::text("Malang")), ..ProfileChange::default() };
    let changes = UserChanges { profile: Change::Set(moved), ..UserChanges::default() };
    // Of a logout it is written down as well that the session has ended: a note does not count then.
    for ending in [Way::NewPassword, Way::Closing, Way::Reuse] {
        let leaver = stage.leaver(ending).await;
        stage.wait_until_known(&leaver.login).await;
        let name = format!("user:{}:{epoch}", leaver.login.user.id);
        let before = server.cli(&["GET", &name]);

        way.on(&["SET"], Mishap::SwallowAnswer);
        let change = stage.one.update(&leaver.login, &leaver.login.user.email, changes.clone());
        let meanwhile = async {
            until("the change is told", async || server.cli(&["GET", &name]) != before).await;
            way.heal();
            until("the session is noted", async || stage.other.answers_from_copies(&leaver.login).await)
                .await;
            third.end(&leaver).await;
            assert!(stage.other.refuses(&leaver.login).await, "{ending:?}");
            way.cut();
        };
        join!(change, meanwhile);
        stage.assert_left(&leaver, "when the change was told again").await;
    }
    assert_eq!(server.cli(&["GET", "revocations:complete"]), epoch, "a new epoch: nothing was proved");
}
