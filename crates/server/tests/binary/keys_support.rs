//! Two nodes whose keys are exchanged, somebody who uses both meanwhile, and what is told of the keys.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_testkit::postgres::TestDatabase;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::support::{Doorward, Place, http};

/// Who has an account.
pub(crate) const ADA: (&str, &str) = ("ada@example.com", "correct horse batt");

/// Far more than a node takes to find what was changed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What the command line tells of every key.
pub(crate) fn list(place: &Place) -> Vec<Value> {
    let (told, _) = place.ends_with(0, &["keys", "list", "--format", "json"]);
    serde_json::from_str(&told).unwrap()
}

/// The names of the keys in this state.
pub(crate) fn in_state(place: &Place, state: &str) -> Vec<String> {
    let lines = list(place).into_iter().filter(|line| line["state"] == state);
    lines.map(|line| line["kid"].as_str().unwrap().to_owned()).collect()
}

/// The name of the key that signs where this place is.
pub(crate) fn active_key(place: &Place) -> String {
    in_state(place, "active").remove(0)
}

pub(crate) fn generate(place: &Place) -> String {
    place.ends_with(0, &["keys", "generate"]);
    in_state(place, "standby").remove(0)
}

pub(crate) async fn published(node: &Doorward) -> Vec<Value> {
    let (status, body) = node.ask(Method::GET, "/.well-known/jwks.json", "-", &Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["keys"].as_array().unwrap().clone()
}

/// Waits until what a node publishes is as it should be.
pub(crate) async fn publishes(node: &Doorward, wanted: impl Fn(&[Value]) -> bool) {
    let begun = Instant::now();
    loop {
        let keys = published(node).await;
        if wanted(&keys) {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{keys:?}");
    }
}

/// Waits until a node signs with this key.
pub(crate) async fn signs_with(node: &Doorward, kid: &str) {
    publishes(node, |keys| keys.first().is_some_and(|key| key["kid"] == kid)).await;
}

pub(crate) fn header(token: &str) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// What has nothing to do with keys may happen: that a database that many tests share does not answer in time.
fn is_fine(status: StatusCode) -> bool {
    status == StatusCode::OK || status == StatusCode::SERVICE_UNAVAILABLE
}

/// Somebody who uses two nodes without a pause, with the tokens of the beginning and with those of the last refresh.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    rounds: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<(String, Vec<String>)>,
}

impl Load {
    pub(crate) async fn begin(nodes: &[&Doorward; 2]) -> Self {
        let [first, mut refresh] = nodes[0].tokens(ADA.0, ADA.1).await;
        let urls = nodes.map(|node| node.url(""));
        let (over, rounds) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (is_over, counted) = (over.clone(), rounds.clone());
        let task = tokio::spawn(async move {
            let client = http();
            let (mut newest, mut failures) = (first.clone(), Vec::new());
            while !is_over.load(Ordering::Relaxed) {
                for (number, url) in urls.iter().enumerate() {
                    for token in [&first, &newest] {
                        let me = client.get(format!("{url}/api/user/me")).bearer_auth(token);
                        let status = me.send().await.unwrap().status();
                        if !is_fine(status) {
                            failures.push(format!("node {number} answered {status} to {}", header(token)));
                        }
                    }
                    let next = client.post(format!("{url}/api/auth/refresh")).bearer_auth(&refresh);
                    let response = next.send().await.unwrap();
                    let status = response.status();
                    let body: Value = response.json().await.unwrap();
                    if status == StatusCode::OK {
                        let [access, following] = ["access_token", "refresh_token"]
                            .map(|name| body["results"][name].as_str().unwrap().to_owned());
                        (newest, refresh) = (access, following);
                    } else if !is_fine(status) {
                        failures
                            .push(format!("node {number} answered {status} to {}: {body}", header(&refresh)));
                    }
                }
                counted.fetch_add(1, Ordering::Relaxed);
            }
            (refresh, failures)
        });
        Self { over, rounds, task }
    }

    /// Lets some more rounds happen.
    pub(crate) async fn goes_on(&self) {
        let (begun, target) = (Instant::now(), self.rounds.load(Ordering::Relaxed) + 3);
        while self.rounds.load(Ordering::Relaxed) < target {
            assert!(begun.elapsed() < PATIENCE && !self.task.is_finished());
            tokio::task::yield_now().await;
        }
    }

    /// The last refresh token; every request was answered as it should be.
    pub(crate) async fn end(self) -> String {
        self.over.store(true, Ordering::Relaxed);
        let (refresh, failures) = self.task.await.unwrap();
        assert_eq!(failures, [""; 0]);
        refresh
    }
}

/// Two nodes, and where each has its keys.
pub(crate) struct Pair {
    pub(crate) places: [Place; 2],
    pub(crate) nodes: [Doorward; 2],
}

impl Pair {
    pub(crate) async fn start(places: [Place; 2]) -> Self {
        let nodes = [&places[0], &places[1]].map(Place::start);
        for node in &nodes {
            node.banner();
        }
        nodes[0].register(ADA.0, ADA.1).await;
        Self { places, nodes }
    }

    pub(crate) async fn load(&self) -> Load {
        Load::begin(&[&self.nodes[0], &self.nodes[1]]).await
    }

    /// Does something at the command line of a node, without holding anybody up.
    pub(crate) async fn at(&self, number: usize, arguments: &[&str]) -> (String, String) {
        let mut command = self.places[number].command();
        command.args(arguments);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let [said, complaint] =
            [output.stdout, output.stderr].map(|stream| String::from_utf8(stream).unwrap());
        assert!(output.status.success(), "{arguments:?}: {said}{complaint}");
        (said, complaint)
    }

    /// What was signed with the key is refused by both, and the session goes on.
    pub(crate) async fn retires(&self, kid: &str, old: &str, refresh: &str) {
        for node in &self.nodes {
            publishes(node, |keys| keys.iter().all(|key| key["kid"] != kid)).await;
            assert_eq!(node.me(old).await, StatusCode::UNAUTHORIZED);
        }
        let answered = self.nodes[1].ask(Method::POST, "/api/auth/refresh", refresh, &Value::Null).await;
        assert_eq!(answered.0, StatusCode::OK);
    }
}

pub(crate) fn with_own_files(database: &TestDatabase) -> Place {
    Place::new().at(&database.url()).without_throttles()
}

pub(crate) fn give_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

pub(crate) fn copy_files(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
    {
        fs::copy(&entry, to.join(entry.file_name().unwrap())).unwrap();
    }
}

pub(crate) fn keys(place: &Place) -> PathBuf {
    place.data_dir().join("keys")
}
