//! `doorward migrate`, and what a node makes of tables of another version.

use std::thread;
use std::time::{Duration, Instant};

use doorward_testkit::postgres::{TestDatabase, Vendor};

use crate::databases::{add_to, add_to_server, empty, make_newer, make_newer_on, make_older_on, migrated};
use crate::support::Place;

const STATUS: &[&str] = &["migrate", "status"];
const PLAN: &[&str] = &["migrate", "plan"];
const EXPAND: &[&str] = &["migrate", "apply", "--expand-only"];
const APPLY: &[&str] = &["migrate", "apply"];

/// Status, plan and application on a database that has nothing yet.
fn is_migrated_step_by_step(place: &Place, migrations: usize) {
    let (said, _) = place.ends_with(1, STATUS);
    assert!(said.starts_with("0001_users  pending\n") && said.lines().count() == migrations, "{said}");
    let (plan, _) = place.ends_with(0, PLAN);
    assert!(plan.starts_with("0001_users\n") && plan.lines().count() == migrations, "{plan}");
    assert!(!place.data_dir().exists(), "looking made something");

    let (said, _) = place.ends_with(0, APPLY);
    assert_eq!(said, format!("{plan}{migrations} migrations were carried out.\n"));
    let (said, _) = place.ends_with(0, STATUS);
    assert_eq!(said.matches("  applied\n").count(), migrations, "{said}");
    assert_eq!(place.ends_with(0, PLAN).0, "Nothing is to be done.\n");
    assert_eq!(place.ends_with(0, APPLY).0, "Everything is up to date.\n");
}

#[test]
fn a_file_is_migrated_by_command_alone_where_a_start_must_not() {
    let place = Place::new().with("DOORWARD_MIGRATE_AT_START", "false");
    let refused = place.refuses_to_serve();
    assert!(refused.contains("there is no such file; `doorward migrate apply` makes it"), "{refused}");
    assert!(!place.database().exists());
    std::fs::remove_dir(place.data_dir()).unwrap();
    is_migrated_step_by_step(&place, 5);
    place.serves();
}

#[tokio::test]
async fn a_server_is_migrated_by_command_alone() {
    let Some(database) = empty().await else { return };
    let place = Place::new().at(&database.url());
    let refused = place.refuses_to_serve();
    assert!(refused.contains("0001_users is missing; run `doorward migrate apply`"), "{refused}");
    std::fs::remove_dir(place.data_dir()).unwrap();
    is_migrated_step_by_step(&place, 33);
    assert!(!place.data_dir().exists(), "the keys are none of a migration's business");
    place.serves();
}

#[test]
fn newer_tables_of_a_file_are_left_alone() {
    let place = Place::new();
    place.serves();
    make_newer(&place.database());
    let refused = place.refuses_to_serve();
    assert!(refused.contains("newer version") && refused.contains("9999"), "{refused}");
    assert!(
        place
            .ends_with(3, STATUS)
            .0
            .contains("9999  unknown: of a newer version, beside which this one does not start\n")
    );
    assert!(place.ends_with(0, PLAN).0.contains("nothing would be done"));
    assert!(place.ends_with(3, APPLY).1.contains("9999"));
}

#[tokio::test]
async fn newer_tables_of_a_server_are_left_alone() {
    let Some(database) = migrated().await else { return };
    make_newer_on(&database).await;
    let place = Place::new().at(&database.url());
    let refused = place.refuses_to_serve();
    assert!(refused.contains("newer than this version") && refused.contains("9999"), "{refused}");
    assert!(
        place
            .ends_with(3, STATUS)
            .0
            .contains("9999  unknown: of a newer version, beside which this one does not start\n")
    );
    assert!(place.ends_with(3, APPLY).1.contains("9999"));
}

/// Serves, and says once that a newer version was here.
fn goes_on(place: &Place) {
    let service = place.start();
    service.banner();
    let (status, _, log) = service.stop();
    assert!(status.success(), "{log}");
    let (said, _) = place.ends_with(0, &["config", "check", "--connect"]);
    assert!(said.contains("can be used: a newer version has added to the tables"), "{said}");
    let said = "a newer version has added to the tables (9001expand to 9005expand)";
    assert_eq!(log.matches(said).count(), 1, "{log}");
    let (said, _) = place.ends_with(0, STATUS);
    assert!(
        said.contains("9003expand  unknown: of a newer version, beside which this one goes on\n"),
        "{said}"
    );
    assert_eq!(place.ends_with(0, PLAN).0, "Nothing is to be done.\n");
    assert_eq!(place.ends_with(0, APPLY).0, "Everything is up to date.\n");
}

#[test]
fn r31_a_file_that_a_newer_version_has_added_to_is_served() {
    let place = Place::new();
    place.serves();
    add_to(&place.database());
    goes_on(&place);
    goes_on(&place.with("DOORWARD_MIGRATE_AT_START", "false"));
}

#[tokio::test]
async fn r31_a_server_that_a_newer_version_has_added_to_is_used() {
    let Some(database) = migrated().await else { return };
    add_to_server(&database).await;
    let place = Place::new().at(&database.url());
    goes_on(&place);
    let taken_away = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9006contract')";
    database.client().await.batch_execute(taken_away).await.unwrap();
    let refused = place.refuses_to_serve();
    assert!(refused.contains("9006contract; run a newer doorward, or restore a backup"), "{refused}");
    assert!(place.ends_with(3, STATUS).0.contains("9006contract  unknown: of a newer version, beside which"));
}

#[tokio::test]
async fn older_tables_of_a_server_are_refused_by_name() {
    let Some(database) = migrated().await else { return };
    make_older_on(&database).await;
    let place = Place::new().at(&database.url());
    let refused = place.refuses_to_serve();
    assert!(
        refused.contains("0033_audit_log_by_refusal is missing; run `doorward migrate apply`"),
        "{refused}"
    );
    // What every version needs is no matter of those that only take away.
    assert_eq!(place.ends_with(0, EXPAND).0, "0033_audit_log_by_refusal\n1 migration was carried out.\n");
    place.serves();
}

#[tokio::test]
async fn two_that_migrate_at_once_are_as_good_as_one() {
    let Some(database) = empty().await else { return };
    let place = Place::new().at(&database.url());
    let said: Vec<_> = thread::scope(|scope| {
        let both: Vec<_> = (0..2).map(|_| scope.spawn(|| place.ends_with(0, APPLY).0)).collect();
        both.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(said.concat().matches("0033_audit_log_by_refusal\n").count(), 1, "{said:?}");
    place.ends_with(0, STATUS);
}

/// Whoever holds the lease on the migrations.
async fn owner(database: &TestDatabase) -> Option<String> {
    let client = database.client().await;
    let row = client.query_one("SELECT owner FROM schema_migration_lock WHERE id = 1", &[]).await;
    row.unwrap().get(0)
}

#[tokio::test]
async fn somebody_who_waits_for_another_ones_migrations_stops_at_once() {
    let Some(database) = migrated().await else { return };
    make_older_on(&database).await;
    let taken = "UPDATE schema_migration_lock SET owner = 'ada', expires_at = now() + INTERVAL '1 hour'";
    database.client().await.batch_execute(taken).await.unwrap();
    let place = Place::new().at(&database.url());
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let waiting = place.begin(APPLY);
        waiting.said_with("Waiting for ada, which is at it already; if it died, for at most a minute.");
        let asked = Instant::now();
        waiting.signal(signal);
        let (status, _, complaint) = waiting.wait();
        assert_eq!(status.code(), Some(code), "{complaint}");
        assert!(complaint.contains("what is missing is carried out when it is run again"), "{complaint}");
        assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    }
    assert_eq!(owner(&database).await.as_deref(), Some("ada"));
}

#[tokio::test]
async fn migrations_that_are_stopped_finish_what_was_begun_and_give_the_lease_back() {
    let Some(database) = empty().await else { return };
    if database.vendor() != Vendor::Postgres {
        // There no table that somebody else is making is waited for.
        return;
    }
    let in_the_way = database.client().await;
    in_the_way.batch_execute("BEGIN; CREATE TABLE users (id INT4)").await.unwrap();
    let place = Place::new().at(&database.url());
    let migrating = place.begin(APPLY);
    migrating.said_with("0001_users\n");
    assert!(owner(&database).await.is_some());
    migrating.signal("TERM");
    migrating.log_with("stopping as soon as the migration that has begun is through");
    in_the_way.batch_execute("ROLLBACK").await.unwrap();
    let (status, said, complaint) = migrating.wait();
    assert_eq!(status.code(), Some(143), "{complaint}");
    assert_eq!(said, "0001_users\n");
    assert_eq!(owner(&database).await, None);
    assert!(place.ends_with(0, APPLY).0.ends_with("migrations were carried out.\n"));
}

#[tokio::test]
async fn one_connection_for_a_node_is_enough_for_migrations_too() {
    let Some(database) = empty().await else { return };
    let place = Place::new().at(&database.url()).with("DOORWARD_DATABASE_POOL_SIZE", "1");
    place.ends_with(0, APPLY);
    place.serves();
}

#[test]
fn a_database_out_of_reach_may_be_tried_later() {
    let place = Place::new()
        .at("postgresql://doorward:open-sesame@127.0.0.1:1/doorward")
        .with("DOORWARD_DATABASE_START_TIMEOUT", "0");
    let password = place.file("password", "correct horse batt");
    let admin = ["admin", "create", "ada@example.com", "--password-file", password.to_str().unwrap()];
    let keys = ["fingerprints", "adopt"].map(|command| ["keys", command]);
    for command in [STATUS, PLAN, APPLY, &admin, &keys[0], &keys[1]] {
        let (_, complaint) = place.ends_with(75, command);
        assert!(complaint.contains("127.0.0.1:1/doorward is out of reach"), "{complaint}");
        assert!(!complaint.contains("sesame"), "{complaint}");
    }
}
