//! Rows of the audit log that this version never wrote, and what is forgotten of it.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

mod support;

use std::time::Duration;

use doorward_domain::audit::AuditEntry;
use doorward_domain::port::{AuditLog, AuditPosition, AuditQuery, OldEntries};
use doorward_testkit::postgres::Isolation;
use doorward_testkit::sample;

use support::Database;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// As a newer version may write it.
const STRANGE: &str = "UPDATE audit_log SET action = 'user.teleport', actor = 'nobody', target = 'a@b@c', \
    address = 'behind the moon', details = '{\"from\": \"here\", \"hops\": [1, 2]}' WHERE id = $1::TEXT::UUID";

fn everything() -> AuditQuery {
    AuditQuery { limit: 10, ..AuditQuery::default() }
}

#[tokio::test]
async fn what_is_not_understood_is_told_as_it_stands_and_hides_nothing_else() {
    let Some(database) = Database::fresh(Isolation::Serializable).await else { return };
    let store = database.store().await;
    let [first, second, third] = [1, 2, 3].map(sample::full_entry);
    for entry in [&first, &second, &third] {
        store.record(entry).await.unwrap();
    }
    let client = database.inner().client().await;
    client.execute(STRANGE, &[&second.id.to_string()]).await.unwrap();

    let [newest, strange, oldest] = &store.list_entries(&everything()).await.unwrap()[..] else { panic!() };
    assert_eq!((newest, oldest), (&third, &first));
    assert_eq!(strange.action.as_str(), "user.teleport");
    let names = [&strange.actor, &strange.target].map(|party| party.as_ref().unwrap().username.normal());
    assert_eq!(names, ["nobody", "a@b@c"]);
    let details = [("address", "behind the moon"), ("from", "here"), ("hops", "[1,2]")];
    let details = details.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!((strange.address, &strange.details), (None, &details.into()));

    client.execute("UPDATE audit_log SET details = '7'", &[]).await.unwrap();
    let told = store.list_entries(&everything()).await.unwrap();
    assert!(told.iter().all(|entry| entry.details["details"] == "7"), "{told:?}");
}

/// Also where it has written entries itself.
#[tokio::test]
async fn a_node_whose_clock_is_far_ahead_forgets_nothing_that_is_young_by_the_databases_clock() {
    let Some(database) = Database::fresh(Isolation::Serializable).await else { return };
    let store = database.store().await;
    let far = sample::NOW.plus(DAY * 365 * 100);
    let (old, young) = (sample::entry(1), AuditEntry { at: far, ..sample::entry(2) });
    for entry in [&old, &young] {
        store.record(entry).await.unwrap();
    }
    let everything_is_old = OldEntries { now: far.plus(DAY * 365), kept: DAY, beyond: None, limit: 10 };
    assert_eq!(store.forget(&everything_is_old).await.unwrap(), [AuditPosition::after(&old)]);
    assert_eq!(store.list_entries(&everything()).await.unwrap(), [young]);
}
