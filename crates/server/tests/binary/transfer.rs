//! `doorward transfer`: everything goes along, nobody is logged out, and nothing is ever overwritten.

use std::path::Path;

use doorward_testkit::postgres::TestDatabase;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::databases::{empty, make_unfinished, migrated};
use crate::support::{Doorward, Place};

const ADA: (&str, &str) = ("ada@example.com", "correct horse batt");
const BOB: (&str, &str) = ("bob@example.com", "battery staple cor");

fn url_of(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

fn transfer<'a>(from: &'a str, to: &'a str) -> [&'a str; 5] {
    ["transfer", "--from", from, "--to", to]
}

/// The lines with counts and digests.
fn sums(said: &str) -> Vec<String> {
    said.lines().filter(|line| line.contains("SHA-256")).map(str::to_owned).collect()
}

/// A place with the settings for URLs of the tests' server.
fn place() -> Place {
    Place::new().with("DOORWARD_DATABASE_ALLOW_UNVERIFIED", "true")
}

async fn logout(service: &Doorward, access: &str) {
    let (status, body) = service.ask(Method::GET, "/api/auth/logout", access, &Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

/// Tokens of a session that lives, and of one that was ended.
struct Sessions {
    living: [String; 2],
    ended: [String; 2],
}

impl Sessions {
    async fn open(service: &Doorward, (username, password): (&str, &str)) -> Self {
        service.register(username, password).await;
        let [living, ended] =
            [service.tokens(username, password).await, service.tokens(username, password).await];
        logout(service, &ended[0]).await;
        Self { living, ended }
    }

    /// The living session lives, and can be refreshed; the ended one has ended.
    async fn are_as_before(&mut self, service: &Doorward) {
        assert_eq!(service.me(&self.living[0]).await, StatusCode::OK);
        assert_eq!(service.me(&self.ended[0]).await, StatusCode::UNAUTHORIZED);
        let refresh = |token: String| async move {
            service.ask(Method::POST, "/api/auth/refresh", &token, &Value::Null).await
        };
        assert_eq!(refresh(self.ended[1].clone()).await.0, StatusCode::UNAUTHORIZED);
        let (status, body) = refresh(self.living[1].clone()).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        self.living =
            ["access_token", "refresh_token"].map(|name| body["results"][name].as_str().unwrap().to_owned());
    }
}

/// A service in a file, with Ada's and Bob's accounts, that has stopped again.
async fn used(place: &Place) -> [Sessions; 2] {
    let service = place.start();
    service.banner();
    let sessions = [Sessions::open(&service, ADA).await, Sessions::open(&service, BOB).await];
    service.stop();
    sessions
}

#[tokio::test]
async fn nobody_is_logged_out_by_going_to_a_server_and_back() {
    let Some(database) = migrated().await else { return };
    let place = place();
    let mut sessions = used(&place).await;
    let (file, server, back) =
        (url_of(&place.database()), database.url(), url_of(&place.data_dir().join("back.db")));
    let (said, _) = place.ends_with(0, &transfer(&file, &server));
    let sums_there = sums(&said);
    assert!(sums_there[0].contains("3 accounts") && sums_there[1].contains("4 sessions"), "{said}");
    // Three accounts were opened, four sessions as well, and two of them ended.
    assert!(sums_there[2].contains("9 audit entries"), "{said}");
    assert!(said.contains("data/keys") && said.contains("data/pepper"), "{said}");
    let (said, _) = place.ends_with(0, &transfer(&server, &back));
    assert_eq!(sums(&said), sums_there);

    for url in [&server, &back] {
        let mut command = place.command();
        let service = Doorward::spawn(command.env("DOORWARD_DATABASE_URL", url));
        assert!(!service.banner().contains("password"), "an admin was made");
        for (sessions, (username, password)) in sessions.iter_mut().zip([ADA, BOB]) {
            // Both copies are of the same moment, so each refreshes the session that was there then.
            let mut sessions = Sessions { living: sessions.living.clone(), ended: sessions.ended.clone() };
            sessions.are_as_before(&service).await;
            assert_eq!(service.login(username, password).await, StatusCode::OK);
        }
        service.stop();
    }
}

#[tokio::test]
async fn what_happened_on_the_server_comes_back_too() {
    let Some(database) = migrated().await else { return };
    let place = place();
    let [mut ada, bob] = used(&place).await;
    let (file, server, back) =
        (url_of(&place.database()), database.url(), url_of(&place.data_dir().join("back.db")));
    place.ends_with(0, &transfer(&file, &server));
    let service = Doorward::spawn(place.command().env("DOORWARD_DATABASE_URL", &server));
    service.banner();
    ada.are_as_before(&service).await;
    logout(&service, &bob.living[0]).await;
    service.stop();

    place.ends_with(0, &transfer(&server, &back));
    let service = Doorward::spawn(place.command().env("DOORWARD_DATABASE_URL", &back));
    service.banner();
    ada.are_as_before(&service).await;
    assert_eq!(service.me(&bob.living[0]).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_interrupted_transfer_is_not_served_from_and_goes_on_where_it_was() {
    let Some(database) = migrated().await else { return };
    let place = place();
    let mut sessions = used(&place).await;
    let (file, server) = (url_of(&place.database()), database.url());
    interrupt(&place, &database, &file).await;

    let on_server = Place::new().at(&server);
    let password = on_server.file("password", ADA.1);
    let create = ["admin", "create", "eve@example.com", "--password-file", password.to_str().unwrap()];
    for command in [&["serve"][..], &create] {
        let (_, complaint) = on_server.ends_with(1, command);
        assert!(complaint.contains("has only a part of what sqlite:///"), "{complaint}");
        assert!(complaint.contains("finish it with: doorward transfer --from sqlite:///"), "{complaint}");
    }
    let other = place.data_dir().join("other.db");
    place.ends_with(0, &transfer(&file, &url_of(&other)));
    let (_, complaint) = place.ends_with(1, &transfer(&url_of(&other), &server));
    assert!(complaint.contains("has a part of what sqlite:///"), "{complaint}");

    place.ends_with(0, &transfer(&file, &server));
    let service = Doorward::spawn(place.command().env("DOORWARD_DATABASE_URL", &server));
    service.banner();
    for sessions in &mut sessions {
        sessions.are_as_before(&service).await;
    }
}

/// Stops a transfer while it waits to write the first account.
async fn interrupt(place: &Place, database: &TestDatabase, file: &str) {
    let mut client = database.client().await;
    let lock = client.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE users IN EXCLUSIVE MODE").await.unwrap();
    let running = place.begin(&transfer(file, &database.url()));
    let blocked = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND database = \
                   (SELECT oid FROM pg_database WHERE datname = current_database())";
    while !lock.query_one(blocked, &[]).await.unwrap().get::<_, bool>(0) {}
    running.signal("INT");
    running.log_with("Stopping as soon as what is being written is written.");
    lock.rollback().await.unwrap();
    let (status, _, stderr) = running.wait();
    assert_eq!(status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("running the same command again goes on"), "{stderr}");
}

#[tokio::test]
async fn a_target_with_accounts_is_left_alone() {
    let [source, target] = [place(), place()];
    let _sessions = (used(&source).await, used(&target).await);
    let (file, other) = (url_of(&source.database()), url_of(&target.database()));
    let (_, complaint) = source.ends_with(1, &transfer(&file, &other));
    assert!(
        complaint.contains("has accounts or an audit log already, and nothing is ever overwritten"),
        "{complaint}"
    );
    target.serves();
}

#[tokio::test]
async fn a_database_must_have_its_tables_before() {
    let Some(database) = empty().await else { return };
    let place = place();
    place.serves();
    let (file, server) = (url_of(&place.database()), database.url());
    let (_, complaint) = place.ends_with(1, &transfer(&file, &server));
    assert!(
        complaint.contains("the target cannot be used; with its URL as DOORWARD_DATABASE_URL"),
        "{complaint}"
    );
    assert!(complaint.contains("0001_users is missing"), "{complaint}");
    let (_, complaint) = place.ends_with(1, &transfer(&server, &file));
    assert!(
        complaint.contains("the source cannot be used") && complaint.contains("0001_users"),
        "{complaint}"
    );
}

#[test]
fn a_source_that_is_not_there_is_not_made() {
    let place = place();
    std::fs::create_dir(place.data_dir()).unwrap();
    let [from, to] = ["from.db", "to.db"].map(|name| place.data_dir().join(name));
    let (_, complaint) = place.ends_with(1, &transfer(&url_of(&from), &url_of(&to)));
    assert!(
        complaint.contains("the source cannot be used") && complaint.contains("no such file"),
        "{complaint}"
    );
    assert!(!from.exists() && !to.exists());
}

#[test]
fn a_source_with_a_part_is_no_source() {
    let place = place();
    place.serves();
    make_unfinished(&place.database(), "sqlite:///elsewhere.db");
    let (from, to) = (url_of(&place.database()), url_of(&place.data_dir().join("to.db")));
    let (_, complaint) = place.ends_with(1, &transfer(&from, &to));
    assert!(complaint.contains("is itself the target of a transfer that was not finished"), "{complaint}");
}

#[test]
fn urls_may_be_in_the_environment_and_are_never_repeated() {
    let place = place();
    place.serves();
    let to = place.data_dir().join("to.db");
    let mut command = place.command();
    command.env("DOORWARD_TRANSFER_FROM", url_of(&place.database())).env("DOORWARD_TRANSFER_TO", url_of(&to));
    let output = command.arg("transfer").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let secret = "postgresql://doorward:open-sesame@localhost:port/doorward";
    let output = place.command().args(["transfer", "--help"]).env("DOORWARD_TRANSFER_TO", secret).output();
    assert!(!String::from_utf8(output.unwrap().stdout).unwrap().contains("sesame"));
    let (_, complaint) = place.ends_with(2, &transfer(secret, "sqlite:to.db"));
    assert!(complaint.contains("--from (or DOORWARD_TRANSFER_FROM) cannot be used: the port"), "{complaint}");
    assert!(!complaint.contains("sesame"), "{complaint}");
    let (_, complaint) = place.ends_with(2, &transfer("sqlite:data/../a.db", "sqlite://./a.db"));
    assert!(complaint.contains("--from and --to are the same database"), "{complaint}");
    let away = "postgresql://doorward:open-sesame@127.0.0.1:1/doorward";
    let mut command = place.command();
    command.args(transfer(away, "sqlite:to.db")).env("DOORWARD_DATABASE_START_TIMEOUT", "0");
    let output = command.output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(75), "{complaint}");
    assert!(complaint.contains("127.0.0.1:1/doorward is out of reach") && !complaint.contains("sesame"));
}

#[test]
fn cfg_01_the_urls_may_stand_in_files_for_their_owner_alone() {
    let place = Place::new();
    place.serves();
    let from = place.secret("from", &url_of(&place.database()));
    let to = place.secret("to", &format!("{}\n", url_of(&place.data_dir().join("other.db"))));
    let place = place.with("DOORWARD_TRANSFER_FROM_FILE", &from);
    let [to, open] = [to, place.file("open", "open-sesame")].map(|file| file.display().to_string());
    let (said, _) = place.ends_with(0, &["transfer", "--to-file", &to]);
    assert!(said.contains("1 accounts"), "{said}");
    let (_, complaint) = place.ends_with(2, &["transfer", "--to-file", &open]);
    assert!(complaint.contains("it has mode 0644") && complaint.contains(&open), "{complaint}");
    let (_, complaint) = place.ends_with(2, &["transfer", "--to-file", &to, "--to", "sqlite:other.db"]);
    assert!(complaint.contains("cannot be used with"), "{complaint}");
    assert!(place.ends_with(2, &["transfer"]).1.contains("--to"), "one end is missing");
}
