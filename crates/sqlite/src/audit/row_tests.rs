//! Rows of the audit log that this version never wrote.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use doorward_domain::port::{AuditLog, AuditQuery};
use doorward_testkit::sample;

use crate::open::DatabaseFile;
use crate::{SqliteSettings, SqliteStore};

/// As a newer version may write it.
const STRANGE: &str = "PRAGMA ignore_check_constraints = ON; \
    UPDATE audit_log SET action = 'user.teleport', outcome = 'put off', actor = 'nobody', target = 'a@b@c', \
        address = 'behind the moon', details = '{\"from\": \"here\", \"hops\": [1, 2]}' \
    WHERE id = x'";

#[tokio::test]
async fn what_is_not_understood_is_told_as_it_stands_and_hides_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    let store = SqliteStore::open(&path, SqliteSettings::default()).unwrap();
    let [first, second, third] = [1, 2, 3].map(sample::full_entry);
    for entry in [&first, &second, &third] {
        store.record(entry).await.unwrap();
    }
    let (_, mut connection) = DatabaseFile::open(&path, Duration::ZERO).unwrap();
    connection.batch_execute(&format!("{STRANGE}{}'", second.id.uuid().simple())).unwrap();

    let query = AuditQuery { limit: 10, ..AuditQuery::default() };
    let [newest, strange, oldest] = &store.list_entries(&query).await.unwrap()[..] else { panic!() };
    assert_eq!((newest, oldest), (&third, &first));
    assert_eq!((strange.action.as_str(), strange.outcome.as_str()), ("user.teleport", "put off"));
    let names = [&strange.actor, &strange.target].map(|party| party.as_ref().unwrap().username.normal());
    assert_eq!(names, ["nobody", "a@b@c"]);
    assert_eq!(strange.address, None);
    let details = [("address", "behind the moon"), ("from", "here"), ("hops", "[1,2]")];
    let details = details.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(strange.details, details.into());

    connection.batch_execute("UPDATE audit_log SET details = '7'").unwrap();
    let told = store.list_entries(&query).await.unwrap();
    assert!(told.iter().all(|entry| entry.details["details"] == "7"), "{told:?}");
}
