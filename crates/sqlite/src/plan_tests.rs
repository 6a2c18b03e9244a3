//! What every step but lists does to the file, by `SQLite`'s own account: look into an index, never read a table
//! through.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::connection::{Connection, InstrumentationEvent};
use diesel::debug_query;
use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteConnection};
use doorward_domain::audit::Deed;
use doorward_domain::port::{
    AuditLog, Ending, Epoch, EpochRegistry, NewPassword, PasswordChange, SessionRepository, UserRepository,
    Which,
};
use doorward_domain::token::EndReason;
use doorward_domain::user::{HashScheme, PasswordHash, User};
use doorward_testkit::sample;

use crate::open::DatabaseFile;
use crate::{SqliteSettings, SqliteStore};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// Every statement that the store's threads carry out from now on.
async fn overhear(store: &SqliteStore) -> Arc<Mutex<BTreeSet<String>>> {
    let heard = Arc::new(Mutex::new(BTreeSet::new()));
    let listen = |connection: &mut SqliteConnection, heard: Arc<Mutex<BTreeSet<String>>>| {
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let text = query.to_string();
                let text = text.split_once(" -- binds").map_or(text.as_str(), |(text, _)| text);
                heard.lock().unwrap().insert(text.to_owned());
            }
        });
        Ok(())
    };
    let (reading, writing) = (heard.clone(), heard.clone());
    store.look_up(move |connection| listen(connection, reading)).await.unwrap();
    let written: Result<(), doorward_domain::port::StoreError> = store
        .write(move |connection| {
            listen(connection, writing)?;
            Ok(())
        })
        .await;
    written.unwrap();
    heard
}

/// A life with everything in it.
async fn live(store: &SqliteStore) {
    let (user, admin) = (sample::user(1), sample::admin(2));
    for user in [&user, &admin] {
        store.insert(user, &[]).await.unwrap();
    }
    store.find_by_address(&user.email).await.unwrap();
    for number in 1..=3 {
        let mut new = sample::login(&user, number, sample::NOW);
        new.max_live = 2;
        store.open(&new).await.unwrap();
    }
    let session = sample::session(&user, 3, sample::NOW);
    store.find_live(session.id, sample::NOW).await.unwrap();
    let spend = sample::successor(1);
    store
        .rotate(session.id, session.refresh_id, spend, sample::NOW, sample::LIMITS, &sample::reuse())
        .await
        .unwrap();
    let change = PasswordChange {
        user_id: user.id,
        seen: user.password.clone(),
        new: PasswordHash::new(HashScheme::Peppered, "new"),
        session_id: session.id,
        successor: sample::successor(2),
        at: sample::NOW,
        entries: Vec::new(),
    };
    store.change_password(&change).await.unwrap();
    store.list_live(user.id, sample::NOW).await.unwrap();
    let deed = sample::deed_of(&session, false, 1);
    let ending = sample::ending(&session, EndReason::Logout, sample::NOW);
    let others = Ending { which: Which::Others(session.id), ..ending.clone() };
    store.end(&others).await.unwrap();
    store.end(&Ending { deed, ..ending }).await.unwrap();
    let hash = PasswordHash::new(HashScheme::Peppered, "newer");
    let new = NewPassword { user_id: user.id, hash, at: sample::NOW, entry: sample::entry(3) };
    for _ in 0..2 {
        store.set_password(&new).await.unwrap();
    }
    store.record(&sample::full_entry(2)).await.unwrap();
    // Long after: what expired is cleared out.
    let (seen, later) = (new.hash, sample::seconds_later(100 * 24 * 60 * 60));
    let again = doorward_domain::port::NewSession { seen, ..sample::login(&user, 4, later) };
    store.open(&again).await.unwrap();
    let user = store.find(user.id).await.unwrap().unwrap();
    store
        .update(&User { version: user.version + 1, active: false, ..user.clone() }, &Deed::default())
        .await
        .unwrap();
    store.delete_with_sessions(user.id, &Deed::default()).await.unwrap();
    let epoch = Epoch { id: user.id.uuid(), witness: None };
    store.begin(None, &epoch).await.unwrap();
    store.begin(Some(epoch.id), &epoch).await.unwrap();
    store.present().await.unwrap();
}

/// The steps of a statement where there is nothing in the tables.
pub(crate) fn explain(statement: &impl QueryFragment<Sqlite>) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let statement = debug_query(statement).to_string();
    let (text, _binds) = statement.split_once(" -- binds").unwrap();
    plan(&directory.path().join("doorward.db"), text)
}

fn plan(path: &Path, statement: &str) -> Vec<String> {
    let (_, mut connection) = DatabaseFile::open(path, Duration::ZERO).unwrap();
    let steps: Vec<Step> =
        diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(&mut connection).unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

#[tokio::test]
async fn no_step_reads_a_table_through_or_sorts_more_than_one_accounts_sessions() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    let settings = SqliteSettings { readers: 1, ..SqliteSettings::default() };
    let store = SqliteStore::open(&path, settings).unwrap();
    let heard = overhear(&store).await;
    live(&store).await;
    store.close();

    let heard = std::mem::take(&mut *heard.lock().unwrap());
    let about_rows = |statement: &&String| {
        ["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(|verb| statement.starts_with(verb))
    };
    let statements: Vec<_> = heard.iter().filter(about_rows).collect();
    assert!(statements.len() > 15, "{statements:#?}");
    for statement in statements {
        let steps = plan(&path, statement);
        assert!(
            !steps.iter().any(|step| step.starts_with("SCAN ") && !step.contains("CONSTANT ROW")),
            "{statement}: {steps:?}"
        );
        // SQLite plans a statement anew each time a value is bound to its LIMIT: seven times the cost of a look-up.
        assert!(!statement.contains("LIMIT"), "{statement}");
        let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE"));
        assert!(
            !sorts || steps[0].contains("sessions_by_user (user_id=? AND ended_at=?"),
            "{statement}: {steps:?}"
        );
    }
}
