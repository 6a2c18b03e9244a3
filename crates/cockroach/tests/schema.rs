//! The tables as they are: made, made again, taken back, and just those that the code reads and writes.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use doorward_testkit::postgres::{DatabaseOptions, Isolation, PostgresServer};
use tokio_postgres::Client;

use support::Database;

fn migrations() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/cockroach");
    let mut found: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// Runs a file of every migration.
async fn run(client: &Client, file: &str, migrations: impl Iterator<Item = &PathBuf>) {
    for migration in migrations {
        let sql = fs::read_to_string(migration.join(file)).unwrap();
        client.batch_execute(&sql).await.unwrap();
    }
}

const COLUMNS: &str = "SELECT table_name || '.' || column_name, data_type, is_nullable \
     FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1";

/// The type of each column, with a question mark where it may be missing.
async fn columns(client: &Client) -> BTreeMap<String, String> {
    let rows = client.query(COLUMNS, &[]).await.unwrap();
    rows.iter()
        .map(|row| {
            let optional = if row.get::<_, &str>(2) == "YES" { "?" } else { "" };
            (row.get(0), format!("{}{optional}", row.get::<_, &str>(1)))
        })
        .collect()
}

async fn indexes(client: &Client) -> Vec<String> {
    let rows = client
        .query("SELECT indexname::TEXT FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1", &[])
        .await
        .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn every_migration_may_run_twice_and_be_taken_back() {
    let Some(server) = PostgresServer::from_environment() else { return };
    let database = server.database(DatabaseOptions::of_schema("empty"), async |_| {}).await;
    let client = database.client().await;
    let migrations = migrations();
    run(&client, "up.sql", migrations.iter()).await;
    let (once, indexed_once) = (columns(&client).await, indexes(&client).await);
    assert!(once.len() > 40 && indexed_once.len() > 20, "{once:#?} {indexed_once:#?}");
    run(&client, "up.sql", migrations.iter()).await;
    assert_eq!((columns(&client).await, indexes(&client).await), (once.clone(), indexed_once.clone()));
    for _ in 0..2 {
        run(&client, "down.sql", migrations.iter().rev()).await;
        assert_eq!(columns(&client).await, BTreeMap::new());
    }
    run(&client, "up.sql", migrations.iter()).await;
    assert_eq!((columns(&client).await, indexes(&client).await), (once, indexed_once));
}

/// The columns as `diesel::table!` has them, with the types of the catalogue.
fn declared() -> BTreeMap<String, String> {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../sql/src/schema.rs")).unwrap();
    let mut declared = BTreeMap::new();
    let mut table = "";
    for line in text.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            table = name;
        } else if let Some((column, kind)) = line.split_once(" -> ").filter(|_| line.ends_with(',')) {
            let kind = kind.trim_end_matches(',');
            let bare = kind.strip_prefix("Nullable<").and_then(|rest| rest.strip_suffix('>'));
            let name = match bare.unwrap_or(kind) {
                "IdColumn" => "uuid",
                "TimeColumn" => "timestamp with time zone",
                "JsonColumn" => "jsonb",
                "Text" => "text",
                "Bool" => "boolean",
                "BigInt" => "bigint",
                "SmallInt" => "smallint",
                other => other,
            };
            let optional = if bare.is_some() { "?" } else { "" };
            declared.insert(format!("{table}.{column}"), format!("{name}{optional}"));
        }
    }
    declared
}

#[tokio::test]
async fn the_tables_are_those_that_the_code_knows() {
    let Some(database) = Database::fresh(Isolation::Serializable).await else { return };
    let mut found = columns(&database.inner().client().await).await;
    found
        .retain(|column, _| !column.starts_with("schema_migration_lock.") && !column.starts_with("__diesel"));
    assert_eq!(found, declared());
}

#[tokio::test]
async fn every_reference_has_an_index_of_ours() {
    let Some(database) = Database::fresh(Isolation::Serializable).await else { return };
    let client = database.inner().client().await;
    let references = "SELECT conrelid::regclass::TEXT, a.attname::TEXT FROM pg_constraint c \
         JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE contype = 'f' ORDER BY 1";
    let found: Vec<(String, String)> =
        client.query(references, &[]).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    for (table, column) in found {
        let covering = format!(
            "SELECT count(*) FROM pg_indexes WHERE tablename = '{table}' AND indexdef LIKE '%({column}%'"
        );
        let indexes: i64 = client.query_one(&covering, &[]).await.unwrap().get(0);
        assert_eq!(indexes, 1, "{table}.{column}");
    }
}
