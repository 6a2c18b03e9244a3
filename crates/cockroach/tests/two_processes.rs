//! Two processes on one database, as two nodes are: nothing but the database stands between them.
//!
//! A test starts its own binary twice more, each time for [`a_part`] alone. Both are told what to do on their standard
//! input, in one moment, and say on their standard output what came of it: a line for a line.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a surprise fails the test that met it")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Lines, Write, stdin, stdout};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use doorward_cockroach::{CockroachSettings, CockroachStore};
use doorward_domain::audit::Deed;
use doorward_domain::port::{
    InsertUserError, NewSession, Opened, SessionRepository, UpdateUserError, UserRepository,
};
use doorward_domain::user::{Role, User};
use doorward_testkit::postgres::{DatabaseOptions, Isolation, PostgresServer};
use doorward_testkit::sample;

use support::Database;

/// Names the database to a process that is a part, and to no other.
const DATABASE: &str = "DOORWARD_TEST_PART_ON";

/// The harness says something on the standard output as well.
const ANSWER: &str = "answer: ";

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

const ROUNDS: u32 = 20;

/// How many things of one kind a part does at once.
const AT_ONCE: u32 = 8;

/// Not a test by itself: what a part does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part() {
    let Some(url) = database() else { return };
    let settings = CockroachSettings { deadline: PATIENCE, ..CockroachSettings::default() };
    let store = CockroachStore::connect(support::parsed(&url), settings, PATIENCE).await.unwrap();
    tell("ready");
    for order in stdin().lines() {
        let order = order.unwrap();
        let words: Vec<&str> = order.split(' ').collect();
        let numbers: Vec<u32> = words.iter().filter_map(|word| word.parse().ok()).collect();
        tell(&match words[0] {
            "insert" => insert(&store, numbers[0], numbers[1]).await,
            "rotate" => rotate(&store, numbers[0], numbers[1]).await,
            "demote" => demote(&store, numbers[0], numbers[1]).await,
            "log_in" => log_in(&store, numbers[0], numbers[1]).await,
            "migrate" => migrate(&store, words[1]).await,
            other => panic!("what is {other}?"),
        });
    }
}

#[expect(clippy::disallowed_methods, reason = "tests are told of their services by the environment alone")]
fn database() -> Option<String> {
    std::env::var(DATABASE).ok()
}

/// Past the harness, which keeps what is printed to itself.
fn tell(answer: &str) {
    let mut output = stdout().lock();
    output.write_all(format!("\n{ANSWER}{answer}\n").as_bytes()).unwrap();
    output.flush().unwrap();
}

/// Adds an account with an address that the other part wants as well.
async fn insert(store: &CockroachStore, number: u32, wanted: u32) -> String {
    let address = sample::email(&format!("wanted{wanted}@example.com"));
    let user = User { username: address.clone(), email: address, ..sample::user(number) };
    match store.insert(&user, &[]).await {
        Ok(()) => "done",
        Err(InsertUserError::AddressTaken) => "taken",
        Err(InsertUserError::Store(error)) => panic!("{error:?}"),
    }
    .to_owned()
}

/// Shows the first token of a session several times.
async fn rotate(store: &CockroachStore, number: u32, first_successor: u32) -> String {
    let session = sample::session(&sample::user(number), number, sample::NOW);
    let tasks: Vec<_> = (first_successor..first_successor + AT_ONCE)
        .map(|successor| {
            let (store, id, presented) = (store.clone(), session.id, session.refresh_id);
            let successor = sample::successor(successor);
            tokio::spawn(async move {
                let rotated = store
                    .rotate(id, presented, successor, sample::NOW, sample::LIMITS, &sample::reuse())
                    .await;
                let rotated = rotated.unwrap().unwrap();
                let (rotation, session) = (rotated.rotation, rotated.session);
                format!("{rotation:?}/{:?}/{:?}", session.refresh_id, session.access_id)
            })
        })
        .collect();
    all(tasks).await.join(" ")
}

/// Closes an admin's account.
async fn demote(store: &CockroachStore, number: u32, version: u32) -> String {
    let demoted = User { version: version.into(), active: false, ..sample::admin(number) };
    match store.update(&demoted, &Deed::default()).await {
        Ok(()) => "done".to_owned(),
        Err(UpdateUserError::LastAdmin) => "last".to_owned(),
        Err(error) => panic!("{error:?}"),
    }
}

/// Logs in several times where four sessions may live.
async fn log_in(store: &CockroachStore, number: u32, first_session: u32) -> String {
    let tasks: Vec<_> = (first_session..first_session + AT_ONCE)
        .map(|session| {
            let now = sample::seconds_later(session.into());
            let new = NewSession { max_live: 4, ..sample::login(&sample::user(number), session, now) };
            let store = store.clone();
            tokio::spawn(async move { matches!(store.open(&new).await.unwrap(), Opened::Done(_)) })
        })
        .collect();
    assert!(all(tasks).await.into_iter().all(|done| done));
    "done".to_owned()
}

/// Carries out every migration that is missing, and says how many those were.
async fn migrate(store: &CockroachStore, owner: &str) -> String {
    store.migrate(owner, PATIENCE, |_| {}).await.unwrap().len().to_string()
}

async fn all<T>(tasks: Vec<tokio::task::JoinHandle<T>>) -> Vec<T> {
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

/// Another process, as its parent sees it. It ends with this value.
struct Part {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Part {
    fn start(url: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_part"])
            .env(DATABASE, url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (orders, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, orders, answers: BufReader::new(answers).lines() }
    }

    fn order(&mut self, order: &str) {
        self.orders.write_all(format!("{order}\n").as_bytes()).unwrap();
    }

    fn answer(&mut self) -> String {
        for line in self.answers.by_ref() {
            if let Some(answer) = line.unwrap().strip_prefix(ANSWER) {
                return answer.to_owned();
            }
        }
        panic!("a part is gone: {:?}", self.child.wait());
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // One that has ended by itself needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Two processes that are ready.
struct Parts([Part; 2]);

impl Parts {
    fn start(url: &str) -> Self {
        let mut parts = [Part::start(url), Part::start(url)];
        for part in &mut parts {
            assert_eq!(part.answer(), "ready");
        }
        Self(parts)
    }

    /// Tells each what to do in one moment.
    fn at_once(&mut self, orders: [String; 2]) -> [String; 2] {
        for (part, order) in self.0.iter_mut().zip(orders) {
            part.order(&order);
        }
        self.0.each_mut().map(Part::answer)
    }
}

async fn two_processes() -> Option<(Database, CockroachStore, Parts)> {
    let database = Database::fresh(Isolation::Serializable).await?;
    let parts = Parts::start(&database.inner().url());
    let store = database.store().await;
    Some((database, store, parts))
}

#[tokio::test]
async fn an_address_that_two_processes_want_goes_to_one() {
    let Some((_database, store, mut parts)) = two_processes().await else { return };
    for round in 0..ROUNDS {
        let answers = parts.at_once([0, 1].map(|which| format!("insert {} {round}", 2 * round + which)));
        let winner = match answers.each_ref().map(String::as_str) {
            ["done", "taken"] => sample::user_id(2 * round),
            ["taken", "done"] => sample::user_id(2 * round + 1),
            _ => panic!("round {round}: {answers:?}"),
        };
        let wanted = sample::email(&format!("wanted{round}@example.com"));
        assert_eq!(store.find_by_address(&wanted).await.unwrap().unwrap().id, winner);
    }
}

#[tokio::test]
async fn a_token_that_two_processes_spend_has_one_successor() {
    let Some((_database, store, mut parts)) = two_processes().await else { return };
    for round in 0..ROUNDS {
        let user = sample::user(round);
        let new = sample::login(&user, round, sample::NOW);
        store.insert(&user, &[]).await.unwrap();
        store.open(&new).await.unwrap();
        let orders = [0, 1].map(|which| format!("rotate {round} {}", 100 * round + which * AT_ONCE));
        let answers = parts.at_once(orders).join(" ");
        let answers: Vec<(&str, &str)> =
            answers.split(' ').map(|answer| answer.split_once('/').unwrap()).collect();
        let how_many = |wanted: &str| answers.iter().filter(|(rotation, _)| *rotation == wanted).count();
        assert_eq!(
            (how_many("Rotated"), how_many("Replayed")),
            (1, 2 * AT_ONCE as usize - 1),
            "round {round}: {answers:?}"
        );
        let pairs: BTreeSet<&str> = answers.iter().map(|(_, pair)| *pair).collect();
        let live = store.find_live(new.session.id, sample::NOW).await.unwrap().unwrap().session;
        assert_eq!(live.generation, 1);
        let pair = format!("{:?}/{:?}", live.refresh_id, live.access_id);
        assert_eq!(pairs, BTreeSet::from([pair.as_str()]), "both go on with the same pair");
    }
}

#[tokio::test]
async fn of_two_admins_one_stays_when_two_processes_demote_them() {
    let Some((_database, store, mut parts)) = two_processes().await else { return };
    let mut versions = [1_i64; 2];
    for number in [0, 1] {
        store.insert(&sample::admin(number), &[]).await.unwrap();
    }
    for round in 0..ROUNDS {
        let orders = [0, 1].map(|which| format!("demote {which} {}", versions[which] + 1));
        let answers = parts.at_once(orders);
        let demoted = match answers.each_ref().map(String::as_str) {
            ["done", "last"] => 0,
            ["last", "done"] => 1,
            _ => panic!("round {round}: {answers:?}"),
        };
        let mut found = store.find(sample::user_id(demoted)).await.unwrap().unwrap();
        assert!(found.role == Role::Admin && !found.active);
        found.version += 1;
        found.active = true;
        store.update(&found, &Deed::default()).await.unwrap();
        versions[demoted as usize] = found.version;
    }
}

#[tokio::test]
async fn logins_at_two_processes_do_not_pass_the_limit() {
    let Some((_database, store, mut parts)) = two_processes().await else { return };
    for round in 0..ROUNDS / 4 {
        let user = sample::user(round);
        store.insert(&user, &[]).await.unwrap();
        let sessions = 100 * round..100 * round + 2 * AT_ONCE;
        let orders = [0, 1].map(|which| format!("log_in {round} {}", sessions.start + which * AT_ONCE));
        assert_eq!(parts.at_once(orders), ["done", "done"]);
        let stored = store.find(user.id).await.unwrap().unwrap();
        assert_eq!(stored.version, user.version + i64::from(2 * AT_ONCE), "each login was noted");
        let mut live = 0;
        for session in sessions {
            let now = sample::seconds_later(500);
            live += usize::from(store.find_live(sample::session_id(session), now).await.unwrap().is_some());
        }
        assert_eq!(live, 4, "round {round}");
    }
}

#[tokio::test]
async fn two_processes_that_migrate_one_empty_database_carry_everything_out_once() {
    let Some(server) = PostgresServer::from_environment() else { return };
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/cockroach");
    let known = fs::read_dir(directory).unwrap().count();
    for _ in 0..5 {
        let database = server.database(DatabaseOptions::of_schema("empty"), async |_| {}).await;
        let mut parts = Parts::start(&database.url());
        let mut carried_out = parts
            .at_once(["migrate one".to_owned(), "migrate other".to_owned()])
            .map(|answer| answer.parse::<usize>().unwrap());
        carried_out.sort_unstable();
        assert_eq!(carried_out, [0, known]);
        let recorded = "SELECT count(*), count(DISTINCT version) FROM __diesel_schema_migrations";
        let recorded = database.client().await.query_one(recorded, &[]).await.unwrap();
        let known = i64::try_from(known).unwrap();
        assert_eq!((recorded.get::<_, i64>(0), recorded.get::<_, i64>(1)), (known, known));
        // The schema is complete, or it would not open.
        support::open(&database.url(), CockroachSettings::default()).await.close();
    }
}
